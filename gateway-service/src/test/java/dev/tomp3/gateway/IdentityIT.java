package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tomp3.gateway.AuthStub.Mood;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Token verification in the gateway and by auth, the relay to auth, and outages of auth. */
class IdentityIT {
    private Gateway gateway;
    private AuthStub auth;
    private Gateway.Someone ann;

    @BeforeEach
    void ann() throws IOException {
        gateway = Gateway.onFiles();
        auth = gateway.auth;
        ann = gateway.someone();
        assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
        auth.relayed.clear();
    }

    @AfterEach
    void recover() {
        auth.mood = Mood.WELL;
        auth.relayStatus = 200;
        gateway.pass(Duration.ofSeconds(11)); // failed attempts may be repeated now
    }

    @Test
    @SuppressWarnings("deprecation") // a single audience instead of a list
    void rejects_every_forged_token_without_a_request_to_auth() {
        AuthStub.User user = ann.user;
        Map<String, String> forged = new LinkedHashMap<>();
        String[] parts = ann.token.split("\\.", -1);
        forged.put("no algorithm", encode("{\"alg\":\"none\"}") + "." + parts[1] + ".");
        forged.put(
                "no algorithm, with a key's id",
                encode("{\"alg\":\"none\",\"kid\":\"first\"}") + "." + parts[1] + ".");
        forged.put("no signature", parts[0] + "." + parts[1] + ".");
        forged.put("another signature", parts[0] + "." + parts[1] + "." + encode("x".repeat(256)));
        forged.put(
                "other claims",
                parts[0] + "." + encode("{\"sub\":\"root\",\"admin\":true}") + "." + parts[2]);
        forged.put(
                "the public key as a secret",
                auth.unsigned(user, "first")
                        .signWith(
                                Keys.hmacShaKeyFor(auth.publicKey("first").getEncoded()),
                                Jwts.SIG.HS256)
                        .compact());
        forged.put(
                "another key of the same name",
                auth.unsigned(user, "first")
                        .signWith(Jwts.SIG.RS256.keyPair().build().getPrivate(), Jwts.SIG.RS256)
                        .compact());
        forged.put(
                "another algorithm of the same key",
                auth.sign(auth.unsigned(user, "first"), "first", Jwts.SIG.RS512));
        forged.put(
                "a padded one", auth.sign(auth.unsigned(user, "first"), "first", Jwts.SIG.PS256));
        Date past = Date.from(Instant.now().minusSeconds(5));
        forged.put("an expired one", auth.sign(auth.unsigned(user, "first").expiration(past)));
        forged.put("one without end", auth.sign(auth.unsigned(user, "first").expiration(null)));
        forged.put(
                "one of the future",
                auth.sign(
                        auth.unsigned(user, "first")
                                .notBefore(Date.from(Instant.now().plusSeconds(600)))));
        forged.put("another's", auth.sign(auth.unsigned(user, "first").issuer("other")));
        forged.put(
                "for others",
                auth.sign(auth.unsigned(user, "first").audience().clear().add("other").and()));
        forged.put("for nobody", auth.sign(auth.unsigned(user, "first").audience().clear().and()));
        forged.put(
                "with the key in it",
                encode(
                                "{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\"},\"jku\":\"http://"
                                        + auth.address()
                                        + "/\"}")
                        + "."
                        + parts[1]
                        + "."
                        + parts[2]);
        forged.put(
                "with a number as key id",
                encode("{\"alg\":\"RS256\",\"kid\":7}") + "." + parts[1] + "." + parts[2]);
        forged.put(
                "with a list as key id",
                encode("{\"alg\":\"RS256\",\"kid\":[\"first\"]}")
                        + "."
                        + parts[1]
                        + "."
                        + parts[2]);
        forged.put(
                "deflated",
                encode("{\"alg\":\"RS256\",\"kid\":\"first\",\"zip\":\"DEF\"}")
                        + "."
                        + parts[1]
                        + "."
                        + parts[2]);
        forged.put("deep", encode("[".repeat(2000)) + "." + parts[1] + "." + parts[2]);
        forged.put("encrypted", "a.b.c.d.e");
        for (String garbage : List.of("x", "..", "a.b.c", "%", "x y", "\"\"", "null", "{}")) {
            forged.put("garbage " + garbage, garbage);
        }
        forged.put("10 kB", "x".repeat(10_000));
        forged.put("10 kB and dots", "e30.".repeat(2_500));
        int introspections = auth.introspections.get();
        try (Gateway.Log log = Gateway.Log.from(Level.WARN)) {
            forged.forEach((what, token) -> {
                HttpResponse<String> answer =
                        gateway.send(
                                gateway.request("/jobs")
                                        .header("Authorization", "Bearer " + token));
                assertThat(answer.statusCode()).as(what).isEqualTo(401);
                assertProblem(answer, 401, "unauthenticated");
                assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
            });
            assertThat(log.lines()).isEmpty();
        }
        assertThat(auth.introspections.get()).isEqualTo(introspections);
    }

