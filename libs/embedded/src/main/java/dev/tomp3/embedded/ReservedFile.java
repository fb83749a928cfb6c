package dev.tomp3.embedded;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.h2.store.fs.FileBaseDefault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of H2 that a full disk does not close. H2 closes a store for good when a single write
 * fails.
 *
 * <ol>
 *   <li>The file has more space on the disk than it needs: zeros behind its end. Nobody else can
 *       take this reserve, and writes that extend the file need no other space.
 *   <li>A reserve that was used is filled again as soon as the disk has space.
 *   <li>When less than half of it is left, {@link #isLow} says so, and nothing new is to be stored.
 *       What is left is for changes, such as those that delete something.
 *   <li>Should the reserve be used up, a write waits until the disk has space, instead of failing.
 * </ol>
 *
 * The end of the file is not recorded: H2's last block never consists of zeros. A file system that
 * writes each block to a new place (Btrfs, ZFS) has no such reserve; the fourth rule still holds.
 */
final class ReservedFile extends FileBaseDefault {
    private static final Logger log = LoggerFactory.getLogger(ReservedFile.class);
    private static final int BLOCK = 4096;
    private static final int STEP = 1 << 20;
    private static final Duration RETRY = Duration.ofMillis(500);

    private final FileChannel file;
    private final String path;
    private final int reserve;
    private final Runnable closed;

    /** In nanoseconds, as {@link System#nanoTime}. */
    private final LongSupplier clock;

    /** The end of what H2 has written; zeros follow up to the end of the file. */
    private long end;

    private long allocated;
    private boolean full;
    private long triedAt;
    private volatile boolean low;
    private volatile boolean closing;

    /**
     * @param reserve in bytes
     * @param closed is called when the file was closed
     */
    ReservedFile(FileChannel file, String path, int reserve, Runnable closed, LongSupplier clock)
            throws IOException {
        this.file = file;
        this.path = path;
        this.reserve = reserve;
        this.closed = closed;
        this.clock = clock;
        this.allocated = file.size();
        this.end = endOfData();
        this.triedAt = clock.getAsLong() - RETRY.toNanos();
        fill(end);
    }

    private long endOfData() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(STEP);
        for (long to = allocated; to > 0; ) {
            long from = Math.max(0, (to - 1) / STEP * STEP);
            buffer.clear().limit((int) (to - from));
            for (int read = 0; read >= 0 && buffer.hasRemaining(); )
                read = file.read(buffer, from + buffer.position());
            for (int i = buffer.position() - 1; i >= 0; i--) {
                if (buffer.get(i) != 0)
                    return Math.min(allocated, (from + i) / BLOCK * BLOCK + BLOCK);
            }
            to = from;
        }
        return 0;
    }

    boolean isLow() {
        if (low) retry();
        return low;
    }

    private synchronized void retry() {
        fill(end);
    }

    @Override
    public synchronized long size() {
        return end;
    }

    @Override
    public synchronized int read(ByteBuffer target, long position) throws IOException {
        if (position >= end) return -1;
        int limit = target.limit();
        target.limit((int) Math.min(limit, target.position() + end - position));
        try {
            return file.read(target, position);
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public synchronized int write(ByteBuffer source, long position) throws IOException {
        fill(position + source.remaining());
        while (true) {
            try {
                int written = file.write(source, position);
                end = Math.max(end, position + written);
                allocated = Math.max(allocated, end);
                return written;
            } catch (IOException e) {
                if (!isFull(e) || closing) throw e;
                awaitSpace();
            }
        }
    }

    private void awaitSpace() throws IOException {
        log.debug("{} waits for space", path);
        long start = clock.getAsLong();
        try {
            // readers may go on meanwhile
            for (long left = RETRY.toMillis();
                    left > 0;
                    left = RETRY.minusNanos(clock.getAsLong() - start).toMillis()) wait(left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while waiting for space on the disk");
        }
    }

    /** Extends the reserve behind this end as far as the disk allows. */
    private void fill(long to) {
        long left = allocated - to;
        boolean due = left <= reserve - STEP || full;
        if (!due || (full && clock.getAsLong() - triedAt < RETRY.toNanos())) {
            low = full && left < reserve / 2;
            return;
        }
        try {
            while (allocated < to + reserve) {
                int length = (int) Math.min(STEP, to + reserve - allocated);
                ByteBuffer zeros = ByteBuffer.allocate(length);
                while (zeros.hasRemaining()) allocated += file.write(zeros, allocated);
            }
            if (full) log.info("{} has its reserve again", path);
            full = false;
        } catch (IOException e) {
            if (!full)
                log.warn(
                        "The disk of {} is full, {} KB of its reserve are left: {}",
                        path,
                        Math.max(0, allocated - to) / 1024,
                        e.getMessage());
            full = true;
            triedAt = clock.getAsLong();
        }
        low = full && allocated - to < reserve / 2;
    }

    private static boolean isFull(IOException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("no space left")
                || message.contains("not enough space")
                || message.contains("quota exceeded");
    }

    @Override
    protected synchronized void implTruncate(long size) throws IOException {
        if (size >= end) return;
        file.truncate(Math.min(allocated, size + reserve));
        allocated = file.size();
        for (long from = size; from < Math.min(end, allocated); from += STEP) {
            int length = (int) Math.min(STEP, Math.min(end, allocated) - from);
            ByteBuffer zeros = ByteBuffer.allocate(length);
            while (zeros.hasRemaining()) file.write(zeros, from + zeros.position());
        }
        end = size;
    }

    @Override
    public void force(boolean metadata) throws IOException {
        file.force(metadata);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        closing = true;
        file.close();
        closed.run();
    }
}
