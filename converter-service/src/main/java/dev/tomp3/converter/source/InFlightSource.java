package dev.tomp3.converter.source;

import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** A video that is being uploaded. Readers get the bytes that are there and wait for the others. */
public final class InFlightSource implements Source {
    /** Asks whether an upload is complete. */
    public interface Completion {
        /** The length in bytes once the store has everything safe; empty before. */
        OptionalLong length() throws IOException;
    }

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(80);

    private final MediaStore store;
    private final String id;
    private final long announced;
    private final Completion completion;
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongSupplier nanoTime;
    private volatile long lastByte;
    private volatile long length = -1;

    /**
     * Creates the source of an upload.
     *
     * @param announced its length, as far as it is known
     */
    public InFlightSource(
            MediaStore store,
            String id,
            long announced,
            Completion completion,
            LongSupplier nanoTime) {
        this.store = store;
        this.id = id;
        this.announced = announced;
        this.completion = completion;
        this.nanoTime = nanoTime;
        this.lastByte = nanoTime.getAsLong();
    }

    @Override
    public boolean isComplete() {
        return length >= 0;
    }

    @Override
    public long bytes() {
        long known = length;
        return known >= 0 ? known : announced;
    }

    @Override
    public Duration waitingForUpload() {
        return waiting.get() == 0
                ? Duration.ZERO
                : Duration.ofNanos(nanoTime.getAsLong() - lastByte);
    }

    /** Returns when the upload is complete. */
    public void awaitCompletion() throws IOException, InterruptedException {
        if (isComplete()) return;
        waiting.incrementAndGet();
        lastByte = nanoTime.getAsLong();
        try {
            while (!askForCompletion()) Thread.sleep(LONGEST_PAUSE);
        } finally {
            waiting.decrementAndGet();
        }
    }

    private boolean askForCompletion() throws IOException {
        if (length < 0) completion.length().ifPresent(bytes -> length = bytes);
        return isComplete();
    }

    @Override
    public InputStream open(long offset) throws IOException {
        return isComplete()
                ? store.open(Bucket.VIDEOS, id, offset)
                : new WaitingStream(store.openInProgress(Bucket.VIDEOS, id, offset), offset);
    }

    private final class WaitingStream extends InputStream {
        private final InputStream in;
        private long position;

        WaitingStream(InputStream in, long offset) {
            this.in = in;
            this.position = offset;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) == -1 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int wanted) throws IOException {
            int count = in.read(bytes, offset, wanted);
            if (count < 0) count = await(bytes, offset, wanted);
            if (count > 0) {
                position += count;
                lastByte = nanoTime.getAsLong();
            }
            return count;
        }

        private int await(byte[] bytes, int offset, int wanted) throws IOException {
            waiting.incrementAndGet();
            try {
                Duration pause = SHORTEST_PAUSE;
                while (true) {
                    boolean complete = askForCompletion();
                    // read again: bytes may have arrived before the question
                    int count = in.read(bytes, offset, wanted);
                    if (count >= 0) return count;
                    if (complete) {
                        if (position < length) throw new IncompleteVideo();
                        return -1;
                    }
                    Thread.sleep(pause);
                    if (pause.compareTo(LONGEST_PAUSE) < 0) pause = pause.multipliedBy(2);
                }
            } catch (InterruptedException e) {
                throw new InterruptedIOException("Interrupted while waiting for an upload");
            } finally {
                waiting.decrementAndGet();
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
