package dev.tomp3.standalone;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file in DATA_DIR that only takes space. While the disk is full it is deleted, so that the
 * broker can go on and {@code ./run} can start; it is written again once the disk has space. The
 * databases have reserves of their own.
 */
final class DiskReserve implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DiskReserve.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final int STEP = 1 << 20;

    private final Path file;
    private final long bytes;
    private boolean full;
    private volatile boolean closed;

    /**
     * @param bytes that the servers need
     */
    DiskReserve(Path directory, long bytes) {
        this.file = directory.resolve("reserve");
        this.bytes = bytes;
    }

    /** Checks the disk until this is closed. */
    void watch() {
        Thread.ofVirtual()
                .name("disk-reserve")
                .start(() -> {
                    try {
                        while (!closed) {
                            check();
                            Thread.sleep(INTERVAL);
                        }
                    } catch (InterruptedException e) {
                        // the process stops
                    }
                });
    }

    /** Deletes the file when less than a part of it is free, and writes it when there is space. */
    void check() {
        try {
            long free = Files.getFileStore(file.getParent()).getUsableSpace();
            if (free < bytes / 4 && Files.deleteIfExists(file)) {
                full = true;
                log.warn("The disk of {} is full: its reserve is in use", file.getParent());
            } else if (free > 4 * bytes && !Files.exists(file)) {
                write();
                if (full) log.info("The disk of {} has space again", file.getParent());
                full = false;
            }
        } catch (IOException e) {
            log.debug("The reserve could not be checked: {}", e.toString());
        }
    }

    private void write() throws IOException {
        Path temporary = file.resolveSibling("reserve.tmp");
        try (FileChannel out =
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            while (out.size() < bytes) {
                int _ = out.write(ByteBuffer.allocate(STEP));
            }
        }
        Files.move(temporary, file);
    }

    @Override
    public void close() {
        closed = true;
    }
}
