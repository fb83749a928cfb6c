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

/** A network connection to a server that can be cut and mended. */
public final class Wire implements AutoCloseable {
    private static final Duration TO_FREE = Duration.ofSeconds(5);

    private final String host;
    private final int target;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket server;

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

    private static void pass(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException e) {
            return; // cut
        }
    }

    @Override
    public void close() throws IOException {
        cut();
    }
}