    @Test
    void accepts_only_the_bearer_scheme_and_in_any_case() {
        assertProblem(gateway.send(gateway.request("/jobs")), 401, "unauthenticated");
        for (String header : List.of("Basic YTpi", "Bearer", "Bearer ", ann.token, "Token x")) {
            assertProblem(
                    gateway.send(gateway.request("/jobs").header("Authorization", header)),
                    401,
                    "unauthenticated");
        }
        assertThat(
                        gateway.send(
                                        gateway.request("/jobs")
                                                .header("Authorization", "bearer  " + ann.token))
                                .statusCode())
                .isEqualTo(200);
        assertProblem(
                gateway.send(gateway.request("/jobs?access_token=" + ann.token)),
                401,
                "unauthenticated");
    }

    @Test
    void fetches_the_keys_for_an_unknown_key_id_at_most_every_ten_seconds() {
        gateway.pass(Duration.ofSeconds(11));
        int before = auth.keyRequests.get();
        String unknown =
                ann.token.replaceFirst("[^.]+", encode("{\"alg\":\"RS256\",\"kid\":\"other\"}"));
        Gateway.Someone forger = gateway.someone();
        forger.token = unknown;
        for (int i = 0; i < 20; i++) assertProblem(forger.get("/jobs"), 401, "unauthenticated");
        assertThat(auth.keyRequests.get()).isEqualTo(before + 1);

        String fresh = "key-" + System.nanoTime();
        auth.addKey(fresh);
        Gateway.Someone bob = gateway.someone();
        bob.token = auth.sign(auth.unsigned(bob.user, fresh), fresh, Jwts.SIG.RS256);
        assertProblem(bob.get("/jobs"), 401, "unauthenticated");
        gateway.pass(Duration.ofSeconds(10));
        assertThat(bob.get("/jobs").statusCode()).isEqualTo(200);
        assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
        assertThat(auth.keyRequests.get()).isEqualTo(before + 2);
    }

    /**
     * The signature is not verified with each request, but whether its key is still published is.
     */
    @Test
    void rejects_a_cached_token_whose_key_was_withdrawn() {
        String old = "key-" + System.nanoTime();
        auth.addKey(old);
        Gateway.Someone bob = gateway.someone();
        bob.token = auth.sign(auth.unsigned(bob.user, old), old, Jwts.SIG.RS256);
        gateway.pass(Duration.ofSeconds(11));
        assertThat(bob.get("/jobs").statusCode()).isEqualTo(200);
        auth.removeKey(old);
        gateway.pass(Duration.ofSeconds(11));
        Gateway.Someone forger = gateway.someone();
        forger.token =
                ann.token.replaceFirst("[^.]+", encode("{\"alg\":\"RS256\",\"kid\":\"other\"}"));
        assertProblem(forger.get("/jobs"), 401, "unauthenticated");
        assertProblem(bob.get("/jobs"), 401, "unauthenticated");
        assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
    }

    @Test
    void rejects_a_cached_token_that_has_expired() {
        Instant soon = Instant.now().plusSeconds(2);
        Gateway.Someone bob = gateway.someone();
        bob.token = auth.sign(auth.unsigned(bob.user, "first").expiration(Date.from(soon)));
        assertThat(bob.get("/jobs").statusCode()).isEqualTo(200);
        await().until(() -> Instant.now().isAfter(soon));
        assertProblem(bob.get("/jobs"), 401, "unauthenticated");
    }

