package dev.tomp3.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
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
 * Whether a token holds. Signature, algorithm, issuer, audience, expiry and key id are checked
 * here; then auth is asked for its verdict, which is kept for {@link #FRESH}: a disabled user is
 * out within half a minute.
 *
 * <p>While auth is away, a verdict of the last {@link #STALE} still lets its bearer read. Whoever
 * is in the middle of an upload was let in when it began. Everything else waits.
 */
@Component
class Tokens {
    static final Duration FRESH = Duration.ofSeconds(20);
    static final Duration STALE = Duration.ofMinutes(10);
    static final Duration REFETCH = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int LONGEST_TOKEN = 4096;

    /** Of all tokens that a cache holds; some ten thousand of ours. */
    private static final long MOST_CHARACTERS = 10_000_000;

    private static final String TOMP3 = "tomp3";

    private static final Logger log = LoggerFactory.getLogger(Tokens.class);

    /** What a signature was found good by; as long as both hold, it is not calculated again. */
    private record Signed(String keyId, Key key, Instant expiry) {}

    private record Approved(CurrentUser caller, Signed signed, long at) {}

    private record Keys(Map<String, Key> byId, long at) {}

    private final AuthClient auth;
    private final Clock clock;
    private final Ticker ticker;
    private final JwtParser parser;

    /** By the token as it came: to compare it costs less than a safe hash of it. */
    private final Cache<String, Approved> approved;

    /** Tokens that are none, whatever auth would say, and when the keys came that said so. */
    private final Cache<String, Long> forged;

    private volatile Keys keys;
    private long unanswered;

    Tokens(AuthClient auth, Clock clock, Ticker ticker) {
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
        this.unanswered = ticker.read() - PAUSE.toNanos();
    }

    private <V> Cache<String, V> cache(Duration kept) {
        return Caffeine.newBuilder()
                .maximumWeight(MOST_CHARACTERS)
                .weigher((String token, V _) -> token.length())
                .expireAfterWrite(kept)
                .ticker(ticker)
                .build();
    }

    /**
     * Who bears the token.
     *
     * @param reading whether the request changes nothing
     * @throws ProblemException when it does not hold, or nobody can say
     */
    CurrentUser check(String token, boolean reading) {
        if (token.length() > LONGEST_TOKEN) throw refused();
        Approved earlier = approved.getIfPresent(token);
        long keysOf = keys.at();
        if (Objects.equals(forged.getIfPresent(token), keysOf)) throw refused();
        Signed signed =
                earlier != null && holds(earlier.signed())
                        ? earlier.signed()
                        : verify(token, keysOf);
        if (earlier != null && ticker.read() - earlier.at() < FRESH.toNanos())
            return earlier.caller();
        try {
            Optional<AuthClient.TokenIntrospection> verdict = auth.validate(token);
            if (verdict.isEmpty()) {
                approved.invalidate(token);
                throw refused();
            }
            CurrentUser caller = verdict.get().caller();
            approved.put(token, new Approved(caller, signed, ticker.read()));
            return caller;
        } catch (ProblemException e) {
            if (e.problem() == Problem.UNAVAILABLE && reading && earlier != null)
                return earlier.caller();
            throw e;
        }
    }

    private boolean holds(Signed signed) {
        return clock.instant().isBefore(signed.expiry())
                && signed.key().equals(keys.byId().get(signed.keyId()));
    }

    private Signed verify(String token, long keysOf) {
        try {
            Jws<Claims> jws = parser.parseSignedClaims(token);
            Date expiry = jws.getPayload().getExpiration();
            String keyId = jws.getHeader().getKeyId();
            Key key = keys.byId().get(keyId);
            // a key that went meanwhile is none
            if (expiry == null || key == null) throw refused();
            return new Signed(keyId, key, expiry.toInstant());
        } catch (JwtException | IllegalArgumentException e) {
            forged.put(token, keysOf);
            throw refused();
        }
    }

    private Key key(@Nullable String id) {
        if (id == null) throw refused();
        Key key = keys.byId().get(id);
        if (key == null) {
            refetch();
            key = keys.byId().get(id);
        }
        if (key == null) throw refused();
        return key;
    }

    /**
     * One at a time: whoever waited for another's attempt that failed does not make the next one.
     */
    private synchronized void refetch() {
        if (ticker.read() - keys.at() < REFETCH.toNanos()) return;
        if (ticker.read() - unanswered < PAUSE.toNanos()) throw unanswered();
        String set;
        try {
            set = auth.keys();
        } catch (ProblemException e) {
            unanswered = ticker.read();
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
            log.warn("Auth did not answer with keys: {}", e.toString());
            unanswered = ticker.read();
            throw unanswered();
        }
    }

    private static ProblemException unanswered() {
        return new ProblemException(
                Problem.UNAVAILABLE,
                "The auth service has not given its keys yet. Try again.",
                PAUSE);
    }

    private static ProblemException refused() {
        return new ProblemException(
                Problem.UNAUTHENTICATED, "The token is not valid. Get one from POST /login.");
    }
}
