package dev.tomp3.converter.conversion;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The time during which ffmpeg was watched. When the worker itself was suspended, the time that it
 * missed does not count against ffmpeg.
 */
final class Stopwatch {
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(2);

    private final LongSupplier nanoTime;
    private long last;
    private long elapsed;

    Stopwatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        last = nanoTime.getAsLong();
    }

    Stopwatch restarted() {
        return new Stopwatch(nanoTime);
    }

    /** The clock when it was last read. */
    long lastReading() {
        return last;
    }

    /**
     * Reads the clock.
     *
     * @param counts false when the time since the last reading was spent waiting for an upload
     * @return nanoseconds so far
     */
    long elapsedNanos(boolean counts) {
        long now = nanoTime.getAsLong();
        if (counts) elapsed += Math.min(now - last, LONGEST_INTERVAL.toNanos());
        last = now;
        return elapsed;
    }
}
