package dev.tomp3.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.Problems;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Limits the requests of a user with a token bucket that holds the requests of one minute, and
 * tells in {@code RateLimit-*} headers how many are left. Each gateway counts alone, so that a
 * request needs no network round trip; limits that hold for the whole system are {@link Quota}'s.
 */
final class RateLimitFilter extends OncePerRequestFilter {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MAX_USERS = 10_000;

    private final int perMinute;
    private final TimeMeter time;

    /** A user who is not in it has a full bucket. */
    private final Cache<String, Bucket> buckets;

    /**
     * @param perMinute 0: no limit
     */
    RateLimitFilter(int perMinute, Ticker ticker) {
        this.perMinute = perMinute;
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
                        .maximumSize(MAX_USERS)
                        .expireAfterAccess(MINUTE)
                        .ticker(ticker)
                        .build();
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
        if (perMinute > 0
                && authentication != null
                && authentication.getPrincipal() instanceof CurrentUser user) {
            ConsumptionProbe probe = consume(user);
            response.setIntHeader("RateLimit-Limit", perMinute);
            response.setHeader("RateLimit-Remaining", Long.toString(probe.getRemainingTokens()));
            response.setHeader(
                    "RateLimit-Reset", Long.toString(seconds(probe.getNanosToWaitForReset())));
            if (!probe.isConsumed()) {
                Problems.write(
                        response,
                        new ProblemException(
                                Problem.TOO_MANY_REQUESTS,
                                "The limit is " + perMinute + " requests per minute and user.",
                                Duration.ofNanos(probe.getNanosToWaitForRefill())));
                return;
            }
        }
        chain.doFilter(request, response);
    }

    private ConsumptionProbe consume(CurrentUser user) {
        return buckets.get(user.id(), _ -> fullBucket()).tryConsumeAndReturnRemaining(1);
    }

    private Bucket fullBucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, MINUTE))
                .withCustomTimePrecision(time)
                .build();
    }

    private static long seconds(long nanos) {
        return Duration.ofNanos(nanos).plusMillis(999).toSeconds();
    }
}
