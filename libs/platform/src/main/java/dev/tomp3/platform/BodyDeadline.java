package dev.tomp3.platform;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a request, and fails when its client is too slow.
 *
 * <ol>
 *   <li>A body must be complete after {@link Limits#small}, and so must the part of a rejected body
 *       that is read so that the client can read its response.
 *   <li>An upload may take longer; it must have a {@link MinimumRate}.
 *   <li>Only the time counts in which the service waits for the client.
 *   <li>After a failure nothing more is read, and the connection is closed with the response.
 * </ol>
 */
final class BodyDeadline implements InputBuffer {
    /**
     * The limits of a connector.
     *
     * @param small how long a body may take
     * @param uploads the paths of uploads, and of what is below them
     * @param bytesPerSecond the minimum rate of an upload
     * @param window over which the rate is measured
     * @param discarded bytes of a rejected body that are read
     */
    record Limits(
            Duration small,
            List<String> uploads,
            long bytesPerSecond,
            Duration window,
            int discarded) {
        static final Limits DEFAULT =
                new Limits(Duration.ofSeconds(30), List.of(), 0, Duration.ofMinutes(1), 64 * 1024);
    }

    private final InputBuffer body;
    private final Request request;
    private final Supplier<@Nullable SocketWrapperBase<?>> socket;
    private final Limits limits;
    private final NanoClock clock;
    private final int standardTimeout;
    private Duration left = Duration.ZERO;
    private boolean discarding;
    private @Nullable MinimumRate rate;

    private BodyDeadline(
            Request request,
            Supplier<@Nullable SocketWrapperBase<?>> socket,
            int standardTimeout,
            Limits limits,
            NanoClock clock) {
        this.body = request.getInputBuffer();
        this.request = request;
        this.socket = socket;
        this.standardTimeout = standardTimeout;
        this.limits = limits;
        this.clock = clock;
    }

    /** Before the first byte of a body is read, and before what is left of it is discarded. */
    private void begin(boolean discard) {
        left = limits.small;
        rate = null;
        discarding = discard;
    }

    @Override
    public int doRead(ApplicationBufferHandler handler) throws IOException {
        if (rate == null && !discarding && isUpload(request.decodedURI().toString()))
            rate = new MinimumRate(limits.bytesPerSecond, limits.window);
        SocketWrapperBase<?> connection = Objects.requireNonNull(socket.get());
        connection.setReadTimeout(
                rate == null ? Math.clamp(left.toMillis(), 1, standardTimeout) : standardTimeout);
        long start = clock.nanoTime();
        int read;
        try {
            read = body.doRead(handler);
        } catch (SocketTimeoutException e) {
            request.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
            throw e;
        }
        Duration waited = clock.since(start);
        left = left.minus(waited);
        boolean inTime = rate == null ? left.isPositive() : rate.record(Math.max(0, read), waited);
        if (read >= 0 && !inTime) {
            request.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
            throw new SocketTimeoutException("The body arrives too slowly");
        }
        return read;
    }

    private boolean isUpload(String path) {
        for (String upload : limits.uploads) {
            if (path.startsWith(upload)
                    && (path.length() == upload.length() || path.charAt(upload.length()) == '/'))
                return true;
        }
        return false;
    }

    @Override
    public int available() {
        return body.available();
    }

    /** Reads what the handler left of a body, so that the client can read its response. */
    private void discard() {
        begin(true);
        Discarded bytes = new Discarded();
        try {
            long before = request.getBytesRead();
            while (request.getBytesRead() - before < limits.discarded) {
                if (request.doRead(bytes) < 0) return;
            }
        } catch (IOException e) {
            // the connection is closed
        }
        request.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
    }

    /** The processor of a connection, whose bodies are read through a {@link BodyDeadline}. */
    static final class GuardedProcessor extends Http11Processor {
        GuardedProcessor(
                AbstractHttp11Protocol<?> protocol,
                Adapter adapter,
                Limits limits,
                NanoClock clock) {
            super(protocol, adapter);
            request.setInputBuffer(
                    new BodyDeadline(
                            request,
                            () -> socketWrapper,
                            protocol.getConnectionTimeout(),
                            limits,
                            clock));
        }
    }

    /** Begins and ends the bodies of requests around the adapter that handles these. */
    record Guard(Adapter adapter) implements Adapter {
        @Override
        public void service(Request request, Response response) throws Exception {
            if (!(request.getInputBuffer() instanceof BodyDeadline body)) {
                adapter.service(request, response);
                return;
            }
            body.begin(false);
            adapter.service(request, response);
            if (mayFollow(request, response)) {
                if (length(request) - request.getBytesRead() > body.limits.discarded)
                    request.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
                else body.discard();
            }
        }

        private static boolean mayFollow(Request request, Response response) {
            boolean announced =
                    length(request) > 0
                            || request.getMimeHeaders().getHeader("Transfer-Encoding") != null;
            // a client that waits for "100 Continue" sends no body after its rejection
            boolean waits = request.hasExpectation() && response.getStatus() >= 300;
            return announced && response.isCommitted() && !waits;
        }

        /** -1 when there is none, or none that can be read. */
        private static long length(Request request) {
            try {
                return request.getContentLengthLong();
            } catch (IllegalArgumentException e) {
                return -1;
            }
        }

        @Override
        public boolean prepare(Request request, Response response) throws Exception {
            return adapter.prepare(request, response);
        }

        @Override
        public boolean asyncDispatch(Request request, Response response, SocketEvent event)
                throws Exception {
            return adapter.asyncDispatch(request, response, event);
        }

        @Override
        public void log(Request request, Response response, long time) {
            adapter.log(request, response, time);
        }

        @Override
        public void checkRecycled(Request request, Response response) {
            adapter.checkRecycled(request, response);
        }

        @Override
        public String getDomain() {
            return adapter.getDomain();
        }
    }

    private static final class Discarded implements ApplicationBufferHandler {
        private ByteBuffer buffer = ByteBuffer.allocate(0);

        @Override
        public void setByteBuffer(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public ByteBuffer getByteBuffer() {
            return buffer;
        }

        @Override
        public void expand(int size) {
            // nothing is kept
        }
    }
}
