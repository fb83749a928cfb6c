package dev.tomp3.platform;

import java.time.Duration;

/**
 * A monotonic clock for elapsed times, as {@link java.time.Clock} is one for dates. Tests replace
 * it.
 */
@FunctionalInterface
public interface NanoClock {
    /** Nanoseconds since an arbitrary origin: only differences have a meaning. */
    long nanoTime();

    /** The time since an earlier {@link #nanoTime()}. */
    default Duration since(long start) {
        return Duration.ofNanos(nanoTime() - start);
    }

    static NanoClock system() {
        return System::nanoTime;
    }
}
