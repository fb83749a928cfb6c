package dev.tomp3.auth;

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
 * account, which other addresses cannot use up.
 */
@Component
class PasswordBudget {
    private final RateLimiter limiter;
    private final LoginThrottle throttle;

    PasswordBudget(AuthProperties properties, LoginThrottle throttle, NanoClock clock) {
        this.limiter = new RateLimiter(properties.maxLoginsPerMinute(), clock);
        this.throttle = throttle;
    }

    /**
     * @throws ProblemException 429 when account or address have none left
     */
    void consume(LoginThrottle.Pair pair) {
        consume("address " + pair.network(), "from this address");
        String account = "account " + pair.account();
        consume(
                throttle.isKnownAddress(pair) ? account + " " + pair.network() : account,
                "for this account");
    }

    private void consume(String key, String where) {
        Optional<Duration> wait = limiter.consume(key).retryAfter();
        if (wait.isPresent()) {
            throw new ProblemException(
                    Problem.TOO_MANY_REQUESTS, "Too many logins " + where + ".", wait.get());
        }
    }
}
