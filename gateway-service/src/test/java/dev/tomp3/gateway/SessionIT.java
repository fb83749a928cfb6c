package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.assertProblem;
import static dev.tomp3.gateway.Gateway.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sessions of browsers: the cookie, what it is good for, and who may use it. */
class SessionIT {
    private static final String UNKNOWN = "/jobs/0123456789abcdef01234567";

    private Gateway gateway;
    private Gateway.Someone ann;

    @BeforeEach
    void ann() throws IOException {
        gateway = Gateway.onFiles();
        ann = gateway.someone();
        gateway.auth.relayed.clear();
    }

    @AfterEach
    void recover() {
        gateway.auth.relayStatus = 200;
        gateway.auth.mood = AuthStub.Mood.WELL;
        gateway.pass(Duration.ofSeconds(11)); // failed attempts may be repeated now
    }

    private HttpResponse<String> logIn(String... headers) {
        return logIn(gateway, ann, headers);
    }

    private static HttpResponse<String> logIn(
            Gateway gateway, Gateway.Someone who, String... headers) {
        String body =
                new JsonMapper()
                        .writeValueAsString(
                                Map.of("email", who.user.email(), "password", AuthStub.PASSWORD));
        HttpRequest.Builder request =
                gateway.request("/session").header("Content-Type", "application/json");
        if (headers.length > 0) request.headers(headers);
        return gateway.send(request.POST(BodyPublishers.ofString(body)));
    }

    private static String cookie(HttpResponse<String> answer) {
        return answer.headers().firstValue("Set-Cookie").orElseThrow();
    }

    private String session() {
        return cookie(logIn()).split(";", 2)[0];
    }

    private HttpRequest.Builder withCookie(String path) {
        return gateway.request(path).header("Cookie", "other=1; " + session());
    }

