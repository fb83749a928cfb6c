package dev.tomp3.jobs;

import dev.tomp3.platform.NanoClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Tells how long a heartbeat has stood still, by the observer's own monotonic clock: times that
 * different machines wrote are never compared. A pause between two observations counts for at most
 * {@link #MAX_STEP}, so that an observer that was suspended, or could not reach the store, does not
 * take every other process for lost when it comes back.
 */
final class StaleHeartbeatDetector {
    static final Duration MAX_STEP = Duration.ofSeconds(2);

    private record Observation(Object heartbeat, long staleNanos, long at) {}

    private final NanoClock nanoClock;
    private final Map<String, Observation> observations = new HashMap<>();

    StaleHeartbeatDetector(NanoClock nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Observes a heartbeat, and returns for how long it has been seen to be the same. */
    synchronized Duration staleFor(String key, Object heartbeat) {
        long now = nanoClock.nanoTime();
        Observation observation =
                observations.compute(
                        key,
                        (_, last) -> {
                            if (last == null || !last.heartbeat().equals(heartbeat))
                                return new Observation(heartbeat, 0, now);
                            long step = Math.min(now - last.at(), MAX_STEP.toNanos());
                            return new Observation(heartbeat, last.staleNanos() + step, now);
                        });
        return Duration.ofNanos(observation.staleNanos());
    }

    /** Forgets every heartbeat but these. */
    synchronized void keepOnly(Set<String> keys) {
        observations.keySet().retainAll(keys);
    }
}
