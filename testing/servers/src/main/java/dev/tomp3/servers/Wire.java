package dev.tomp3.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A network connection to a server that can be cut and mended, held up and slowed down. */
public final class Wire implements AutoCloseable {
    private static final int PIECE = 64 * 1024;
    private static final Duration TO_FREE = Duration.ofSeconds(5);

    private final String host;
    private final int target;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Gate gate = new Gate();
    private volatile ServerSocket server;
    private volatile Duration latency = Duration.ZERO;

    /** Open, or closed for a while. */
    private static final class Gate {
        private boolean closed;

        synchronized void close(boolean shut) {
            closed = shut;
            notifyAll();
        }

        synchronized void pass() throws InterruptedException {
            while (closed) wait();
        }
    }

    /** To a server on this machine. */
    public Wire(int target) throws IOException {
        this("127.0.0.1", target);
    }

    public Wire(String host, int target) throws IOException {
        this.host = host;
        this.target = target;
        server = listen(0);
        port = server.getLocalPort();
    }

    /** Where clients connect, on the loopback address. */
    public int port() {
        return port;
    }

    /** Breaks every connection; new ones are refused. */
    public void cut() throws IOException {
        server.close();
        for (Socket socket : sockets) socket.close();
        sockets.clear();
    }

    public void mend() throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                server = listen(port);
                return;
            } catch (BindException e) {
                // the last accept may not have ended yet
                if (System.nanoTime() - start > TO_FREE.toNanos()) throw e;
                Thread.onSpinWait();
            }
        }
    }

    /** Connections stand, new ones are taken, and nothing passes, until {@link #goOn}. */
    public void hang() {
        gate.close(true);
    }

    public void goOn() {
        gate.close(false);
    }

    /**
     * Makes what passes wait.
     *
     * @param latency what each piece of data waits before it passes, each way
     */
    public void slow(Duration latency) {
        this.latency = latency;
    }

    private ServerSocket listen(int at) throws IOException {
        ServerSocket listening = new ServerSocket(at, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> accept(listening));
        return listening;
    }

    private void accept(ServerSocket listening) {
        while (!listening.isClosed()) {
            try {
                Socket near = listening.accept();
                sockets.add(near);
                connect(near);
            } catch (IOException e) {
                return; // cut
            }
        }
    }

    private void connect(Socket near) throws IOException {
        try {
            Socket far = new Socket(host, target);
            sockets.add(far);
            Thread.ofVirtual().start(() -> pass(near, far));
            Thread.ofVirtual().start(() -> pass(far, near));
        } catch (IOException e) {
            near.close(); // the server is away
        }
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] piece = new byte[PIECE];
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                gate.pass();
                if (latency.isPositive()) Thread.sleep(latency);
                out.write(piece, 0, length);
            }
        } catch (IOException e) {
            return; // cut
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(from);
        }
    }

    @Override
    public void close() throws IOException {
        cut();
    }
}
