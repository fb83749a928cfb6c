package dev.tomp3.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.springframework.stereotype.Component;

/**
 * How many requests a user may send: a minute's worth at once, and then as fast as they come back.
 * Each gateway counts alone, so that it costs a request nothing; what must hold for the whole
 * system, {@link Allowance} asks the store.
 */
@Component
class RateLimiter {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int USERS = 10_000;

    private final int most;
    private final TimeMeter time;

    /** Whoever is not in it has a full bucket. */
    private final Cache<String, Bucket> buckets;

    RateLimiter(GatewayProperties properties, Ticker ticker) {
        most = properties.maxRequestsPerMinute();
        time =
                new TimeMeter() {
                    @Override
                    public long currentTimeNanos() {
                        return ticker.read();
                    }

                    @Override
                    public boolean isWallClockBased() {
                        return false;
                    }
                };
        buckets =
                Caffeine.newBuilder()
                        .maximumSize(USERS)
                        .expireAfterAccess(MINUTE)
                        .ticker(ticker)
                        .build();
    }

    /**
     * Counts a request, and says in the answer's headers how many are left.
     *
     * @throws ProblemException 429 when it is one too many
     */
    void count(CurrentUser caller, HttpServletResponse response) {
        if (most == 0) return;
        ConsumptionProbe probe =
                buckets.get(caller.id(), id -> full()).tryConsumeAndReturnRemaining(1);
        response.setIntHeader("RateLimit-Limit", most);
        response.setHeader("RateLimit-Remaining", Long.toString(probe.getRemainingTokens()));
        response.setHeader(
                "RateLimit-Reset", Long.toString(seconds(probe.getNanosToWaitForReset())));
        if (!probe.isConsumed()) {
            throw new ProblemException(
                    Problem.TOO_MANY_REQUESTS,
                    "At most " + most + " requests of one user are answered in a minute.",
                    Duration.ofNanos(probe.getNanosToWaitForRefill()));
        }
    }

    private Bucket full() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(most).refillGreedy(most, MINUTE))
                .withCustomTimePrecision(time)
                .build();
    }

    private static long seconds(long nanos) {
        return Duration.ofNanos(nanos).plusMillis(999).toSeconds();
    }
}
