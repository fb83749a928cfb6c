package dev.tomp3.chaos;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Bytes that are sent slowly. */
final class SlowBody extends FilterInputStream {
    private static final int PIECES = 20;
    private final int piece;
    private final Duration pause;

    private SlowBody(InputStream in, int piece, Duration pause) {
        super(in);
        this.piece = piece;
        this.pause = pause;
    }

    static BodyPublisher of(byte[] bytes, Duration duration) {
        return BodyPublishers.ofInputStream(() ->
                new SlowBody(
                        new ByteArrayInputStream(bytes),
                        bytes.length / PIECES + 1,
                        duration.dividedBy(PIECES)));
    }

    static BodyPublisher of(Path file, Duration duration) {
        return BodyPublishers.ofInputStream(() -> {
            try {
                return new SlowBody(
                        Files.newInputStream(file),
                        Math.toIntExact(Files.size(file) / PIECES + 1),
                        duration.dividedBy(PIECES));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return super.read(bytes, offset, Math.min(length, piece));
    }
}
