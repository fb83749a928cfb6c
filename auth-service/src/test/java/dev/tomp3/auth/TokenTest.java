package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jws;
import io.jsonwebtoken.JwtBuilder;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Jwks;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.UUID;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

@Tag("back-end")
class TokenTest extends RunningAuth {
    @Autowired SigningKeys keys;
    @Autowired RevokedTokens revoked;

    String email;
    String token;
    String id;

    @BeforeEach
    void logIn() {
        email = registered();
        token = api.token(email, PASSWORD);
        id = api.validate(token).is(200).json().path("sub").asString();
    }

    @Test
    void describes_the_user_behind_a_token() {
        JsonNode user = api.validate(adminToken()).is(200).json();
        assertThat(user.propertyNames())
                .containsExactlyInAnyOrder(
                        "sub",
                        "email",
                        "roles",
                        "admin",
                        "jti",
                        "iat",
                        "exp",
                        "confirmed",
                        "registration_open");
        assertThat(user.path("registration_open").asBoolean()).isTrue();
        assertThat(user.path("email").asString()).isEqualTo(ADMIN);
        assertThat(user.path("roles").toString()).isEqualTo("[\"user\",\"admin\"]");
        assertThat(user.path("admin").asBoolean()).isTrue();
        assertThat(user.path("confirmed").asBoolean()).isTrue();
        assertThat(UUID.fromString(user.path("sub").asString()).version()).isEqualTo(4);
        assertThat(user.path("exp").isIntegralNumber()).isTrue();
    }

    @Test
    void signs_what_the_published_keys_verify() {
        JsonNode set = api.get("/.well-known/jwks.json").is(200).json();
        JsonNode jwk = set.path("keys").get(0);
        assertThat(jwk.propertyNames())
                .containsExactlyInAnyOrder("kty", "kid", "alg", "use", "n", "e");
        assertThat(jwk.path("kty").asString()).isEqualTo("RSA");
        assertThat(jwk.path("alg").asString()).isEqualTo("RS256");
        assertThat(jwk.path("use").asString()).isEqualTo("sig");
        var parsed = Jwks.setParser().build().parse(set.toString()).getKeys().iterator().next();
        assertThat(parsed.thumbprint().toString()).isEqualTo(jwk.path("kid").asString());
        Jws<Claims> jws =
                Jwts.parser()
                        .verifyWith((PublicKey) parsed.toKey())
                        .requireIssuer("tomp3")
                        .requireAudience("tomp3")
                        .build()
                        .parseSignedClaims(token);
        assertThat(jws.getHeader().getKeyId()).isEqualTo(jwk.path("kid").asString());
        assertThat(jws.getHeader().getAlgorithm()).isEqualTo("RS256");
        assertThat(jws.getPayload().getSubject()).isEqualTo(id);
        assertThat(jws.getPayload().getId()).isNotBlank();
        assertThat(jws.getPayload().getIssuedAt()).isNotNull();
        assertThat(
                        Duration.between(
                                jws.getPayload().getIssuedAt().toInstant(),
                                jws.getPayload().getExpiration().toInstant()))
                .isEqualTo(Duration.ofHours(24));
        assertThat(api.token(email, PASSWORD)).isNotEqualTo(token);
    }

    @Test
    void expires_after_its_lifetime() {
        clock.advance(Duration.ofHours(24).minusSeconds(60));
        api.validate(token).is(200);
        clock.advance(Duration.ofSeconds(61));
        api.validate(token).isProblem(401, "unauthenticated");
    }

    @Test
    void accepts_only_tokens_with_the_claims_that_it_issues() {
        api.validate(signed(like()))
                .is(200); // so that the tests below reject a token for its difference alone
        api.validate(signed(like().issuer("other"))).isProblem(401, "unauthenticated");
        api.validate(signed(like().claim("aud", "other"))).isProblem(401, "unauthenticated");
        api.validate(signed(like().claim("aud", null))).isProblem(401, "unauthenticated");
        api.validate(signed(like().claim("iss", null))).isProblem(401, "unauthenticated");
        api.validate(signed(like().expiration(Date.from(Instant.now().minusSeconds(1)))))
                .isProblem(401, "unauthenticated");
        api.validate(signed(like().claim("exp", null))).isProblem(401, "unauthenticated");
        api.validate(signed(like().claim("gen", null))).isProblem(401, "unauthenticated");
        api.validate(signed(like().claim("gen", 1))).isProblem(401, "unauthenticated");
        api.validate(signed(like().claim("gen", "0"))).isProblem(401, "unauthenticated");
        api.validate(signed(like().claim("jti", null))).isProblem(401, "unauthenticated");
        api.validate(signed(like().subject(null))).isProblem(401, "unauthenticated");
        api.validate(signed(like().subject(UUID.randomUUID().toString())))
                .isProblem(401, "unauthenticated");
        api.validate(signed(like().subject("' OR 1=1 --"))).isProblem(401, "unauthenticated");
        api.validate(signed(like().notBefore(Date.from(Instant.now().plusSeconds(600)))))
                .isProblem(401, "unauthenticated");
    }

