package dev.tomp3.auth;

import dev.tomp3.contract.http.Problem;
import dev.tomp3.contract.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Slows down guessing, by the pair of account and address, and never locks an account: its owner
 * comes in from another address at any time.
 *
 * <ol>
 *   <li>The first five failures cost nothing.
 *   <li>After each further one the pair waits: 1 s, 2 s, 4 s and so on, at most 60 s.
 *   <li>A success ends it, and so does an hour without a failure.
 * </ol>
 *
 * The failures are counted in the database, because all replicas count the same ones.
 */
@Component
class LoginPace {
    private static final Logger log = LoggerFactory.getLogger(LoginPace.class);
    private static final int FREE = 5;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Duration MEMORY = Duration.ofHours(1);

    private final JdbcClient jdbc;
    private final Clock clock;

    LoginPace(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** What is counted. Only a digest of it is kept. */
    record Pair(String account, String address) {
        private String digest() {
            try {
                byte[] text = (account + '\n' + address).getBytes(StandardCharsets.UTF_8);
                return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
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
                    Duration pause = pause(counted.failures());
                    Duration passed = Duration.ofMillis(clock.millis() - counted.failedAt());
                    // another replica's clock may be ahead
                    Duration rest = pause.minus(passed.isNegative() ? Duration.ZERO : passed);
                    if (rest.isPositive()) {
                        throw new ProblemException(
                                Problem.TOO_MANY_REQUESTS,
                                "Too many wrong passwords from this address.",
                                rest);
                    }
                });
    }

    void failed(Pair pair) {
        long now = clock.millis();
        jdbc.sql(
                        "INSERT INTO login_failures (pair, failures, failed_at) VALUES (?, 1, ?)"
                                + " ON DUPLICATE KEY UPDATE failures = failures + 1, failed_at = ?")
                .params(pair.digest(), now, now)
                .update();
    }

    void succeeded(Pair pair) {
        jdbc.sql("DELETE FROM login_failures WHERE pair = ?").param(pair.digest()).update();
    }

    @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT1M")
    void forget() {
        try {
            jdbc.sql("DELETE FROM login_failures WHERE failed_at < ?")
                    .param(clock.millis() - MEMORY.toMillis())
                    .update();
        } catch (DataAccessException e) {
            log.warn("Old login failures stay for now: {}", e.toString());
        }
    }

    private static Duration pause(int failures) {
        if (failures < FREE) return Duration.ZERO;
        Duration pause = Duration.ofSeconds(1L << Math.min(failures - FREE, 30));
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }
}
