package dev.tomp3.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * A minimal HTTP/1.1 client. It shares the machine with the system that it measures, so it must use
 * little CPU time. Files go from the disk to the socket within the kernel.
 */
final class Connection implements AutoCloseable {
    /** Long, because an upload is answered only when the store has written it. */
    private static final Duration READ_TIMEOUT = Duration.ofMinutes(15);

    private static final int BUFFER = 64 * 1024;

    private final URI address;
    private final byte[] bytes = new byte[BUFFER];
    private SocketChannel channel;
    private InputStream in;
    private boolean closing;

    Connection(URI address) throws IOException {
        this.address = address;
        channel = open(address);
        in = in(channel);
    }

    private static SocketChannel open(URI address) throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(address.getHost(), address.getPort()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.socket().setSoTimeout(Math.toIntExact(READ_TIMEOUT.toMillis()));
        return channel;
    }

    private static InputStream in(SocketChannel channel) throws IOException {
        return new BufferedInputStream(channel.socket().getInputStream(), BUFFER);
    }

    /**
     * A response.
     *
     * @param length of the body
     * @param body empty if it was discarded
     */
    record Answer(int status, long length, String body) {}

    /** Sends a head, or a whole request without a body. */
    void send(String request) throws IOException {
        if (closing) {
            // servers close a connection after a number of requests
            channel.close();
            channel = open(address);
            in = in(channel);
            closing = false;
        }
        send(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] request) throws IOException {
        send(ByteBuffer.wrap(request));
    }

    private void send(ByteBuffer all) throws IOException {
        while (all.hasRemaining()) channel.write(all);
    }

    void send(Path file) throws IOException {
        try (FileChannel source = FileChannel.open(file)) {
            long size = source.size();
            long sent = 0;
            while (sent < size) sent += source.transferTo(sent, size - sent, channel);
        }
    }

    /**
     * Reads a response to its end.
     *
     * @param keep whether to keep the body
     */
    Answer answer(boolean keep) throws IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        OutputStream out = keep ? kept : OutputStream.nullOutputStream();
        String status = line();
        long length = 0;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:"))
                length = Long.parseLong(lower.substring(15).strip());
            closing |= lower.equals("connection: close");
            chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
        }
        if (chunked) {
            long chunk;
            while ((chunk = Long.parseLong(line().split(";", 2)[0].strip(), 16)) > 0) {
                take(chunk, out);
                length += chunk;
                line();
            }
            line();
        } else {
            take(length, out);
        }
        return new Answer(
                Integer.parseInt(status.split(" ", 3)[1]),
                length,
                kept.toString(StandardCharsets.UTF_8));
    }

    private void take(long length, OutputStream out) throws IOException {
        for (long left = length; left > 0; ) {
            int read = in.read(bytes, 0, (int) Math.min(bytes.length, left));
            if (read < 0) throw new EOFException("the response is incomplete");
            out.write(bytes, 0, read);
            left -= read;
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int each; (each = in.read()) != '\n'; ) {
            if (each < 0) throw new EOFException("the connection was closed");
            if (each != '\r') line.append((char) each);
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
