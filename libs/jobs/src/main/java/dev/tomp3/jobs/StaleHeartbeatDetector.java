package dev.tomp3.jobs;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Tells what has not moved for a while, by the observer's own monotonic clock: times that different
 * machines wrote are never compared. A pause between two looks counts for at most {@link
 * #LONGEST_STEP}, so that an observer who was stopped, or could not reach the store, does not take
 * everybody else for dead when it comes back.
 */
final class StaleHeartbeatDetector {
    static final Duration LONGEST_STEP = Duration.ofSeconds(2);

    private record Sight(Object value, long stoodNanos, long seenAt) {}

    private final LongSupplier nanoTime;
    private final Map<String, Sight> sights = new HashMap<>();

    StaleHeartbeatDetector(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** How long the value has been seen to be the same. */
    synchronized Duration since(String key, Object value) {
        long now = nanoTime.getAsLong();
        Sight sight =
                sights.compute(
                        key,
                        (k, before) -> {
                            if (before == null || !before.value().equals(value))
                                return new Sight(value, 0, now);
                            long step = Math.min(now - before.seenAt(), LONGEST_STEP.toNanos());
                            return new Sight(value, before.stoodNanos() + step, now);
                        });
        return Duration.ofNanos(sight.stoodNanos());
    }

    synchronized void keepOnly(Set<String> keys) {
        sights.keySet().retainAll(keys);
    }
}
