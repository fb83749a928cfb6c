package dev.tomp3.notification;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A mail server that answers RCPT commands with the given replies, one after the other. */
final class PickySmtp implements AutoCloseable {
    final List<String> mails = new CopyOnWriteArrayList<>();
    private final ServerSocket server;
    private final List<String> replies;
    private final AtomicInteger asked = new AtomicInteger();

    PickySmtp(int port, String... replies) throws IOException {
        this.server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        this.replies = List.of(replies);
        Thread.ofVirtual().start(this::serve);
    }

    int asked() {
        return asked.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void serve() {
        try {
            while (true) {
                try (Socket client = server.accept()) {
                    converse(client);
                }
            }
        } catch (SocketException e) {
            // closed
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void converse(Socket client) throws IOException {
        BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
        say(client, "220 picky");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String verb = line.split(" ", 2)[0];
            if (verb.equals("RCPT")) {
                say(client, replies.get(Math.min(asked.getAndIncrement(), replies.size() - 1)));
            } else if (verb.equals("DATA")) {
                say(client, "354 continue");
                StringBuilder mail = new StringBuilder();
                for (line = in.readLine(); !line.equals("."); line = in.readLine()) {
                    mail.append(line).append('\n');
                }
                mails.add(mail.toString());
                say(client, "250 accepted");
            } else if (verb.equals("QUIT")) {
                say(client, "221 bye");
                return;
            } else {
                say(client, "250 ok");
            }
        }
    }

    private static void say(Socket client, String line) throws IOException {
        client.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
}
