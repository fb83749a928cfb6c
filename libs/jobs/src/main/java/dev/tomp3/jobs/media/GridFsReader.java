package dev.tomp3.jobs.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file from GridFS, one chunk at a time. A reader that continues from one chunk to the next
 * gets the following one prefetched; a reader that needs a small range does not. The driver's own
 * download fetches several megabytes more than a small range needs.
 */
final class GridFsReader extends InputStream {
    private static final long IN_PROGRESS = Long.MAX_VALUE;

    private final GridFsBucket bucket;
    private final String id;
    private final long length;
    private final int chunkSize;
    private final HeapBudget heap;
    private int taken;
    private long position;
    private byte[] chunk = new byte[0];
    private long chunkNumber = -1;
    private @Nullable FutureTask<byte[]> prefetched;
    private long prefetchedNumber = -1;

    private GridFsReader(
            GridFsBucket bucket,
            String id,
            long length,
            int chunkSize,
            HeapBudget heap,
            long offset) {
        this.bucket = bucket;
        this.id = id;
        this.length = length;
        this.chunkSize = chunkSize;
        this.heap = heap;
        this.position = offset;
    }

    static GridFsReader complete(
            GridFsBucket bucket,
            String id,
            long length,
            int chunkSize,
            HeapBudget heap,
            long offset) {
        return new GridFsReader(bucket, id, length, chunkSize, heap, offset);
    }

    /** Reads a file that is being written: its end is where the next chunk is missing. */
    static GridFsReader inProgress(
            GridFsBucket bucket, String id, int chunkSize, HeapBudget heap, long offset) {
        return new GridFsReader(bucket, id, IN_PROGRESS, chunkSize, heap, offset);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) == -1 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int wanted) throws IOException {
        if (wanted == 0) return 0;
        if (position >= length) return -1;
        if (position / chunkSize != chunkNumber) load(position / chunkSize);
        if (chunkNumber < 0) return -1;
        int from = (int) (position % chunkSize);
        int part = Math.min(wanted, chunk.length - from);
        if (part <= 0 && !isComplete()) {
            chunkNumber = -1; // it may be replaced by a longer one
            return -1;
        }
        if (part <= 0) throw new IOException("GridFS has lost a part of " + id);
        System.arraycopy(chunk, from, bytes, offset, part);
        position += part;
        return part;
    }

    @Override
    public long skip(long bytes) {
        long skipped = Math.clamp(bytes, 0, length - position);
        position += skipped;
        return skipped;
    }

    private boolean isComplete() {
        return length != IN_PROGRESS;
    }

    private void load(long n) throws IOException {
        if (taken == 0) {
            heap.acquire(chunkSize);
            taken = chunkSize;
        }
        boolean continues = n == chunkNumber + 1 && n > 0;
        chunkNumber = -1;
        try {
            chunk =
                    n == prefetchedNumber && prefetched != null
                            ? await(prefetched)
                            : bucket.readChunk(id, n);
            chunkNumber = n;
        } catch (NoSuchFileException e) {
            if (isComplete()) throw e;
            return; // it has not been written yet
        } finally {
            prefetched = null;
        }
        if (continues && isComplete() && (n + 1) * chunkSize < length && mayPrefetch()) {
            prefetchedNumber = n + 1;
            prefetched = new FutureTask<>(() -> bucket.readChunk(id, n + 1));
            Thread.startVirtualThread(prefetched);
        }
    }

    /** Under pressure, the next chunk is read when the client has taken this one. */
    private boolean mayPrefetch() {
        if (taken == chunkSize && heap.tryAcquire(chunkSize)) taken = 2 * chunkSize;
        return taken > chunkSize;
    }

    @Override
    public void close() {
        heap.release(taken);
        taken = 0;
        chunk = new byte[0];
        chunkNumber = -1;
        prefetched = null;
    }

    private byte[] await(FutureTask<byte[]> chunk) throws IOException {
        try {
            return chunk.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while reading " + id);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NoSuchFileException) throw new NoSuchFileException(id);
            throw new IOException("GridFS could not read " + id, e.getCause());
        }
    }
}
