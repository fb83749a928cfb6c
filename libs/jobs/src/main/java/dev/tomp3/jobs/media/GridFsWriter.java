package dev.tomp3.jobs.media;

import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
import dev.tomp3.platform.NanoClock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Date;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.bson.types.Binary;
import org.jspecify.annotations.Nullable;

/**
 * Writes one file to GridFS: its chunks first, and its {@code files} document last.
 *
 * <ol>
 *   <li>Before its first chunk, and again before every {@link #NOTED}th, the writer notes up to
 *       which chunk the file may grow.
 *   <li>Several chunks are written at the same time, each in a thread of its own, so that the next
 *       bytes are accepted meanwhile. A failed write is reported by the next call.
 *   <li>A write waits for a store that cannot be reached, for as long as the election of a primary
 *       may take, unless the file was closed or another write has failed.
 *   <li>When {@link #close()} or {@link #flush()} returns, no write is running any more: what is
 *       deleted then stays deleted.
 *   <li>The buffer of a chunk grows with the bytes that came, so that a client that sends few takes
 *       little memory.
 *   <li>A file that is continued begins within a chunk, which is replaced by a longer one.
 *   <li>A process that was suspended may have been taken for lost, and its file deleted together
 *       with the note. It writes the note again when it resumes.
 * </ol>
 */
final class GridFsWriter extends MediaOutput {
    private static final int NOTED = 64;

    /** Chunks of one file that are written at the same time. */
    static final int MAX_WRITES = 4;

    private static final int FIRST_BUFFER = 16 * 1024;
    private static final int GROWTH = 4;

    /** Shorter than the time after which a writer is taken for lost. */
    private static final Duration SUSPENDED = Duration.ofSeconds(5);

    private final GridFsBucket bucket;
    private final String id;
    private final Semaphore permits;
    private final HeapBudget heap;
    private final Clock clock;
    private final NanoClock nanoClock;
    private final Deque<Future<?>> writes = new ArrayDeque<>();
    private byte[] chunk = new byte[0];
    private int filled;
    private int written;
    private int noted;
    private volatile long lastWrite;
    private volatile boolean failed;
    private volatile boolean closed;
    private boolean committed;
    private boolean continued;
    private long begin;
    private long total;
    private int stored;
    private volatile long safe;

    /**
     * Begins a file.
     *
     * @param permits shared by all writers, so that few chunks are written at the same time
     * @param heap shared by all writers and readers, for their chunks
     */
    GridFsWriter(
            GridFsBucket bucket,
            String id,
            Semaphore permits,
            HeapBudget heap,
            Clock clock,
            NanoClock nanoClock) {
        this.bucket = bucket;
        this.id = id;
        this.permits = permits;
        this.heap = heap;
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.lastWrite = nanoClock.nanoTime();
    }

    /**
     * Continues the file, whose last chunk may be a part of one. From now on, closing it keeps what
     * was written.
     *
     * @param offset up to which it is written
     */
    void continueAt(long offset) throws IOException {
        int chunkSize = bucket.chunkSize();
        continued = true;
        written = Math.toIntExact(offset / chunkSize);
        noted = written;
        begin = offset;
        total = offset;
        safe = offset;
        int part = (int) (offset % chunkSize);
        if (part == 0) return;
        byte[] stored = bucket.readChunk(id, written);
        if (stored.length < part) throw new NoSuchFileException(id);
        int buffer = Math.min(chunkSize, (part / FIRST_BUFFER + 1) * FIRST_BUFFER);
        heap.acquire(buffer);
        chunk = Arrays.copyOf(Arrays.copyOf(stored, part), buffer);
        filled = part;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (failed) flush(); // a slow client learns of the failure now, not with its next chunk
        int chunkSize = bucket.chunkSize();
        while (length > 0) {
            if (filled == chunk.length) grow(chunkSize);
            int part = Math.min(length, chunk.length - filled);
            System.arraycopy(bytes, offset, chunk, filled, part);
            filled += part;
            total += part;
            offset += part;
            length -= part;
            if (filled == chunkSize) store(new Binary(chunk));
        }
    }

    private void grow(int chunkSize) throws IOException {
        int length = Math.min(chunkSize, Math.max(FIRST_BUFFER, chunk.length * GROWTH));
        heap.acquire(length - chunk.length);
        chunk = Arrays.copyOf(chunk, length);
    }

    @Override
    public void flush() throws IOException {
        while (!writes.isEmpty()) awaitFirst();
    }

    @Override
    public void commit() throws IOException {
        suspend();
        try {
            bucket.insertFile(id, total, Date.from(clock.instant()));
        } catch (MongoException e) {
            failed = true;
            throw failure(e);
        }
        committed = true;
    }

    @Override
    public void suspend() throws IOException {
        if (filled > 0 && total > begin) store(new Binary(Arrays.copyOf(chunk, filled)));
        flush();
        safe = total;
    }

    @Override
    public long safe() {
        return safe;
    }

    @Override
    public void close() throws IOException {
        heap.release(chunk.length);
        chunk = new byte[0];
        // the caller would wait for a server that has just failed; the sweeper cleans up
        closed = true;
        if (committed || failed || continued) return;
        boolean interrupted = Thread.interrupted();
        try {
            interrupted |= endWrites();
            if (!failed) bucket.deleteChunks(id, written);
        } catch (MongoException e) {
            throw new IOException("GridFS could not delete " + id, e);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** Whether a write may wait for the store. */
    private boolean isWanted() {
        return !closed && !failed;
    }

    private void store(Binary data) throws IOException {
        while (!writes.isEmpty() && (writes.size() == MAX_WRITES || writes.element().isDone()))
            awaitFirst();
        try {
            if (written == noted) {
                noted += NOTED;
                bucket.note(id, noted, this::isWanted);
            }
            permits.acquire();
        } catch (MongoException e) {
            failed = !(e instanceof MongoInterruptedException);
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
        int n = written;
        int count = noted;
        long before = lastWrite;
        int buffer = chunk.length;
        FutureTask<?> write = new FutureTask<>(() -> insert(n, data, count, before, buffer), null);
        Thread.startVirtualThread(write);
        writes.add(write);
        written++;
        filled = 0;
        chunk = new byte[0];
    }

    private void insert(int n, Binary data, int count, long before, int buffer) {
        try {
            bucket.insertChunk(id, n, data, this::isWanted);
            long now = nanoClock.nanoTime();
            // the file may have been deleted after a suspension, or after another chunk failed
            if (failed || now - before > SUSPENDED.toNanos()) bucket.note(id, count, () -> true);
            lastWrite = now;
        } catch (RuntimeException e) {
            failed = true;
            throw e;
        } finally {
            heap.release(buffer);
            permits.release();
        }
    }

    private void awaitFirst() throws IOException {
        try {
            writes.element().get();
            writes.remove();
            stored++;
            safe =
                    Math.max(
                            safe,
                            begin / bucket.chunkSize() * bucket.chunkSize()
                                    + (long) stored * bucket.chunkSize());
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        }
    }

    /** Returns whether the thread was interrupted meanwhile. */
    private boolean endWrites() {
        boolean interrupted = false;
        while (!failed && !writes.isEmpty()) {
            try {
                writes.element().get();
                writes.remove();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                failed = true;
            }
        }
        return interrupted;
    }

    private IOException failure(@Nullable Throwable cause) {
        return new IOException("GridFS could not store " + id, cause);
    }

    private IOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("Interrupted while writing " + id);
    }
}
