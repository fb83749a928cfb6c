package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Slows down password guessing, and never locks an account.
 *
 * <ol>
 *   <li>The first five failures of a pair of account and address have no effect. Each further one
 *       blocks the pair for 1 s, 2 s, 4 s and so on, up to 60 s. A success resets the count, and so
 *       does an hour without a failure.
 *   <li>50 failures within an hour for one account, from any address, have no effect, nor have 100
 *       from one address, for any account. Each further one blocks all pairs of that account or
 *       address in the same way.
 *   <li>A known address, from which the account logged in within the last 30 days, is exempt from
 *       rule 2: an owner at a usual place can always log in, no matter what others try.
 * </ol>
 *
 * All counts are in the database, so that all replicas share them.
 */
@Component
class LoginThrottle {
    private static final Logger log = LoggerFactory.getLogger(LoginThrottle.class);
    private static final int FREE_FAILURES = 5;
    private static final int FREE_FAILURES_OF_ACCOUNT = 50;
    private static final int FREE_FAILURES_FROM_ADDRESS = 100;
    private static final Duration MAX_DELAY = Duration.ofSeconds(60);
    private static final Duration FAILURES_KEPT = Duration.ofHours(1);
    private static final Duration ADDRESS_KNOWN = Duration.ofDays(30);

    private final JdbcClient jdbc;
    private final SlidingWindowCounter counter;
    private final Clock clock;

    LoginThrottle(JdbcClient jdbc, SlidingWindowCounter counter, Clock clock) {
        this.jdbc = jdbc;
        this.counter = counter;
        this.clock = clock;
    }

    /** An account and the address of a client. Only digests of them are stored. */
    record Pair(String account, String address) {
        private String digest() {
            return Digest.of(account + '\n' + address);
        }

        private String accountDigest() {
            return Digest.of("login account:" + account);
        }

        private String addressDigest() {
            return Digest.of("login address:" + Digest.network(address));
        }
    }

    private record Failures(int failures, long failedAt) {}

    /**
     * @throws ProblemException 429 while the pair is blocked
     */
    void check(Pair pair) {
        jdbc.sql("SELECT failures, failed_at FROM login_failures WHERE pair = ?")
                .param(pair.digest())
                .query(Failures.class)
                .optional()
                .ifPresent(counted -> {
                    Duration since = Duration.ofMillis(clock.millis() - counted.failedAt());
                    Duration remaining = remaining(counted.failures(), FREE_FAILURES, since);
                    if (remaining.isPositive()) throw blocked("from this address", remaining);
                });
        Duration account = remaining(pair.accountDigest(), FREE_FAILURES_OF_ACCOUNT);
        Duration address = remaining(pair.addressDigest(), FREE_FAILURES_FROM_ADDRESS);
        if ((account.isPositive() || address.isPositive()) && !isKnownAddress(pair)) {
            throw account.compareTo(address) > 0
                    ? blocked("for this account", account)
                    : blocked("from this address", address);
        }
    }

    private Duration remaining(String key, int free) {
        SlidingWindowCounter.Recent recent = counter.recent(key);
        return remaining(recent.count(), free, recent.sinceLast());
    }

    /** The time since the last failure is negative if the clock of another replica is ahead. */
    private static Duration remaining(int failures, int free, Duration since) {
        return delay(failures, free).minus(since.isNegative() ? Duration.ZERO : since);
    }

    private static Duration delay(int failures, int free) {
        if (failures < free) return Duration.ZERO;
        Duration delay = Duration.ofSeconds(1L << Math.min(failures - free, 30));
        return delay.compareTo(MAX_DELAY) < 0 ? delay : MAX_DELAY;
    }

    private boolean isKnownAddress(Pair pair) {
        return jdbc.sql("SELECT succeeded_at FROM login_successes WHERE pair = ?")
                .param(pair.digest())
                .query(Long.class)
                .optional()
                .filter(at -> at >= clock.millis() - ADDRESS_KNOWN.toMillis())
                .isPresent();
    }

    private static ProblemException blocked(String where, Duration remaining) {
        return new ProblemException(
                Problem.TOO_MANY_REQUESTS, "Too many wrong passwords " + where + ".", remaining);
    }

    void failed(Pair pair) {
        long now = clock.millis();
        jdbc.sql(
                        "INSERT INTO login_failures (pair, failures, failed_at) VALUES (?, 1, ?)"
                                + " ON DUPLICATE KEY UPDATE failures = failures + 1, failed_at = ?")
                .params(pair.digest(), now, now)
                .update();
        counter.increment(pair.accountDigest());
        counter.increment(pair.addressDigest());
    }

    void succeeded(Pair pair) {
        long now = clock.millis();
        jdbc.sql("DELETE FROM login_failures WHERE pair = ?").param(pair.digest()).update();
        jdbc.sql(
                        "INSERT INTO login_successes (pair, succeeded_at) VALUES (?, ?)"
                                + " ON DUPLICATE KEY UPDATE succeeded_at = ?")
                .params(pair.digest(), now, now)
                .update();
    }

    @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT1M")
    void deleteExpired() {
        try {
            jdbc.sql("DELETE FROM login_failures WHERE failed_at < ?")
                    .param(clock.millis() - FAILURES_KEPT.toMillis())
                    .update();
            jdbc.sql("DELETE FROM login_successes WHERE succeeded_at < ?")
                    .param(clock.millis() - ADDRESS_KNOWN.toMillis())
                    .update();
        } catch (DataAccessException e) {
            log.warn("Could not delete expired login records, will retry: {}", e.toString());
        }
    }
}
