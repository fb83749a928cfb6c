package dev.tomp3.converter.source;

import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A video in the media store, whole or still arriving. Of one that is arriving, readers get what is
 * there and wait for the rest.
 */
public final class Source {
    /** Whether a video has come whole. */
    public interface Arrival {
        /** The length in bytes as soon as the store has all of it safe; empty before. */
        OptionalLong length() throws IOException;
    }

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(80);

    private final MediaStore store;
    private final Bucket bucket;
    private final String id;
    private final long announced;
    private final @Nullable Arrival arrival;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile long lastByte = System.nanoTime();
    private volatile long length = -1;

    private Source(
            MediaStore store, Bucket bucket, String id, long announced, @Nullable Arrival arrival) {
        this.store = store;
        this.bucket = bucket;
        this.id = id;
        this.announced = announced;
        this.arrival = arrival;
        if (arrival == null) length = announced;
    }

    /** A video that is there. */
    public static Source whole(MediaStore store, Bucket bucket, String id, long bytes) {
        return new Source(store, bucket, id, bytes, null);
    }

    /**
     * A video that is being uploaded.
     *
     * @param announced how long it will be, for all that is known
     */
    public static Source arriving(
            MediaStore store, Bucket bucket, String id, long announced, Arrival arrival) {
        return new Source(store, bucket, id, announced, arrival);
    }

    public boolean isWhole() {
        return length >= 0;
    }

    /** Its length; as announced while it is not whole. */
    public long bytes() {
        long known = length;
        return known >= 0 ? known : announced;
    }

    /**
     * How long somebody has been waiting for the next byte of an upload; zero when nobody waits.
     */
    public Duration starved() {
        return waiting.get() == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - lastByte);
    }

    /** Returns when the video is whole. */
    public void awaitWhole() throws IOException, InterruptedException {
        if (isWhole()) return;
        waiting.incrementAndGet();
        lastByte = System.nanoTime();
        try {
            while (!look()) Thread.sleep(LONGEST_PAUSE);
        } finally {
            waiting.decrementAndGet();
        }
    }

    private boolean look() throws IOException {
        if (arrival != null && length < 0) arrival.length().ifPresent(bytes -> length = bytes);
        return isWhole();
    }

    /**
     * Opens it for reading; the stream ends where the whole video does.
     *
     * @param offset at most its length
     */
    public InputStream open(long offset) throws IOException {
        return isWhole()
                ? store.open(bucket, id, offset)
                : new Arriving(store.openUnfinished(bucket, id, offset), offset);
    }

    private final class Arriving extends InputStream {
        private final InputStream in;
        private long position;

        Arriving(InputStream in, long offset) {
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
                lastByte = System.nanoTime();
            }
            return count;
        }

        private int await(byte[] bytes, int offset, int wanted) throws IOException {
            waiting.incrementAndGet();
            try {
                Duration pause = SHORTEST_PAUSE;
                while (true) {
                    boolean whole = look();
                    // what came before the look is there now
                    int count = in.read(bytes, offset, wanted);
                    if (count >= 0) return count;
                    if (whole) {
                        if (position < length)
                            throw new EOFException(
                                    "The stored video is shorter than its record says");
                        return -1;
                    }
                    Thread.sleep(pause);
                    if (pause.compareTo(LONGEST_PAUSE) < 0) pause = pause.multipliedBy(2);
                }
            } catch (InterruptedException e) {
                throw new InterruptedIOException("Nobody reads on");
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