    @Test
    void a_login_sets_a_cookie_that_scripts_and_other_sites_cannot_use() {
        HttpResponse<String> answer = logIn();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(cookie(answer))
                .startsWith("tomp3_session=ey")
                .contains("; HttpOnly", "; SameSite=Strict", "; Path=/;")
                .containsPattern("; Max-Age=3[56]\\d\\d;")
                .doesNotContain("Secure", "Domain");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.body()).doesNotContain("ey");
        assertThat(json(answer)).isEqualTo(json(gateway.send(withCookie("/me"))));
    }

    @Test
    void a_login_with_basic_is_the_same() {
        String basic =
                Base64.getEncoder()
                        .encodeToString(
                                (ann.user.email() + ":" + AuthStub.PASSWORD)
                                        .getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> answer =
                gateway.send(
                        gateway.request("/session")
                                .header("Authorization", "Basic " + basic)
                                .POST(BodyPublishers.noBody()));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(json(answer).get("email").asString()).isEqualTo(ann.user.email());
    }

    @Test
    void shows_the_account_with_its_usage_and_limits() {
        ann.uploaded();
        JsonNode me = json(ann.get("/me"));
        assertThat(me.toString())
                .isEqualTo(
                        """
                        {"id":"%s","email":"%s","roles":["user"],"confirmed":true,\
                        "usage":{"stored_bytes":5000,"waiting_jobs":1},\
                        "limits":{"max_upload_bytes":1048576,"max_stored_bytes":21474836480,\
                        "max_waiting_jobs":1000,"max_duration_seconds":43200,\
                        "keep_mp3_seconds":604800,"keep_video_seconds":86400},\
                        "features":{"registration":true,"mail":false}}\
                        """
                                .formatted(ann.user.id(), ann.user.email()));
        assertThat(json(gateway.administrator().get("/me")).get("roles").toString())
                .isEqualTo("[\"user\",\"admin\"]");
        assertProblem(gateway.send(gateway.request("/me")), 401, "unauthenticated");
    }

    @Test
    void relays_why_a_login_failed_and_sets_no_cookie() {
        gateway.auth.relayStatus = 403;
        HttpRequest.Builder wrong =
                gateway.request("/session")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"email\":\"a@b\",\"password\":\"x\"}"));
        HttpResponse<String> answer = gateway.send(wrong);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
        for (String body : List.of("{}", "null", "{\"email\":\"a:b\",\"password\":\"x\"}"))
            assertProblem(
                    gateway.send(
                            gateway.request("/session")
                                    .header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString(body))),
                    401,
                    "bad-credentials");
        assertProblem(
                gateway.send(
                        gateway.request("/session")
                                .header("Content-Type", "text/plain")
                                .POST(BodyPublishers.ofString("{}"))),
                415,
                "unsupported-type");
        assertProblem(
                gateway.send(
                        gateway.request("/session")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("\"" + "x".repeat(70_000) + "\""))),
                413,
                "too-large");
    }

    /** A browser answers a challenge of Basic with a window of its own, over the page's form. */
    @Test
    void a_wrong_password_in_the_form_makes_no_browser_ask_for_it() {
        gateway.auth.relayStatus = 401;
        HttpRequest.Builder form =
                gateway.request("/session")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"email\":\"a@b\",\"password\":\"x\"}"));
        for (HttpRequest.Builder request :
                List.of(
                        form,
                        form.copy().POST(BodyPublishers.ofString("{}")),
                        form.copy().POST(BodyPublishers.noBody()))) {
            HttpResponse<String> answer = gateway.send(request);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().allValues("WWW-Authenticate")).containsExactly("Bearer");
        }
        HttpResponse<String> basic =
                gateway.send(
                        gateway.request("/session")
                                .header("Authorization", "Basic eDp5")
                                .POST(BodyPublishers.noBody()));
        assertThat(basic.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Basic");
    }

    @Test
    void needs_auth_to_log_in_and_out() {
        String session = session();
        assertThat(gateway.send(gateway.request("/me").header("Cookie", session)).statusCode())
                .isEqualTo(200);
        gateway.pass(Duration.ofSeconds(21));
        for (AuthStub.Mood mood : List.of(AuthStub.Mood.ODD, AuthStub.Mood.AWAY)) {
            gateway.auth.mood = mood;
            assertProblem(logIn(), 503, "unavailable");
            assertProblem(
                    gateway.send(
                            gateway.request("/session")
                                    .header("Cookie", session)
                                    .header("Sec-Fetch-Site", "same-origin")
                                    .DELETE()),
                    503,
                    "unavailable");
            // a session that was approved within the last minutes can still read
            assertThat(gateway.send(gateway.request("/me").header("Cookie", session)).statusCode())
                    .isEqualTo(200);
        }
    }

    /** Behind a proxy that speaks HTTPS, and that TRUSTED_PROXIES names. */
    @Test
    void over_https_only_a_secure_cookie_counts() throws IOException {
        Gateway proxied = Gateway.onGridFs();
        Gateway.Someone bob = proxied.someone();
        HttpResponse<String> answer = logIn(proxied, bob, "X-Forwarded-Proto", "https");
        assertThat(cookie(answer))
                .startsWith("__Host-tomp3_session=ey")
                .contains("; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/;");
        String value = cookie(answer).split(";", 2)[0].split("=", 2)[1];
        for (String name : List.of("__Host-tomp3_session", "tomp3_session")) {
            for (String scheme : List.of("https", "http")) {
                HttpResponse<String> me =
                        proxied.send(
                                proxied.request("/me")
                                        .header("X-Forwarded-Proto", scheme)
                                        .header("Cookie", name + "=" + value));
                assertThat(me.statusCode())
                        .as(name + " over " + scheme)
                        .isEqualTo(
                                name.startsWith("__Host-") == scheme.equals("https") ? 200 : 401);
            }
        }
        // who is not a trusted proxy cannot say that
        assertThat(cookie(logIn("X-Forwarded-Proto", "https"))).startsWith("tomp3_session=");
    }

    @ParameterizedTest
    @CsvSource({
        "same-origin, , true",
        "same-origin, http://evil.example, true",
        "same-site, http://HOST, false",
        "cross-site, http://HOST, false",
        "none, http://HOST, false",
        ", http://HOST, true",
        ", https://HOST, true",
        ", http://evil.example, false",
        ", http://HOST.evil.example, false",
        ", http://localhost:1, false",
        ", null, false",
        ", http://[, false",
        ", , false"
    })
    void a_change_with_the_cookie_must_come_from_the_same_origin(
            String site, String origin, boolean allowed) {
        for (String method : List.of("DELETE", "POST")) {
            for (String path : List.of(UNKNOWN, "/upload", "/password", "/users/1", "/session")) {
                if (path.equals("/session") && method.equals("POST")) continue;
                if (path.equals("/session") && allowed) continue;
                HttpRequest.Builder request = withCookie(path);
                if (site != null) request.header("Sec-Fetch-Site", site);
                if (origin != null)
                    request.header("Origin", origin.replace("HOST", "127.0.0.1:" + gateway.port()));
                HttpResponse<String> answer =
                        gateway.send(request.method(method, BodyPublishers.noBody()));
                if (allowed) assertThat(answer.body()).doesNotContain("cross-site");
                else if (answer.statusCode() != 405) assertProblem(answer, 403, "cross-site");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "cross-site, , 403",
        "same-site, , 403",
        "same-origin, , 200",
        ", http://evil.example, 403",
        ", , 200"
    })
    void another_site_cannot_log_its_visitors_in(String site, String origin, int status) {
        HttpResponse<String> answer =
                site != null
                        ? logIn("Sec-Fetch-Site", site)
                        : origin != null ? logIn("Origin", origin) : logIn();
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    void the_cookie_is_good_wherever_a_token_is() {
        assertThat(gateway.send(withCookie("/jobs")).statusCode()).isEqualTo(200);
        HttpResponse<String> upload =
                gateway.send(
                        withCookie("/upload")
                                .header("Sec-Fetch-Site", "same-origin")
                                .header("Content-Type", Form.TYPE)
                                .POST(new Form().file("a.mp4", Form.video(100)).publisher()));
        assertThat(upload.statusCode()).as(upload.body()).isEqualTo(202);
        gateway.send(withCookie("/users"));
        assertThat(gateway.auth.relayed.getLast().header("Authorization")).startsWith("Bearer ey");
        assertThat(gateway.auth.relayed.getLast().header("Cookie")).isEmpty();
    }

    @Test
    void a_bearer_token_wins() {
        Gateway.Someone bob = gateway.someone();
        HttpResponse<String> me =
                gateway.send(withCookie("/me").header("Authorization", "Bearer " + bob.token));
        assertThat(json(me).get("id").asString()).isEqualTo(bob.user.id());
        assertProblem(
                gateway.send(withCookie("/me").header("Authorization", "Bearer x")),
                401,
                "unauthenticated");
        // and is not subject to the rule for cookies
        assertProblem(
                gateway.send(
                        withCookie(UNKNOWN)
                                .header("Authorization", "Bearer " + bob.token)
                                .header("Sec-Fetch-Site", "cross-site")
                                .DELETE()),
                404,
                "not-found");
        gateway.send(withCookie("/users").header("Authorization", "Basic eDp5"));
        assertThat(gateway.auth.relayed.getLast().header("Authorization")).isEqualTo("Basic eDp5");
    }

    @Test
    void an_old_cookie_prevents_neither_a_login_nor_the_description() {
        assertThat(logIn("Cookie", "tomp3_session=old").statusCode()).isEqualTo(200);
        assertThat(
                        gateway.send(
                                        gateway.request("/v3/api-docs")
                                                .header("Cookie", "tomp3_session=old"))
                                .statusCode())
                .isEqualTo(200);
        assertProblem(
                gateway.send(gateway.request("/me").header("Cookie", "tomp3_session=old")),
                401,
                "unauthenticated");
    }

    @Test
    void a_logout_revokes_the_token_and_deletes_the_cookie() {
        String session = session();
        assertThat(gateway.send(gateway.request("/me").header("Cookie", session)).statusCode())
                .isEqualTo(200);
        gateway.auth.relayStatus = 204;
        HttpResponse<String> answer =
                gateway.send(
                        gateway.request("/session")
                                .header("Cookie", session)
                                .header("Sec-Fetch-Site", "same-origin")
                                .DELETE());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        assertThat(cookie(answer)).startsWith("tomp3_session=;").contains("Max-Age=0");
        AuthStub.Received logout = gateway.auth.relayed.getLast();
        assertThat(logout.method() + " " + logout.path()).isEqualTo("POST /logout");
        assertThat(logout.header("Authorization")).isEqualTo("Bearer " + session.split("=", 2)[1]);
        gateway.auth.disable(ann.user); // this gateway asks again at once
        assertProblem(
                gateway.send(gateway.request("/me").header("Cookie", session)),
                401,
                "unauthenticated");
    }

    // ---- API keys

    @Test
    void each_operation_accepts_only_keys_with_its_scope() {
        List<String> scopes = List.of("jobs:read", "jobs:write", "download", "webhooks");
        JsonNode api = json(gateway.send(gateway.request("/v3/api-docs")));
        api.get("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .properties()
                                .forEach(operation -> {
                                    JsonNode security = operation.getValue().path("security");
                                    if (security.valueStream().noneMatch(any -> any.has("bearer")))
                                        return;
                                    List<String> accepting =
                                            security.valueStream()
                                                    .filter(any -> any.has("key"))
                                                    .flatMap(any ->
                                                            any.get("key").isEmpty()
                                                                    ? scopes.stream()
                                                                    : any.get("key")
                                                                            .valueStream()
                                                                            .map(
                                                                                    JsonNode
                                                                                            ::asString))
                                                    .toList();
                                    for (String scope : scopes)
                                        verify(operation.getKey(), path.getKey(), scope, accepting);
                                }));
    }

    /** The body of an answer. An event stream has no end, so that its body is not read. */
    private static String body(HttpResponse<InputStream> answer) {
        try (InputStream body = answer.body()) {
            return answer.headers().firstValue("Content-Type").orElse("").startsWith("text/event")
                    ? "a stream"
                    : new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void verify(String method, String path, String scope, List<String> accepting) {
        HttpResponse<InputStream> answer =
                gateway.send(
                        gateway.request(path.replaceAll("\\{\\w+}", "0123456789abcdef01234567"))
                                .header(
                                        "Authorization",
                                        "Bearer " + gateway.auth.key(ann.user, scope))
                                .header("Content-Type", contentType(path))
                                .header("Tus-Resumable", "1.0.0")
                                .method(
                                        method.toUpperCase(java.util.Locale.ROOT),
                                        BodyPublishers.noBody()),
                        BodyHandlers.ofInputStream());
        String body = body(answer);
        String what = method + " " + path + " with " + scope + ": " + body;
        if (accepting.contains(scope)) {
            assertThat(answer.statusCode()).as(what).isNotIn(401, 403, 405, 415);
        } else if (method.equals("head")) {
            assertThat(answer.statusCode()).as(what).isEqualTo(403);
        } else {
            assertThat(answer.statusCode()).as(what).isEqualTo(403);
            assertProblem(body, 403, "insufficient-scope");
            if (accepting.size() == 1) {
                assertThat(body).as(what).contains(accepting.getFirst());
                assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
                        .contains("scope=\"" + accepting.getFirst() + "\"");
            }
        }
    }

    private static String contentType(String path) {
        if (path.startsWith("/files")) return "application/offset+octet-stream";
        return path.equals("/upload") ? Form.TYPE : "application/json";
    }

    @Test
    void a_key_with_a_wrong_checksum_is_rejected_without_asking_auth() {
        String key = gateway.auth.key(ann.user, "jobs:read");
        int before = gateway.auth.introspections.get();
        ann.token = key.substring(0, key.length() - 1) + (key.endsWith("0") ? "1" : "0");
        assertProblem(ann.get("/jobs"), 401, "unauthenticated");
        ann.token = "tomp3_";
        assertProblem(ann.get("/jobs"), 401, "unauthenticated");
        assertThat(gateway.auth.introspections.get()).isEqualTo(before);
    }

    @Test
    void a_revoked_key_is_rejected_within_twenty_seconds() {
        ann.token = gateway.auth.key(ann.user, "jobs:read");
        int before = gateway.auth.introspections.get();
        for (int i = 0; i < 3; i++) assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
        assertThat(gateway.auth.introspections.get()).isEqualTo(before + 1);
        gateway.auth.revokeKey(ann.token);
        gateway.pass(Duration.ofSeconds(20));
        assertProblem(ann.get("/jobs"), 401, "unauthenticated");
    }
}