    @Test
    void introspects_a_token_every_twenty_seconds_and_rejects_a_disabled_user() {
        int before = auth.introspections.get();
        for (int i = 0; i < 5; i++) assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
        assertThat(auth.introspections.get()).isEqualTo(before);
        auth.disable(ann.user);
        gateway.pass(Duration.ofSeconds(18));
        assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
        gateway.pass(Duration.ofSeconds(3));
        assertProblem(ann.get("/jobs"), 401, "unauthenticated");
        auth.mood = Mood.AWAY; // an answer from before the rejection is not used
        assertProblem(ann.get("/jobs"), 503, "unavailable");
        auth.mood = Mood.WELL;
        auth.enable(ann.user);
        assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mood.class,
            names = {"AWAY", "ODD"})
    void allows_read_requests_with_cached_tokens_for_ten_minutes_while_auth_is_down(Mood mood) {
        String id = ann.uploaded();
        Gateway.Someone administrator = gateway.administrator();
        assertThat(administrator.get("/jobs").statusCode()).isEqualTo(200);
        gateway.pass(Duration.ofSeconds(30));
        auth.mood = mood;
        // who could see everything: the role may have been taken away meanwhile
        assertProblem(administrator.get("/jobs"), 503, "unavailable");
        for (String path : List.of("/jobs", "/jobs/" + id)) {
            assertThat(ann.get(path).statusCode()).isEqualTo(200);
        }
        assertProblem(ann.get("/download?fid=" + id), 409, "not-ready");
        for (HttpResponse<String> answer :
                List.of(
                        ann.upload(new Form().file("a.mp4", Form.video(100))),
                        ann.delete("/jobs/" + id))) {
            assertProblem(answer, 503, "unavailable");
            assertThat(answer.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isBetween(1L, 10L);
        }
        Gateway.Someone stranger = gateway.someone();
        assertProblem(stranger.get("/jobs"), 503, "unavailable");
        stranger.token = stranger.token + "x";
        assertProblem(stranger.get("/jobs"), 401, "unauthenticated");
        gateway.pass(Duration.ofMinutes(9));
        assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
        gateway.pass(Duration.ofMinutes(1));
        assertProblem(ann.get("/jobs"), 503, "unavailable");
    }

    @Test
    void a_logout_takes_effect_at_once_on_the_gateway_that_relays_it() {
        for (HttpRequest.Builder logout :
                List.of(
                        gateway.request("/logout").POST(HttpRequest.BodyPublishers.noBody()),
                        gateway.request("/sessions").DELETE())) {
            Gateway.Someone caller = gateway.someone();
            assertThat(caller.get("/jobs").statusCode()).isEqualTo(200);
            gateway.send(logout.header("Authorization", "Bearer " + caller.token));
            assertThat(auth.relayed.getLast().header("Authorization"))
                    .isEqualTo("Bearer " + caller.token);
            auth.disable(caller.user);
            assertProblem(caller.get("/jobs"), 401, "unauthenticated");
        }
    }

    @Test
    void responds_within_three_seconds_when_auth_does_not() {
        auth.mood = Mood.SILENT;
        gateway.pass(Duration.ofSeconds(30));
        String unknown =
                ann.token.replaceFirst("[^.]+", encode("{\"alg\":\"RS256\",\"kid\":\"other\"}"));
        long start = System.nanoTime();
        List<CompletableFuture<Void>> requests =
                IntStream.range(0, 6)
                        .mapToObj(i ->
                                CompletableFuture.runAsync(() -> {
                                    Gateway.Someone caller = gateway.someone();
                                    if (i % 2 == 0) caller.token = unknown;
                                    assertProblem(caller.get("/jobs"), 503, "unavailable");
                                }))
                        .toList();
        requests.forEach(CompletableFuture::join);
        assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
        // two timeouts of two and a half seconds: the simultaneous requests, then ann's
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        // a login may take longer, but not when auth does not respond at all
        long asked = System.nanoTime();
        HttpResponse<String> login =
                gateway.send(gateway.request("/login").POST(HttpRequest.BodyPublishers.noBody()));
        assertProblem(login, 503, "unavailable");
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void no_line_of_the_log_shows_a_token_or_a_password() {
        String basic = "Basic " + encode("ann@example.org:correct horse");
        Logger ours = (Logger) LoggerFactory.getLogger("dev.tomp3");
        ours.setLevel(Level.TRACE);
        try (Gateway.Log log = Gateway.Log.from(Level.TRACE)) {
            for (Mood mood : List.of(Mood.WELL, Mood.ODD, Mood.AWAY)) {
                auth.mood = mood;
                gateway.pass(Duration.ofSeconds(30));
                Gateway.Someone forger = gateway.someone();
                forger.token = ann.token + "x";
                for (Gateway.Someone caller : List.of(ann, forger)) {
                    caller.get("/jobs");
                    caller.get("/download?fid=x");
                    caller.upload(new Form().file("a.mp4", Form.video(100)));
                }
                gateway.send(
                        gateway.request("/login")
                                .header("Authorization", basic)
                                .POST(HttpRequest.BodyPublishers.noBody()));
            }
            assertThat(log.lines())
                    .isNotEmpty()
                    .noneMatch(line -> line.contains(ann.token.substring(0, 40)))
                    .noneMatch(line -> line.contains(basic.substring(6)));
        } finally {
            ours.setLevel(null);
        }
    }

    // ---- relay to auth

    @ParameterizedTest
    @CsvSource({
        "POST, /login, ''",
        "POST, /register, '{\"email\":\"é@example.org\"}'",
        "POST, /password, '{\"old\":\"a\",\"new\":\"b\"}'",
        "GET, /users?limit=5&cursor=a%20b, ''",
        "POST, /users, '{}'",
        "PATCH, /users/0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11, '{\"disabled\":true}'",
        "POST, /users/0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11/one-time-password, ''",
        "POST, /keys, '{\"name\":\"n\"}'",
        "GET, /keys, ''",
        "DELETE, /keys/0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11, ''",
        "POST, /keys/0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11/rotate, ''",
        "POST, /logout, ''",
        "DELETE, /sessions, ''",
        "DELETE, /users/0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11, ''"
    })
    void relays_requests_about_accounts(String method, String address, String body) {
        auth.relayStatus = 200;
        HttpResponse<String> answer =
                gateway.send(
                        gateway.request(address)
                                .header("Authorization", "Basic dGVzdA==")
                                .header("Accept", "application/json")
                                .header("Content-Type", "application/json")
                                .header("Cookie", "secret=1")
                                .header("X-Forwarded-For", "6.6.6.6")
                                .header("X-Forwarded-Proto", "https")
                                .method(method, HttpRequest.BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("auth's own résponse");
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("text/plain;charset=UTF-8");
        assertThat(answer.headers().firstValue("Retry-After")).contains("7");
        assertThat(answer.headers().firstValue("X-Internal")).isEmpty();
        AuthStub.Received received = auth.relayed.getLast();
        assertThat(received.method()).isEqualTo(method);
        assertThat(received.path() + (received.query() == null ? "" : "?" + received.query()))
                .isEqualTo(address);
        assertThat(received.body()).isEqualTo(body);
        assertThat(received.header("Authorization")).isEqualTo("Basic dGVzdA==");
        assertThat(received.header("Accept")).isEqualTo("application/json");
        assertThat(received.header("Content-Type")).isEqualTo("application/json");
        assertThat(received.header("Cookie")).isEmpty();
        assertThat(received.header("X-Forwarded-For")).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 409, 429, 500})
    void relays_the_errors_of_auth(int status) {
        auth.relayStatus = status;
        HttpResponse<String> answer =
                gateway.send(gateway.request("/login").POST(HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).isEqualTo("auth's own résponse");
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
    }

    @Test
    void does_not_relay_a_body_that_is_too_large_or_an_invalid_path() throws IOException {
        assertProblem(
                gateway.send(
                        gateway.request("/register")
                                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(20_000)))),
                413,
                "too-large");
        for (String path :
                List.of(
                        "/users/[x]",
                        "/users/x%00y",
                        "/users/%2e%2e/validate",
                        "/users/..%2fvalidate",
                        "/users/x;y=z",
                        "/users/a/b",
                        "/users/")) {
            try (Wire wire = new Wire(gateway.port())) {
                wire.send("DELETE " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Wire.Answer answer = wire.receive();
                assertThat(answer.status()).as(path).isIn(400, 401, 404);
                assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
            }
        }
        assertThat(auth.relayed).isEmpty();
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