    @Test
    void logging_out_revokes_this_token_only() {
        String other = api.token(email, PASSWORD);
        assertThat(api.post("/logout", token, "").is(204).text()).isEmpty();
        api.validate(token).isProblem(401, "unauthenticated");
        api.post("/logout", token, "").isProblem(401, "unauthenticated");
        api.validate(other).is(200);
        clock.advance(Duration.ofHours(25));
        revoked.deleteExpired();
        clock.reset();
        api.validate(token).is(200); // only an expired revocation is forgotten
    }

    @Test
    void logging_out_everywhere_revokes_all_tokens_of_the_user() {
        String other = api.token(email, PASSWORD);
        api.delete("/sessions", token).is(204);
        api.validate(token).isProblem(401, "unauthenticated");
        api.validate(other).isProblem(401, "unauthenticated");
        api.validate(api.token(email, PASSWORD)).is(200);
        api.validate(adminToken()).is(200);
    }

    @Test
    void rejects_another_key_under_a_known_id() {
        KeyPair strange = TestKeys.pair("another");
        api.validate(like().signWith(strange.getPrivate(), Jwts.SIG.RS256).compact())
                .isProblem(401, "unauthenticated");
    }

    @Test
    void rejects_an_unknown_key_id_and_none() {
        var key = keys.newest().privateKey();
        api.validate(like().header().keyId("unknown").and().signWith(key, Jwts.SIG.RS256).compact())
                .isProblem(401, "unauthenticated");
        api.validate(like().header().keyId(null).and().signWith(key, Jwts.SIG.RS256).compact())
                .isProblem(401, "unauthenticated");
    }

    @Test
    void rejects_another_algorithm_of_the_same_key() {
        var key = keys.newest().privateKey();
        api.validate(like().signWith(key, Jwts.SIG.RS512).compact())
                .isProblem(401, "unauthenticated");
        api.validate(like().signWith(key, Jwts.SIG.PS256).compact())
                .isProblem(401, "unauthenticated");
    }

    @Test
    void rejects_a_token_without_a_signature() {
        api.validate(like().compact()).isProblem(401, "unauthenticated");
        String[] parts = token.split("\\.", -1);
        String none = base64("{\"alg\":\"none\",\"kid\":\"" + keys.newest().id() + "\"}");
        for (String forged :
                new String[] {
                    none + "." + parts[1] + ".",
                    none + "." + parts[1],
                    none + "." + parts[1] + "." + parts[2],
                    parts[0] + "." + parts[1] + ".",
                    parts[0] + "." + parts[1],
                    base64("{\"alg\":\"NonE\"}") + "." + parts[1] + "."
                }) {
            api.validate(forged).isProblem(401, "unauthenticated");
        }
    }

    @Test
    void rejects_the_public_key_as_a_secret() {
        var key = keys.newest().jwk().toKey();
        String pem =
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(key.getEncoded())
                        + "\n-----END PUBLIC KEY-----\n";
        for (byte[] secret :
                new byte[][] {key.getEncoded(), pem.getBytes(StandardCharsets.US_ASCII)}) {
            api.validate(
                            like().signWith(new SecretKeySpec(secret, "HmacSHA256"), Jwts.SIG.HS256)
                                    .compact())
                    .isProblem(401, "unauthenticated");
        }
    }

    @Test
    void rejects_a_changed_token() {
        String[] parts = token.split("\\.", -1);
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        String other = api.validate(adminToken()).json().path("sub").asString();
        api.validate(parts[0] + "." + base64(claims.replace(id, other)) + "." + parts[2])
                .isProblem(401, "unauthenticated");
        char last = parts[2].charAt(10);
        api.validate(
                        parts[0]
                                + "."
                                + parts[1]
                                + "."
                                + parts[2].substring(0, 10)
                                + (last == 'A' ? 'B' : 'A')
                                + parts[2].substring(11))
                .isProblem(401, "unauthenticated");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer",
                "Bearer ",
                "Bearer x",
                "Bearer ..",
                "Bearer a.b.c",
                "Bearer e30.e30.e30",
                "Bearer a.b.c.d.e",
                "Bearer bnVsbA.bnVsbA.bnVsbA",
                "Bearer W10.W10.W10",
                "Bearer {\"$ne\":1}",
                "Basic x",
                "Token x"
            })
    void rejects_what_is_not_a_token(String header) {
        Api.Answer answer =
                api.send(
                        api.request("/validate")
                                .header("Authorization", header)
                                .POST(BodyPublishers.noBody()));
        answer.isProblem(401, "unauthenticated");
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
    }

    @Test
    void rejects_a_request_without_a_token() {
        api.send(api.request("/validate").POST(BodyPublishers.noBody()))
                .isProblem(401, "unauthenticated");
    }

    @Test
    void accepts_the_scheme_in_any_case() {
        api.send(
                        api.request("/validate")
                                .header("Authorization", "bearer " + token)
                                .POST(BodyPublishers.noBody()))
                .is(200);
    }

    /** A token as the service would issue it, before it is signed, with the id of its key. */
    private JwtBuilder like() {
        return Jwts.builder()
                .header()
                .keyId(keys.newest().id())
                .and()
                .issuer("tomp3")
                .claim("aud", "tomp3")
                .subject(id)
                .id(UUID.randomUUID().toString())
                .issuedAt(Date.from(Instant.now()))
                .expiration(Date.from(Instant.now().plusSeconds(3600)))
                .claim("gen", 0);
    }

    private String signed(JwtBuilder builder) {
        return builder.signWith(keys.newest().privateKey(), Jwts.SIG.RS256).compact();
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
