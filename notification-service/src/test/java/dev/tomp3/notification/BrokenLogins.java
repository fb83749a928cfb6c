package dev.tomp3.notification;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A proxy for the broker that breaks the first connections after they have sent their password. */
final class BrokenLogins implements AutoCloseable {
    private static final int AMQP_HEADER = 8;

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger broken = new AtomicInteger();
    private final String host;
    private final int port;

    BrokenLogins(String host, int port, int count) throws IOException {
        this.host = host;
        this.port = port;
        Thread.ofVirtual()
                .start(() -> {
                    while (!server.isClosed()) accept(count);
                });
    }

    int port() {
        return server.getLocalPort();
    }

    int broken() {
        return broken.get();
    }

    private void accept(int count) {
        try {
            Socket client = server.accept();
            Socket there = new Socket(host, port);
            if (broken.get() == count) {
                relay(client, there);
                relay(there, client);
                return;
            }
            try (client;
                    there) {
                there.getOutputStream().write(client.getInputStream().readNBytes(AMQP_HEADER));
                byte[] start = new byte[4096];
                int length = there.getInputStream().read(start);
                client.getOutputStream().write(start, 0, length);
                if (client.getInputStream().read() >= 0) broken.incrementAndGet();
            }
        } catch (IOException e) {
            // the client sees the broken connection
        }
    }

    private static void relay(Socket from, Socket to) {
        Thread.ofVirtual()
                .start(() -> {
                    try (from;
                            to;
                            InputStream in = from.getInputStream()) {
                        in.transferTo(to.getOutputStream());
                    } catch (IOException e) {
                        // both ends are closed
                    }
                });
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
