package dev.tomp3.endtoend;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/** A connection that sends exactly the given bytes, whether they are HTTP or not. */
final class RawConnection implements AutoCloseable {
    private static final int PATIENCE = 60_000;

    /**
     * An answer.
     *
     * @param status 0 when there is no head, as to a request of HTTP/0.9
     * @param headers by their names in lower case; the lines of one that came twice are joined
     * @param raw status line and headers as they came
     */
    @SuppressWarnings("ArrayRecordComponent") // compared with nothing
    record Answer(int status, TreeMap<String, String> headers, String raw, byte[] body) {
        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private final Socket socket;

    RawConnection(URI service) throws IOException {
        socket = new Socket(service.getHost(), service.getPort());
        socket.setSoTimeout(PATIENCE);
        socket.setTcpNoDelay(true);
    }

    /** Sends a request, closes the sending side, and returns all answers. */
    static List<Answer> exchange(URI service, byte[] request) throws IOException {
        try (RawConnection wire = new RawConnection(service)) {
            Thread sender =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    wire.send(request);
                                    wire.socket.shutdownOutput();
                                } catch (IOException e) {
                                    // refused before it had all come, as it may be
                                }
                            });
            byte[] answers = wire.toTheEnd();
            wire.socket.close();
            sender.join();
            return parse(answers);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    private byte[] toTheEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[64 * 1024];
        try {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                all.write(buffer, 0, read);
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (SocketException e) {
            // reset, as what it had not read was still on its way
        }
        return all.toByteArray();
    }

    /** Without those that only say "100 Continue". */
    static List<Answer> parse(byte[] bytes) {
        List<Answer> answers = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            String rest = new String(bytes, at, bytes.length - at, StandardCharsets.ISO_8859_1);
            int end = rest.indexOf("\r\n\r\n");
            if (!rest.startsWith("HTTP/1.1 ") || end < 0) {
                answers.add(
                        new Answer(0, new TreeMap<>(), "", rest.getBytes(StandardCharsets.UTF_8)));
                return answers;
            }
            String head = rest.substring(0, end);
            int status = Integer.parseInt(head.substring(9, 12));
            TreeMap<String, String> headers = new TreeMap<>();
            head.lines()
                    .skip(1)
                    .forEach(line ->
                            headers.merge(
                                    line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT),
                                    line.substring(line.indexOf(':') + 1).strip(),
                                    (one, other) -> one + "\n" + other));
            at += end + 4;
            if (status == 100) continue;
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            if ("chunked".equals(headers.get("transfer-encoding"))) {
                at = chunks(bytes, at, body);
            } else {
                String length = headers.get("content-length");
                int to =
                        length == null
                                ? bytes.length
                                : Math.min(bytes.length, at + Integer.parseInt(length));
                body.writeBytes(Arrays.copyOfRange(bytes, at, to));
                at = to;
            }
            answers.add(new Answer(status, headers, head, body.toByteArray()));
        }
        return answers;
    }

    private static int chunks(byte[] bytes, int from, ByteArrayOutputStream body) {
        int at = from;
        while (at < bytes.length) {
            int line = at;
            while (bytes[line] != '\r') line++;
            int size =
                    Integer.parseInt(
                            new String(bytes, at, line - at, StandardCharsets.US_ASCII), 16);
            body.writeBytes(Arrays.copyOfRange(bytes, line + 2, line + 2 + size));
            at = line + 2 + size + 2;
            if (size == 0) return at;
        }
        return at;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
