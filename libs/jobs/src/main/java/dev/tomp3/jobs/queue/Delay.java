package dev.tomp3.jobs.queue;

import java.time.Duration;

/**
 * The delays before a retry. Each delay has a queue of its own, and the time to live is set on the
 * queue: with a time to live per message, a short delay would wait behind a long one.
 */
public enum Delay {
    FIVE_SECONDS("5s", Duration.ofSeconds(5)),
    HALF_A_MINUTE("30s", Duration.ofSeconds(30)),
    TWO_MINUTES("2m", Duration.ofMinutes(2)),
    TEN_MINUTES("10m", Duration.ofMinutes(10));

    private final String label;
    private final Duration duration;

    Delay(String label, Duration duration) {
        this.label = label;
        this.duration = duration;
    }

    public Duration duration() {
        return duration;
    }

    String label() {
        return label;
    }

    /** The delay after this many failures; the last one from then on. */
    public static Delay after(int failures) {
        return values()[Math.clamp(failures - 1, 0, values().length - 1)];
    }
}
