package dev.tomp3.auth;

import dev.tomp3.platform.ApiKey;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The API keys in MySQL, as SHA-256 only: a key has 190 random bits, so that a slow hash would add
 * nothing.
 *
 * <p>A key is valid while it has not expired, its user is enabled, and it is of the user's current
 * generation. A new password and disabling the user begin another generation.
 */
@Repository
class ApiKeys {
    static final Duration MAX_OVERLAP = Duration.ofDays(7);

    private static final int MAX_KEYS = 100;
    private static final int SHOWN = ApiKey.PREFIX.length() + 4;
    private static final Duration KEEP_EXPIRED = Duration.ofDays(7);

    /**
     * Gateways ask again for a key that is used after 20 seconds. Together, the time of the last
     * use is exact to a minute, and is written once in that time.
     */
    private static final Duration USE_INTERVAL = Duration.ofSeconds(40);

    private static final String VALID =
            " FROM api_keys k JOIN users u ON u.id = k.user_id AND u.key_generation = k.generation"
                    + " AND u.disabled = FALSE AND (k.expires_at IS NULL OR k.expires_at > :now)";

    private static final Logger log = LoggerFactory.getLogger(ApiKeys.class);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final AuthProperties properties;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    ApiKeys(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            AuthProperties properties,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.properties = properties;
        this.clock = clock;
    }

