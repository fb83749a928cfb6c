package dev.tomp3.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.tomp3.platform.ApiKey;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jws;
import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.ProtectedHeader;
import io.jsonwebtoken.security.Jwk;
import io.jsonwebtoken.security.Jwks;
import java.security.Key;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Verifies tokens. Signature, algorithm, issuer, audience, expiry and key id are checked here; then
 * auth introspects the token. Its answer is cached for {@link #FRESH}, so that a disabled user
 * loses access within half a minute. Of an API key, only the checksum is verified here.
 *
 * <p>While auth is unavailable, read requests of users are still allowed with an answer of the last
 * {@link #STALE}. An upload that is in progress continues, because its token was verified when it
 * began. All other requests get {@link Problem#UNAVAILABLE}.
 */
@Component
class TokenVerifier {
    static final Duration FRESH = Duration.ofSeconds(20);
    static final Duration STALE = Duration.ofMinutes(10);
    static final Duration REFETCH = Duration.ofSeconds(10);
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);
    private static final int MAX_TOKEN_LENGTH = 4096;

    /** The size of a cache, which is enough for some ten thousand tokens. */
    private static final long MAX_CHARACTERS = 10_000_000;

    private static final String TOMP3 = "tomp3";

    private static final Logger log = LoggerFactory.getLogger(TokenVerifier.class);

    /**
     * The signature was verified with this key; it is not verified again while the key is
     * published.
     */
    private record Signature(String keyId, Key key, Instant expiry) {}

    /**
     * @param signature null for an API key
     */
    private record Approved(CurrentUser user, @Nullable Signature signature, long at) {}

    private record Keys(Map<String, Key> byId, long at) {}

    private final AuthClient auth;
    private final Clock clock;
    private final Ticker ticker;
    private final JwtParser parser;

    /** Keyed by the token itself: comparing it costs less than a secure hash. */
    private final Cache<String, Approved> approved;

    /**
     * Tokens with an invalid signature or invalid claims, and when the keys that said so were
     * fetched.
     */
    private final Cache<String, Long> forged;

    private volatile Keys keys;
    private long failedAt;

    TokenVerifier(AuthClient auth, Clock clock, Ticker ticker) {
        this.auth = auth;
        this.clock = clock;
        this.ticker = ticker;
        this.approved = cache(STALE);
        this.forged = cache(FRESH);
        this.parser =
                Jwts.parser()
                        .sig()
                        .clear()
                        .add(Jwts.SIG.RS256)
                        .and()
                        .zip()
                        .clear()
                        .and()
                        .keyLocator(header ->
                                key(
                                        header instanceof ProtectedHeader signed
                                                ? signed.getKeyId()
                                                : null))
                        .requireIssuer(TOMP3)
                        .requireAudience(TOMP3)
                        .clock(() -> Date.from(clock.instant()))
                        .build();
        this.keys = new Keys(Map.of(), ticker.read() - REFETCH.toNanos());
        this.failedAt = ticker.read() - RETRY_INTERVAL.toNanos();
    }

    private <V> Cache<String, V> cache(Duration kept) {
        return Caffeine.newBuilder()
                .maximumWeight(MAX_CHARACTERS)
                .weigher((String token, V _) -> token.length())
                .expireAfterWrite(kept)
                .ticker(ticker)
                .build();
    }

    /**
     * The user whom the token belongs to.
     *
     * @param read whether the request only reads
     * @throws ProblemException when the token is invalid or cannot be verified now
     */
    CurrentUser verify(String token, boolean read) {
        return verify(token, read, FRESH);
    }

    /**
     * The same with an answer of auth that is not older than this.
     *
     * @param maxAge at most {@link #FRESH}
     */
    CurrentUser verify(String token, boolean read, Duration maxAge) {
        if (token.length() > MAX_TOKEN_LENGTH) throw invalid();
        Approved earlier = approved.getIfPresent(token);
        Signature signature = null;
        if (ApiKey.is(token)) {
            if (!ApiKey.isWellFormed(token)) throw invalid();
        } else {
            long keysOf = keys.at();
            if (Objects.equals(forged.getIfPresent(token), keysOf)) throw invalid();
            Signature known = earlier == null ? null : earlier.signature();
            signature = known != null && stillValid(known) ? known : verifySignature(token, keysOf);
        }
        if (earlier != null && ticker.read() - earlier.at() < maxAge.toNanos())
            return earlier.user();
        try {
            Optional<CurrentUser> user = auth.introspect(token);
            if (user.isEmpty()) {
                approved.invalidate(token);
                throw invalid();
            }
            approved.put(token, new Approved(user.get(), signature, ticker.read()));
            return user.get();
        } catch (ProblemException e) {
            // an administrator sees what belongs to others
            if (e.problem() == Problem.UNAVAILABLE
                    && read
                    && earlier != null
                    && !earlier.user().admin()) return earlier.user();
            throw e;
        }
    }

    /** Asks auth about this token again before the next request. */
    void forget(String token) {
        approved.invalidate(token);
    }

    private boolean stillValid(Signature signature) {
        return clock.instant().isBefore(signature.expiry())
                && signature.key().equals(keys.byId().get(signature.keyId()));
    }

    private Signature verifySignature(String token, long keysOf) {
        try {
            Jws<Claims> jws = parser.parseSignedClaims(token);
            Date expiry = jws.getPayload().getExpiration();
            String keyId = jws.getHeader().getKeyId();
            Key key = keys.byId().get(keyId);
            // the key may have been withdrawn in the meantime
            if (expiry == null || key == null) throw invalid();
            return new Signature(keyId, key, expiry.toInstant());
        } catch (JwtException | IllegalArgumentException e) {
            forged.put(token, keysOf);
            throw invalid();
        }
    }

    private Key key(@Nullable String id) {
        if (id == null) throw invalid();
        Key key = keys.byId().get(id);
        if (key == null) {
            refetch();
            key = keys.byId().get(id);
        }
        if (key == null) throw invalid();
        return key;
    }

    /**
     * One thread at a time. A thread that waited for a failed attempt does not start another one.
     */
    private synchronized void refetch() {
        if (ticker.read() - keys.at() < REFETCH.toNanos()) return;
        if (ticker.read() - failedAt < RETRY_INTERVAL.toNanos()) throw noKeys();
        String set;
        try {
            set = auth.keys();
        } catch (ProblemException e) {
            failedAt = ticker.read();
            throw e;
        }
        try {
            Map<String, Key> fetched =
                    Jwks.setParser().build().parse(set).getKeys().stream()
                            .filter(key -> key.getId() != null)
                            .collect(
                                    Collectors.toUnmodifiableMap(
                                            Jwk::getId, Jwk::toKey, (first, second) -> first));
            keys = new Keys(fetched, ticker.read());
        } catch (JwtException | IllegalArgumentException e) {
            log.warn("Auth did not respond with a key set: {}", e.toString());
            failedAt = ticker.read();
            throw noKeys();
        }
    }

    private static ProblemException noKeys() {
        return new ProblemException(
                Problem.UNAVAILABLE,
                "The keys of the auth service are not available yet. Try again.",
                RETRY_INTERVAL);
    }

    private static ProblemException invalid() {
        return new ProblemException(
                Problem.UNAUTHENTICATED, "The token is not valid. Get a new one from POST /login.");
    }
}
