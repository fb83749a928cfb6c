package dev.tomp3.auth;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Header;
import io.jsonwebtoken.JwsHeader;
import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import java.security.Key;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Issues and verifies tokens. A token is valid while its key is published, it has not expired, its
 * user exists and is enabled, and neither this token nor all tokens of the user were revoked.
 */
@Component
class Tokens {
    static final String ALGORITHM = "RS256";
    private static final String TOMP3 = "tomp3"; // both issuer and audience
    private static final String GENERATION = "gen";

    private final SigningKeys keys;
    private final Users users;
    private final RevokedTokens revoked;
    private final AuthProperties properties;
    private final Clock clock;
    private final JwtParser parser;

    Tokens(
            SigningKeys keys,
            Users users,
            RevokedTokens revoked,
            AuthProperties properties,
            Clock clock) {
        this.keys = keys;
        this.users = users;
        this.revoked = revoked;
        this.properties = properties;
        this.clock = clock;
        this.parser =
                Jwts.parser()
                        .keyLocator(this::key)
                        .requireIssuer(TOMP3)
                        .requireAudience(TOMP3)
                        .clock(() -> Date.from(clock.instant()))
                        .build();
    }

    record Issued(String token, Instant expiresAt) {}

    Issued issue(User user) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Instant end = now.plus(properties.tokenTtl());
        SigningKeys.SigningKey key = keys.newest();
        String token =
                Jwts.builder()
                        .header()
                        .keyId(key.id())
                        .and()
                        .issuer(TOMP3)
                        .audience()
                        .add(TOMP3)
                        .and()
                        .subject(user.id())
                        .id(UUID.randomUUID().toString())
                        .issuedAt(Date.from(now))
                        .expiration(Date.from(end))
                        .claim(GENERATION, user.tokenGeneration())
                        .signWith(key.privateKey(), Jwts.SIG.RS256)
                        .compact();
        return new Issued(token, end);
    }

    /** The user behind the token; empty if it is invalid. */
    Optional<TokenIntrospection> verify(String token) {
        Claims claims;
        try {
            claims = parser.parseSignedClaims(token).getPayload();
        } catch (JwtException | IllegalArgumentException e) {
            return Optional.empty();
        }
        String subject = claims.getSubject();
        String id = claims.getId();
        Date issued = claims.getIssuedAt();
        Date end = claims.getExpiration();
        if (subject == null
                || id == null
                || issued == null
                || end == null
                || !(claims.get(GENERATION) instanceof Number generation)) return Optional.empty();
        return users.find(subject)
                .filter(user -> !user.disabled())
                .filter(user -> user.tokenGeneration() == generation.intValue())
                .filter(_ -> !revoked.contains(id))
                .map(user ->
                        TokenIntrospection.of(
                                user,
                                id,
                                issued.toInstant(),
                                end.toInstant(),
                                properties.registrationOpen()));
    }

    /** Not called for unsigned tokens: the parser rejects them. */
    private @Nullable Key key(Header header) {
        return header instanceof JwsHeader signed && ALGORITHM.equals(signed.getAlgorithm())
                ? keys.publicKey(signed.getKeyId())
                : null;
    }
}
