package dev.tomp3.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.RateLimiter;
import java.time.Duration;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Limits how many passwords are verified for one account and from one address, right ones included:
 * each costs a tenth of a second of CPU time, which all users share. A replica counts alone, as it
 * has CPU time of its own.
 *
 * <p>A known address of an account, from which it has logged in, has a budget of its own for that
 * account, which other addresses cannot use up. All other addresses share two: one for the first
 * password of an address within an hour, and one for its further passwords. An attacker with dozens
 * of addresses uses up the second one for good, and the first one for some minutes in each hour.
 */
@Component
class PasswordBudget {
    /** More pairs than this replica can hash passwords for within the hour. */
    private static final int MAX_PAIRS = 200_000;

    private final RateLimiter limiter;
    private final LoginThrottle throttle;

    /** The pairs that have used the budget for first passwords. */
    private final Cache<LoginThrottle.Pair, Boolean> tried;

    PasswordBudget(AuthProperties properties, LoginThrottle throttle, NanoClock clock) {
        this.limiter = new RateLimiter(properties.maxLoginsPerMinute(), clock);
        this.throttle = throttle;
        this.tried =
                Caffeine.newBuilder()
                        .maximumSize(MAX_PAIRS)
                        .expireAfterWrite(Duration.ofHours(1))
                        .ticker(clock::nanoTime)
                        .build();
    }

    /**
     * @throws ProblemException 429 when account or address have none left
     */
    void consume(LoginThrottle.Pair pair) {
        consume("address " + pair.network(), "from this address");
        if (throttle.isKnownAddress(pair)) {
            consume("known " + pair.network() + " " + pair.account(), "for this account");
        } else if (tried.asMap().putIfAbsent(pair, true) != null) {
            consume("further " + pair.account(), "for this account");
        } else {
            try {
                consume("first " + pair.account(), "for this account");
            } catch (ProblemException e) {
                tried.invalidate(pair);
                throw e;
            }
        }
    }

    private void consume(String key, String where) {
        Optional<Duration> wait = limiter.consume(key).retryAfter();
        if (wait.isPresent()) {
            throw new ProblemException(
                    Problem.TOO_MANY_REQUESTS, "Too many logins " + where + ".", wait.get());
        }
    }
}
