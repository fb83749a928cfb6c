package dev.tomp3.platform;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Optional;

/**
 * Token buckets that each hold the requests of one minute. Buckets are kept in memory, for a
 * limited number of keys; a key without a bucket has a full one.
 */
public final class RateLimiter {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MAX_KEYS = 10_000;

    private final int perMinute;
    private final TimeMeter time;
    private final Cache<String, Bucket> buckets;
    private final Cache<String, Boolean> refused;

    /**
     * @param perMinute for each key; 0: no limit
     */
    public RateLimiter(int perMinute, NanoClock clock) {
        this.perMinute = perMinute;
        time =
                new TimeMeter() {
                    @Override
                    public long currentTimeNanos() {
                        return clock.nanoTime();
                    }

                    @Override
                    public boolean isWallClockBased() {
                        return false;
                    }
                };
        buckets =
                Caffeine.newBuilder()
                        .maximumSize(MAX_KEYS)
                        .expireAfterAccess(MINUTE)
                        .ticker(clock::nanoTime)
                        .build();
        refused =
                Caffeine.newBuilder()
                        .maximumSize(MAX_KEYS)
                        .expireAfterWrite(MINUTE)
                        .ticker(clock::nanoTime)
                        .build();
    }

    /**
     * What became of a request.
     *
     * @param remaining requests that are left now
     * @param reset until the bucket is full
     * @param retryAfter until a request would be allowed; empty when this one is
     * @param first whether this is the first request within a minute that is not allowed
     */
    public record Consumption(
            long remaining, Duration reset, Optional<Duration> retryAfter, boolean first) {
        public boolean allowed() {
            return retryAfter.isEmpty();
        }
    }

    public boolean unlimited() {
        return perMinute == 0;
    }

    public Consumption consume(String key) {
        if (unlimited())
            return new Consumption(Long.MAX_VALUE, Duration.ZERO, Optional.empty(), false);
        ConsumptionProbe probe =
                buckets.get(key, _ -> fullBucket()).tryConsumeAndReturnRemaining(1);
        return new Consumption(
                probe.getRemainingTokens(),
                Duration.ofNanos(probe.getNanosToWaitForReset()),
                probe.isConsumed()
                        ? Optional.empty()
                        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill())),
                !probe.isConsumed() && refused.asMap().putIfAbsent(key, true) == null);
    }

    private Bucket fullBucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, MINUTE))
                .withCustomTimePrecision(time)
                .build();
    }
}
