package dev.tomp3.auth;

import dev.tomp3.platform.ClientNetwork;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
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
 *   <li>100 failures within an hour from one address, for any account, have no effect. Each further
 *       one blocks all pairs of that address in the same way.
 *   <li>After 50 failures within an hour for one account, from any address, a failure blocks the
 *       pair for a minute. It does not block other addresses, so that nobody can keep the owner out
 *       by failing again and again.
 *   <li>A known address, from which the account logged in within the last 30 days, is exempt from
 *       rules 2 and 3: an owner at a usual place can always log in, no matter what others try.
 * </ol>
 *
 * An address is an IPv4 address, or the first 64 bits of an IPv6 address. {@link PasswordBudget}
 * limits what many addresses can try together.
 *
 * <p>All counts are in the database, so that all replicas share them.
 */
@Component
class LoginThrottle {
    private static final int FREE_FAILURES = 5;
    private static final int FREE_FAILURES_OF_ACCOUNT = 50;
    private static final int FREE_FAILURES_FROM_ADDRESS = 100;
    private static final Duration MAX_DELAY = Duration.ofSeconds(60);
    private static final Duration FAILURES_KEPT = Duration.ofHours(1);
    private static final Duration ADDRESS_KNOWN = Duration.ofDays(30);

    private final JdbcClient jdbc;
    private final SlidingWindowCounter counter;
    private final ExpiredRows expired;
    private final Clock clock;

    LoginThrottle(JdbcClient jdbc, SlidingWindowCounter counter, ExpiredRows expired, Clock clock) {
        this.jdbc = jdbc;
        this.counter = counter;
        this.expired = expired;
        this.clock = clock;
    }

    /** An account and the address of a client. Only digests of them are stored. */
    record Pair(String account, String network) {
        /**
         * @param account the id, or the text that was sent if there is no such account
         * @param address of the client
         */
        static Pair of(String account, String address) {
            return new Pair(account, ClientNetwork.of(address));
        }

        private String digest() {
            return Digest.of(account + '\n' + network);
        }

        private String accountDigest() {
            return Digest.of("login account:" + account);
        }

        private String addressDigest() {
            return Digest.of("login address:" + network);
        }
    }

    private record Failures(int failures, long failedAt) {}

    /**
     * @throws ProblemException 429 while the pair is blocked
     */
    void check(Pair pair) {
        Optional<Failures> own =
                jdbc.sql("SELECT failures, failed_at FROM login_failures WHERE pair = ?")
                        .param(pair.digest())
                        .query(Failures.class)
                        .optional();
        Duration pause = own.map(this::pause).orElse(Duration.ZERO);
        if (pause.isPositive()) throw blocked("from this address", pause);
        Duration address = remaining(pair.addressDigest(), FREE_FAILURES_FROM_ADDRESS);
        Duration account =
                own.map(failures -> MAX_DELAY.minus(since(failures)))
                        .filter(Duration::isPositive)
                        .filter(_ ->
                                counter.recent(pair.accountDigest()).count()
                                        >= FREE_FAILURES_OF_ACCOUNT)
                        .orElse(Duration.ZERO);
        if ((account.isPositive() || address.isPositive()) && !isKnownAddress(pair)) {
            throw account.compareTo(address) > 0
                    ? blocked("for this account", account)
                    : blocked("from this address", address);
        }
    }

    private Duration pause(Failures failures) {
        return remaining(failures.failures(), FREE_FAILURES, since(failures));
    }

    private Duration since(Failures failures) {
        return Duration.ofMillis(clock.millis() - failures.failedAt());
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

    /** Whether the account has logged in from this address within the last 30 days. */
    boolean isKnownAddress(Pair pair) {
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
        DeadlockRetry.update(
                jdbc.sql(
                                "INSERT INTO login_failures (pair, failures, failed_at) VALUES (?,"
                                        + " 1, ?) ON DUPLICATE KEY UPDATE failures = failures + 1,"
                                        + " failed_at = ?")
                        .params(pair.digest(), now, now));
        counter.increment(pair.accountDigest());
        counter.increment(pair.addressDigest());
    }

    void succeeded(Pair pair) {
        long now = clock.millis();
        DeadlockRetry.update(
                jdbc.sql("DELETE FROM login_failures WHERE pair = ?").param(pair.digest()));
        DeadlockRetry.update(
                jdbc.sql(
                                "INSERT INTO login_successes (pair, succeeded_at) VALUES (?, ?)"
                                        + " ON DUPLICATE KEY UPDATE succeeded_at = ?")
                        .params(pair.digest(), now, now));
    }

    @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT1M")
    void deleteExpired() {
        long now = clock.millis();
        expired.delete("login_failures", "failed_at", now - FAILURES_KEPT.toMillis());
        expired.delete("login_successes", "succeeded_at", now - ADDRESS_KNOWN.toMillis());
    }
}
