package dev.tomp3.converter;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/**
 * What no ffmpeg of ours may touch: a file with a tone that is in no other, and listeners on both
 * loopback addresses, for TCP and UDP, that remember who came.
 */
final class Canary implements AutoCloseable {
    static final int HERTZ = 3100;

    /** Says that it is not meant for anybody, and breaks what would wait for more. */
    private static final byte[] ANSWER =
            "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    final Path file;

    private final List<Closeable> open = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final Queue<String> visits = new ConcurrentLinkedQueue<>();
    private final int port;

    Canary(Path file) throws IOException {
        this.file = file;
        port = listen("127.0.0.1", 0);
        addresses.add(ipv4());
        try {
            listen("::1", port);
            addresses.add("[::1]:" + port);
        } catch (SocketException e) {
            // a machine without IPv6
            LoggerFactory.getLogger(Canary.class).info("No listener on ::1: {}", e.toString());
        }
    }

    String ipv4() {
        return "127.0.0.1:" + port;
    }

    String port() {
        return Integer.toString(port);
    }

    /** All of them, as they stand in a URL. */
    List<String> addresses() {
        return addresses;
    }

    /** Who came, since this was asked before. */
    List<String> visits() {
        List<String> seen = new ArrayList<>();
        for (String visit = visits.poll(); visit != null; visit = visits.poll()) seen.add(visit);
        return seen;
    }

    private int listen(String address, int port) throws IOException {
        InetAddress loopback = InetAddress.getByName(address);
        ServerSocket tcp = new ServerSocket(port, 50, loopback);
        open.add(tcp);
        DatagramSocket udp =
                new DatagramSocket(new InetSocketAddress(loopback, tcp.getLocalPort()));
        open.add(udp);
        Thread.ofVirtual().start(() -> accept(tcp));
        Thread.ofPlatform().daemon().start(() -> receive(udp));
        return tcp.getLocalPort();
    }

    private void accept(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket visitor = server.accept()) {
                visits.add("tcp to " + server.getLocalSocketAddress());
                visitor.getOutputStream().write(ANSWER);
            } catch (IOException e) {
                if (!server.isClosed()) visits.add(e.toString());
            }
        }
    }

    private void receive(DatagramSocket socket) {
        while (!socket.isClosed()) {
            try {
                socket.receive(new DatagramPacket(new byte[1], 1));
                visits.add("udp to " + socket.getLocalSocketAddress());
            } catch (IOException e) {
                if (!socket.isClosed()) visits.add(e.toString());
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Closeable each : open) each.close();
    }
}
