package dev.tomp3.platform;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.AbstractProcessor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connector with a total timeout for request headers. Tomcat's own timeout restarts with
 * each byte, so that a client that sends its headers one byte at a time can hold a connection for
 * days. Here the headers of a request must be complete {@link #setHeaderTimeout} after its first
 * byte, or the connection is closed. There is no total timeout for bodies: an upload takes as long
 * as the client's network needs.
 */
public final class HeaderTimeoutProtocol extends Http11NioProtocol {
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    /** The clock that Tomcat takes the start time of a request from. */
    private final NanoClock clock = NanoClock.system();

    private Duration headerTimeout = Duration.ofSeconds(30);
    private @Nullable Future<?> check;

    /** In milliseconds, as Tomcat's other timeouts. */
    public void setHeaderTimeout(long millis) {
        headerTimeout = Duration.ofMillis(millis);
    }

    @Override
    public void start() throws Exception {
        super.start();
        check =
                getUtilityExecutor()
                        .scheduleWithFixedDelay(
                                this::closeSlow,
                                CHECK_INTERVAL.toMillis(),
                                CHECK_INTERVAL.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() throws Exception {
        if (check != null) check.cancel(false);
        super.stop();
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
}