    /** A key as its user sees it again. */
    record Stored(
            String id,
            String name,
            String prefix,
            Set<Scope> scopes,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant lastUsedAt) {
        private static Stored read(ResultSet row) throws SQLException {
            return new Stored(
                    row.getString("id"),
                    row.getString("name"),
                    row.getString("prefix"),
                    scopes(row),
                    Instant.ofEpochMilli(row.getLong("created_at")),
                    instant(row, "expires_at"),
                    instant(row, "last_used_at"));
        }

        private static Set<Scope> scopes(ResultSet row) throws SQLException {
            Set<Scope> scopes = EnumSet.noneOf(Scope.class);
            Arrays.stream(row.getString("scopes").split(" ", -1))
                    .flatMap(scope -> Scope.of(scope).stream())
                    .forEach(scopes::add);
            return scopes;
        }

        private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
            long millis = row.getLong(column);
            return row.wasNull() ? null : Instant.ofEpochMilli(millis);
        }
    }

    /** A new key. It cannot be shown again. */
    record Created(Stored stored, String key) {
        /** Without the key. */
        @Override
        public String toString() {
            return "Created[" + stored + "]";
        }
    }

    /**
     * @throws ProblemException when the user has too many keys, or the token was revoked meanwhile
     */
    Created create(
            TokenIntrospection user, String name, Set<Scope> scopes, @Nullable Instant expiresAt) {
        if (list(user.sub()).size() >= MAX_KEYS) {
            throw new ProblemException(
                    Problem.TOO_MANY_KEYS, "A user has at most " + MAX_KEYS + " keys.");
        }
        Created created = generate(name, scopes, expiresAt);
        // one statement, so that a new password or a revocation at the same time comes before or
        // after
        int inserted =
                insert(
                        created,
                        "SELECT :id, id, key_generation, :name, :hash, :prefix, :scopes,"
                                + " :created, :expires, NULL FROM users WHERE id = :user"
                                + " AND disabled = FALSE AND token_generation = "
                                + user.generation(),
                        user.sub());
        if (inserted == 0) throw new ProblemException(Problem.UNAUTHENTICATED);
        return created;
    }

    /**
     * Replaces a key. The new one has the same name, scopes and lifetime.
     *
     * @param overlap for which the old key stays valid
     * @throws ProblemException when the user has no such key
     */
    Created rotate(String user, String id, Duration overlap) {
        Created created =
                transaction.execute(status -> {
                    Instant now = now();
                    Stored old =
                            jdbc.sql(
                                            "SELECT k.*"
                                                    + VALID
                                                    + " WHERE k.id = :id AND u.id = :user"
                                                    + " FOR UPDATE")
                                    .param("now", now.toEpochMilli())
                                    .param("id", id)
                                    .param("user", user)
                                    .query((row, _) -> Stored.read(row))
                                    .optional()
                                    .orElseThrow(ApiKeys::unknown);
                    Created replacement =
                            generate(
                                    old.name(),
                                    old.scopes(),
                                    old.expiresAt() == null
                                            ? null
                                            : now.plus(
                                                    Duration.between(
                                                            old.createdAt(), old.expiresAt())));
                    insert(
                            replacement,
                            "SELECT :id, id, key_generation, :name, :hash, :prefix, :scopes,"
                                    + " :created, :expires, NULL FROM users WHERE id = :user",
                            user);
                    if (overlap.isZero()) {
                        delete(user, id);
                    } else {
                        jdbc.sql(
                                        "UPDATE api_keys SET expires_at = ? WHERE id = ?"
                                                + " AND (expires_at IS NULL OR expires_at > ?)")
                                .params(millis(now, overlap), id, millis(now, overlap))
                                .update();
                    }
                    return replacement;
                });
        if (created == null) throw new IllegalStateException("No key");
        return created;
    }

    private static long millis(Instant now, Duration later) {
        return now.plus(later).toEpochMilli();
    }

    /** Newest first, including those that expired in the last days. */
    List<Stored> list(String user) {
        return jdbc.sql(
                        "SELECT k.* FROM api_keys k JOIN users u ON u.id = k.user_id"
                                + " AND u.key_generation = k.generation"
                                + " WHERE u.id = ? ORDER BY k.created_at DESC, k.id")
                .param(user)
                .query((row, _) -> Stored.read(row))
                .list();
    }

    /**
     * @throws ProblemException when the user has no such key
     */
    void delete(String user, String id) {
        if (jdbc.sql("DELETE FROM api_keys WHERE id = ? AND user_id = ?").params(id, user).update()
                == 0) throw unknown();
    }

    /** The user behind the key; empty if it is invalid. */
    Optional<TokenIntrospection> verify(String key) {
        if (!ApiKey.isWellFormed(key)) return Optional.empty();
        Instant now = now();
        return jdbc.sql(
                        "SELECT k.*, u.email, u.confirmed, u.token_generation"
                                + VALID
                                + " WHERE k.hash = :hash")
                .param("now", now.toEpochMilli())
                .param("hash", Digest.of(key))
                .query((row, _) -> {
                    Stored stored = Stored.read(row);
                    used(stored, now);
                    return new TokenIntrospection(
                            row.getString("user_id"),
                            row.getString("email"),
                            List.of(User.USER),
                            false,
                            stored.id(),
                            stored.createdAt().getEpochSecond(),
                            stored.expiresAt() == null ? null : stored.expiresAt().getEpochSecond(),
                            row.getBoolean("confirmed"),
                            stored.scopes().stream().map(Scope::wire).toList(),
                            properties.registrationOpen(),
                            row.getInt("token_generation"));
                })
                .optional();
    }

    private void used(Stored key, Instant now) {
        Instant before = now.minus(USE_INTERVAL);
        if (key.lastUsedAt() != null && key.lastUsedAt().isAfter(before)) return;
        try {
            jdbc.sql(
                            "UPDATE api_keys SET last_used_at = ? WHERE id = ?"
                                    + " AND (last_used_at IS NULL OR last_used_at <= ?)")
                    .params(now.toEpochMilli(), key.id(), before.toEpochMilli())
                    .update();
        } catch (DataAccessException e) {
            log.warn("Could not record the use of key={}: {}", key.id(), e.toString());
        }
    }

    private Created generate(String name, Set<Scope> scopes, @Nullable Instant expiresAt) {
        String key = ApiKey.random(random);
        return new Created(
                new Stored(
                        UUID.randomUUID().toString(),
                        name,
                        key.substring(0, SHOWN),
                        scopes,
                        now(),
                        expiresAt,
                        null),
                key);
    }

    private int insert(Created created, String values, String user) {
        Stored stored = created.stored();
        return jdbc.sql(
                        "INSERT INTO api_keys (id, user_id, generation, name, hash, prefix, scopes,"
                                + " created_at, expires_at, last_used_at) "
                                + values)
                .param("id", stored.id())
                .param("name", stored.name())
                .param("hash", Digest.of(created.key()))
                .param("prefix", stored.prefix())
                .param(
                        "scopes",
                        stored.scopes().stream().map(Scope::wire).collect(Collectors.joining(" ")))
                .param("created", stored.createdAt().toEpochMilli())
                .param(
                        "expires",
                        stored.expiresAt() == null ? null : stored.expiresAt().toEpochMilli())
                .param("user", user)
                .update();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static ProblemException unknown() {
        return new ProblemException(Problem.NOT_FOUND, "You have no key of that id.");
    }

    /** Keys of an earlier generation are never valid again. */
    @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT1M")
    void deleteInvalid() {
        try {
            jdbc.sql(
                            "DELETE FROM api_keys WHERE expires_at < ? OR NOT EXISTS (SELECT 1 FROM"
                                    + " users WHERE users.id = api_keys.user_id AND"
                                    + " users.key_generation = api_keys.generation)")
                    .param(now().minus(KEEP_EXPIRED).toEpochMilli())
                    .update();
        } catch (DataAccessException e) {
            log.warn("Could not delete invalid API keys, will retry: {}", e.toString());
        }
    }
}
