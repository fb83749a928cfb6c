package dev.tomp3.platform;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * A response that stays open after its request, for thousands of clients that mostly wait. Tomcat
 * keeps some 100 KB of buffers for a request until its response ends, also if it is asynchronous.
 * This one releases them as an upgrade to another protocol does: the connection is left with its
 * socket, and the body ends when it is closed.
 *
 * <p>A client that closes its side is noticed at once. One that does not read blocks the caller of
 * {@link #write} and nobody else, for {@link #WRITE_TIMEOUT} at most; then its connection is
 * closed.
 */
public final class OpenResponse implements InternalHttpUpgradeHandler {
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(30);

    /** Called on a thread of the server, which must not be blocked. */
    public interface Listener {
        /** From now on bytes can be written. */
        void opened();

        /** Nothing can be written any more, for any reason; called once. */
        void closed();
    }

    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable SocketWrapperBase<?> connection;
    private volatile @Nullable Listener listener;

    /** For Tomcat, which makes the instance; see {@link #open}. */
    public OpenResponse() {}

    /** Sends the head of the response; the body is written after the request has ended. */
    public static OpenResponse open(
            HttpServletRequest request, HttpServletResponse response, Listener listener)
            throws IOException, ServletException {
        response.setHeader(HttpHeaders.CONNECTION, "close");
        response.flushBuffer();
        OpenResponse open = request.upgrade(OpenResponse.class);
        open.listener = listener;
        return open;
    }

    /**
     * Writes to the client, and returns when the socket has taken everything.
     *
     * @throws IOException when the response is closed, or the client does not read
     */
    public void write(byte[] bytes) throws IOException {
        writing.lock();
        try {
            SocketWrapperBase<?> socket = connection;
            if (closed.get() || socket == null) throw new IOException("The response is closed");
            socket.write(true, bytes, 0, bytes.length);
            socket.flush(true);
        } catch (IOException e) {
            close();
            throw e;
        } finally {
            writing.unlock();
        }
    }

    public void close() {
        SocketWrapperBase<?> socket = connection;
        if (socket != null) socket.close();
        ended();
    }

    private void ended() {
        Listener told = listener;
        if (closed.compareAndSet(false, true) && told != null) told.closed();
    }

    // ---- called by Tomcat

    @Override
    public void setSocketWrapper(SocketWrapperBase<?> socket) {
        socket.setWriteTimeout(WRITE_TIMEOUT.toMillis());
        connection = socket;
    }

    @Override
    public void init(WebConnection unused) {
        Listener told = listener;
        if (told != null) told.opened();
    }

    @Override
    public SocketState upgradeDispatch(SocketEvent event) {
        boolean open =
                switch (event) {
                    case OPEN_READ -> isQuiet();
                    case OPEN_WRITE -> true;
                    case STOP, TIMEOUT, DISCONNECT, ERROR, CONNECT_FAIL -> false;
                };
        if (open) return SocketState.UPGRADED;
        ended();
        return SocketState.CLOSED;
    }

    /** The client has nothing to say any more; anything to read means that it has left. */
    private boolean isQuiet() {
        SocketWrapperBase<?> socket = connection;
        try {
            return socket != null && socket.read(false, new byte[1], 0, 1) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void destroy() {
        ended();
    }

    @Override
    public void timeoutAsync(long now) {}

    @Override
    public void setSslSupport(SSLSupport unused) {}

    @Override
    public void pause() {}
}
