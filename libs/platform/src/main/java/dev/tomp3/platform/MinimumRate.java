package dev.tomp3.platform;

import java.time.Duration;

/**
 * Tells whether a client is too slow: it must take or send a number of bytes in each minute that
 * this side waits for it. The time in which a store is slow does not count.
 */
public final class MinimumRate {
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private final Duration window;
    private final long bytesPerSecond;
    private Duration waited = Duration.ZERO;
    private long bytes;

    /**
     * @param bytesPerSecond on average over a minute; 0: no minimum
     */
    public MinimumRate(long bytesPerSecond) {
        this(bytesPerSecond, WINDOW);
    }

    MinimumRate(long bytesPerSecond, Duration window) {
        this.window = window;
        this.bytesPerSecond = bytesPerSecond;
    }

    /**
     * Records a read or a write.
     *
     * @param duration how long it waited for the client
     * @return false when the client is too slow
     */
    public boolean record(long transferred, Duration duration) {
        waited = waited.plus(duration);
        bytes += transferred;
        if (waited.compareTo(window) < 0) return true;
        // by the time that it took: a single write may wait for much longer than the window
        boolean enough = bytes >= bytesPerSecond * waited.toMillis() / 1000;
        waited = Duration.ZERO;
        bytes = 0;
        return enough;
    }
}
