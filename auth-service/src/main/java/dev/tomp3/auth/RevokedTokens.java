package dev.tomp3.auth;

import java.time.Clock;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Single tokens that were revoked before they expired. All tokens of a user are revoked with {@link
 * User#endTokens} instead.
 */
@Component
class RevokedTokens {
    private final JdbcClient jdbc;
    private final ExpiredRows expired;
    private final Clock clock;

    RevokedTokens(JdbcClient jdbc, ExpiredRows expired, Clock clock) {
        this.jdbc = jdbc;
        this.expired = expired;
        this.clock = clock;
    }

    /** Revoking a token twice is the same as revoking it once. */
    void revoke(String jti, Instant expiry) {
        jdbc.sql(
                        "INSERT INTO revoked_tokens (jti, expires_at) VALUES (?, ?)"
                                + " ON DUPLICATE KEY UPDATE expires_at = ?")
                .params(jti, expiry.toEpochMilli(), expiry.toEpochMilli())
                .update();
    }

    boolean contains(String jti) {
        return jdbc.sql("SELECT 1 FROM revoked_tokens WHERE jti = ?")
                .param(jti)
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    /** An expired token is rejected without this list. */
    @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT1M")
    void deleteExpired() {
        expired.delete("revoked_tokens", "expires_at", clock.millis());
    }
}
