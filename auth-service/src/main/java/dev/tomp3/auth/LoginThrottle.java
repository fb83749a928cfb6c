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
 * Slows down guessing, and never locks an account.
 *
 * <ol>
 *   <li>The first five failures of a pair of account and address cost nothing. After each further
 *       one the pair waits: 1 s, 2 s, 4 s and so on, at most 60 s. A success ends it, and so does
 *       an hour without a failure.
 *   <li>50 failures of an account from anywhere within an hour cost nothing, and 100 from an
 *       address for any account; after each further one, all pairs of it wait as long.
 *   <li>A pair that logged in within the last 30 days does not wait for others' failures: who comes
 *       from where they are at home always comes in.
 * </ol>
 *
 * All of it is counted in the database, because all replicas count the same.
 */
@Component
class LoginThrottle {
    private static final Logger log = LoggerFactory.getLogger(LoginThrottle.class);
    private static final int FREE = 5;
    private static final int FREE_FOR_ACCOUNT = 50;
    private static final int FREE_FROM_ADDRESS = 100;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Duration MEMORY = Duration.ofHours(1);
    private static final Duration AT_HOME = Duration.ofDays(30);

    private final JdbcClient jdbc;
    private final SlidingWindowCounter counts;
    private final Clock clock;

    LoginThrottle(JdbcClient jdbc, SlidingWindowCounter counts, Clock clock) {
        this.jdbc = jdbc;
        this.counts = counts;
        this.clock = clock;
    }

    /** What is counted. Only digests of it are kept. */
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
     * @throws ProblemException 429 while the pair has to wait
     */
    void check(Pair pair) {
        jdbc.sql("SELECT failures, failed_at FROM login_failures WHERE pair = ?")
                .param(pair.digest())
                .query(Failures.class)
                .optional()
                .ifPresent(counted -> {
                    Duration passed = Duration.ofMillis(clock.millis() - counted.failedAt());
                    Duration rest = rest(counted.failures(), FREE, passed);
                    if (rest.isPositive()) throw slow("from this address", rest);
                });
        Duration account = rest(pair.accountDigest(), FREE_FOR_ACCOUNT);
        Duration address = rest(pair.addressDigest(), FREE_FROM_ADDRESS);
        if ((account.isPositive() || address.isPositive()) && !atHome(pair)) {
            throw account.compareTo(address) > 0
                    ? slow("for this account", account)
                    : slow("from this address", address);
        }
    }

    private Duration rest(String who, int free) {
        SlidingWindowCounter.Recent recent = counts.recent(who);
        return rest(recent.times(), free, recent.sinceLast());
    }

    /** Another replica's clock may be ahead. */
    private static Duration rest(int failures, int free, Duration passed) {
        return pause(failures, free).minus(passed.isNegative() ? Duration.ZERO : passed);
    }

    private boolean atHome(Pair pair) {
        return jdbc.sql("SELECT succeeded_at FROM login_successes WHERE pair = ?")
                .param(pair.digest())
                .query(Long.class)
                .optional()
                .filter(at -> at >= clock.millis() - AT_HOME.toMillis())
                .isPresent();
    }

    private static ProblemException slow(String where, Duration rest) {
        return new ProblemException(
                Problem.TOO_MANY_REQUESTS, "Too many wrong passwords " + where + ".", rest);
    }

    void failed(Pair pair) {
        long now = clock.millis();
        jdbc.sql(
                        "INSERT INTO login_failures (pair, failures, failed_at) VALUES (?, 1, ?)"
                                + " ON DUPLICATE KEY UPDATE failures = failures + 1, failed_at = ?")
                .params(pair.digest(), now, now)
                .update();
        counts.add(pair.accountDigest());
        counts.add(pair.addressDigest());
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
    void forget() {
        try {
            jdbc.sql("DELETE FROM login_failures WHERE failed_at < ?")
                    .param(clock.millis() - MEMORY.toMillis())
                    .update();
            jdbc.sql("DELETE FROM login_successes WHERE succeeded_at < ?")
                    .param(clock.millis() - AT_HOME.toMillis())
                    .update();
        } catch (DataAccessException e) {
            log.warn("Old logins stay for now: {}", e.toString());
        }
    }

    private static Duration pause(int failures, int free) {
        if (failures < free) return Duration.ZERO;
        Duration pause = Duration.ofSeconds(1L << Math.min(failures - free, 30));
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }
}
