package dev.tomp3.converter.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a video to the ffmpeg processes of one attempt, over HTTP with ranges on the loopback
 * interface, so that no copy on disk is needed, wherever the {@code moov} atom is. Port and
 * password are random and exist as long as the attempt. Everybody on the machine sees ffmpeg's
 * arguments, so the password is not among them: to ffmpeg this is a proxy, which it finds with the
 * password in its environment. A video that is being uploaded is written to ffmpeg's standard input
 * instead.
 *
 * <p>ffmpeg takes a failure of the store for the end of the file. So {@link #failure()} keeps it,
 * and an attempt with such a failure says nothing about the file.
 */
public final class SourceServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SourceServer.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{0,18})");
    private static final int BUFFER = 1 << 16;
    private static final String PATH = "/video";
    private static final String USER = "ffmpeg";

    private final Source source;
    private final long base;
    private final PartSearch parts = new PartSearch();
    private final HttpServer server;
    // no virtual threads: writing to a pipe pins the carrier
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofPlatform().daemon().name("source-", 0).factory());
    private final String password;
    private final byte[] credentials;
    private final AtomicInteger reading = new AtomicInteger();
    private final AtomicLong highestOffset = new AtomicLong();
    private volatile @Nullable IOException failure;

    /** Starts a server. */
    public SourceServer(Source source) throws IOException {
        this(source, 0);
    }

    /** Starts a server for a part of a source. */
    public SourceServer(Source whole, Part part) throws IOException {
        this(part.of(whole), part.from());
    }

    private SourceServer(Source source, long base) throws IOException {
        this.source = source;
        this.base = base;
        byte[] secret = new byte[16];
        RANDOM.nextBytes(secret);
        password = HexFormat.of().formatHex(secret);
        credentials =
                ("Basic "
                                + Base64.getEncoder()
                                        .encodeToString(
                                                (USER + ":" + password)
                                                        .getBytes(StandardCharsets.US_ASCII)))
                        .getBytes(StandardCharsets.US_ASCII);
        server = HttpServer.create(new InetSocketAddress(loopback(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    /** The URL of the video, which it serves through {@link #proxy()} only. */
    public URI address() {
        return URI.create("http://" + authority() + PATH);
    }

    /** The URL of the proxy that serves the video, with the password. */
    public URI proxy() {
        return URI.create("http://" + USER + ":" + password + "@" + authority());
    }

    private String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** The last failure of the store; null when there was none. */
    public @Nullable IOException failure() {
        return failure;
    }

    /** Whether ffmpeg waits for the store, and so cannot make progress. */
    public boolean waitsForStore() {
        return reading.get() > 0;
    }

    /** What the bytes that were served tell about the parts of the video. */
    public PartSearch parts() {
        return parts;
    }

    /** The highest offset that was served. It does not grow when bytes are read again. */
    public long highestOffset() {
        return base + highestOffset.get();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!knowsPassword(exchange)) {
                exchange.getResponseHeaders().set("Proxy-Authenticate", "Basic realm=\"video\"");
                exchange.sendResponseHeaders(407, -1);
                return;
            }
            if (!PATH.equals(exchange.getRequestURI().getRawPath())) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            long from = 0;
            long to = source.bytes() - 1;
            @Nullable String header = exchange.getRequestHeaders().getFirst("Range");
            if (header != null) {
                Matcher range = RANGE.matcher(header);
                if (!range.matches() || Long.parseLong(range.group(1)) > to) {
                    exchange.getResponseHeaders().set("Content-Range", "bytes */" + source.bytes());
                    exchange.sendResponseHeaders(416, -1);
                    return;
                }
                from = Long.parseLong(range.group(1));
                if (!range.group(2).isEmpty()) to = Math.min(to, Long.parseLong(range.group(2)));
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes %d-%d/%d".formatted(from, to, source.bytes()));
            }
            exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
            exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
            int status = header == null ? 200 : 206;
            if (method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Long.toString(to - from + 1));
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            send(exchange, status, from, to - from + 1);
        }
    }

    private boolean knowsPassword(HttpExchange exchange) {
        String given = exchange.getRequestHeaders().getFirst("Proxy-Authorization");
        return given != null
                && MessageDigest.isEqual(given.getBytes(StandardCharsets.US_ASCII), credentials);
    }

    /** Writes the whole video to a stream, as fast as it arrives, and closes the stream. */
    public void writeTo(OutputStream out) {
        threads.execute(() -> {
            try (out;
                    Reader in = new Reader(0)) {
                byte[] buffer = new byte[BUFFER];
                long position = 0;
                for (int count; (count = in.read(buffer, BUFFER)) >= 0; ) {
                    parts.accept(position, buffer, count);
                    out.write(buffer, 0, count);
                    position += count;
                    highestOffset.accumulateAndGet(position, Math::max);
                }
            } catch (IOException e) {
                // ffmpeg ended, or failure() tells of it
                log.debug("Stopped writing to ffmpeg: {}", e.toString());
            }
        });
    }

    private void send(HttpExchange exchange, int status, long from, long length)
            throws IOException {
        try (Reader in = new Reader(from)) {
            // the JDK's server takes a length of 0 for chunked encoding
            exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
            OutputStream out = exchange.getResponseBody();
            byte[] buffer = new byte[BUFFER];
            long position = from;
            for (long left = length; left > 0; ) {
                int count = in.read(buffer, (int) Math.min(left, BUFFER));
                if (count < 0) throw in.tooShort();
                parts.accept(position, buffer, count);
                out.write(buffer, 0, count); // fails when ffmpeg closes the connection to seek
                left -= count;
                position += count;
                highestOffset.accumulateAndGet(position, Math::max);
            }
            out.close();
        }
    }

    /** The store's stream. Its failures are kept, those of the connection to ffmpeg are not. */
    private final class Reader implements AutoCloseable {
        private final InputStream in;

        Reader(long offset) throws IOException {
            in = fromStore(() -> source.open(offset));
        }

        int read(byte[] buffer, int length) throws IOException {
            return fromStore(() -> in.read(buffer, 0, length));
        }

        IncompleteVideo tooShort() {
            IncompleteVideo e = new IncompleteVideo();
            failure = e;
            return e;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }

        private <T> T fromStore(Call<T> call) throws IOException {
            reading.incrementAndGet();
            try {
                return call.run();
            } catch (IOException e) {
                failure = e;
                throw e;
            } catch (RuntimeException e) {
                // the store's driver throws unchecked exceptions
                IOException wrapped = new IOException("The media store failed", e);
                failure = wrapped;
                throw wrapped;
            } finally {
                reading.decrementAndGet();
            }
        }
    }

    private interface Call<T> {
        T run() throws IOException;
    }
}
