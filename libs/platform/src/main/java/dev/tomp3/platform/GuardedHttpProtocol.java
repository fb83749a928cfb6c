package dev.tomp3.platform;

import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.util.NetMask;
import org.apache.coyote.AbstractProcessor;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connector that slow clients cannot exhaust. Tomcat's own timeouts restart with each
 * byte, so that a client that sends one byte at a time can hold a connection for days.
 *
 * <ul>
 *   <li>The headers of a request must be complete {@link #setHeaderTimeout} after its first byte,
 *       or the connection is closed.
 *   <li>A body has the deadlines of {@link BodyDeadline}.
 *   <li>One address, or IPv6 network, has at most {@link #setMaxConnectionsPerAddress} connections;
 *       further ones are closed at once. Trusted proxies, behind which all clients have one
 *       address, are exempt.
 *   <li>All connections together take at most about half of the heap in any case. An {@link
 *       OpenResponse} takes a tenth of what others do, so that more of these are allowed.
 * </ul>
 */
public final class GuardedHttpProtocol extends Http11NioProtocol {
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    /** Twice the heap that a connection with a request takes. */
    private static final long HEAP_PER_CONNECTION = 256 * 1024;

    /** As many open responses take the heap of one other connection. */
    private static final int OPEN_RESPONSES_PER_CONNECTION = 10;

    /** The limit is raised by more than the acceptor takes until {@link Endpoint#raise} ends. */
    private static final int MIN_RAISE = 64;

    /** The clock that Tomcat takes the start time of a request from. */
    private final NanoClock clock = NanoClock.system();

    private Duration headerTimeout = Duration.ofSeconds(30);
    private BodyDeadline.Limits bodies = BodyDeadline.Limits.DEFAULT;
    private int maxConnectionsPerAddress;
    private List<NetMask> exempt = List.of();
    private @Nullable Future<?> check;
    private int configuredConnections;
    private int fittingConnections;

    public GuardedHttpProtocol() {
        Endpoint endpoint = new Endpoint();
        super(endpoint);
        endpoint.protocol = this;
    }

    /** In milliseconds, as Tomcat's other timeouts. */
    public void setHeaderTimeout(long millis) {
        headerTimeout = Duration.ofMillis(millis);
    }

    void setBodyLimits(BodyDeadline.Limits limits) {
        bodies = limits;
    }

    /**
     * @param count 0: no limit
     * @param proxies to which the limit does not apply
     */
    void setMaxConnectionsPerAddress(int count, List<NetMask> proxies) {
        maxConnectionsPerAddress = count;
        exempt = List.copyOf(proxies);
    }

    @Override
    public void init() throws Exception {
        long fitting = Runtime.getRuntime().maxMemory() / HEAP_PER_CONNECTION;
        configuredConnections = getMaxConnections();
        fittingConnections = (int) Math.min(configuredConnections, fitting);
        setMaxConnections(fittingConnections);
        super.init();
    }

    @Override
    public void start() throws Exception {
        super.start();
        check =
                getUtilityExecutor()
                        .scheduleWithFixedDelay(
                                this::checkConnections,
                                CHECK_INTERVAL.toMillis(),
                                CHECK_INTERVAL.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() throws Exception {
        if (check != null) check.cancel(false);
        super.stop();
    }

    @Override
    public void setAdapter(Adapter adapter) {
        super.setAdapter(new BodyDeadline.Guard(adapter));
    }

    @Override
    protected Processor createProcessor() {
        return new BodyDeadline.GuardedProcessor(this, getAdapter(), bodies, clock);
    }

    private void checkConnections() {
        closeSlow();
        long open =
                getEndpoint().getConnections().stream()
                        .filter(connection ->
                                connection.getCurrentProcessor() instanceof Processor processor
                                        && processor.isUpgrade())
                        .count();
        int limit =
                (int)
                        Math.min(
                                configuredConnections,
                                fittingConnections + open - open / OPEN_RESPONSES_PER_CONNECTION);
        int current = getMaxConnections();
        if (limit < current) setMaxConnections(limit);
        else if (limit >= current + MIN_RAISE
                || (limit == configuredConnections && limit > current))
            ((Endpoint) getEndpoint()).raise(limit);
    }

    private void closeSlow() {
        for (SocketWrapperBase<NioChannel> connection : getEndpoint().getConnections()) {
            // a connection has a current processor only while it waits for more header bytes:
            // Tomcat takes the processor as soon as bytes arrive
            if (connection.getCurrentProcessor() instanceof AbstractProcessor processor
                    && !processor.isAsync()
                    && !processor.isUpgrade()) {
                long start = processor.getRequest().getStartTimeNanos();
                if (start >= 0 && clock.since(start).compareTo(headerTimeout) > 0)
                    connection.close();
            }
        }
    }

    private boolean mayConnect(InetAddress address) {
        if (maxConnectionsPerAddress == 0
                || exempt.stream().anyMatch(proxies -> proxies.matches(address))) return true;
        // counted anew each time: a counter would drift with the first close that it misses
        String network = ClientNetwork.of(address.getHostAddress());
        long count =
                getEndpoint().getConnections().stream()
                        .map(SocketWrapperBase::getRemoteAddr)
                        .filter(other -> other != null && network.equals(ClientNetwork.of(other)))
                        .limit(maxConnectionsPerAddress)
                        .count();
        return count < maxConnectionsPerAddress;
    }

    /** Closes a connection that is one too many before anything is allocated for it. */
    private static final class Endpoint extends NioEndpoint {
        private @Nullable GuardedHttpProtocol protocol;

        /** Raises the limit, and wakes the acceptor if it waits for a connection to end. */
        void raise(int limit) {
            setMaxConnections(limit);
            var _ = countDownConnection();
            try {
                countUpOrAwaitConnection();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        protected boolean setSocketOptions(SocketChannel socket) {
            if (protocol == null || protocol.mayConnect(socket.socket().getInetAddress()))
                return super.setSocketOptions(socket);
            destroySocket(socket);
            return false;
        }
    }
}
