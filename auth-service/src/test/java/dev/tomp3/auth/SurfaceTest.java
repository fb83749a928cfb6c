package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/** Errors of every kind, health, metrics and the API description. */
class SurfaceTest extends RunningAuth {
    @Autowired
    @Qualifier("requestMappingHandlerMapping")
    RequestMappingHandlerMapping routes;

    @Test
    void does_not_find_unknown_paths() {
        for (String path :
                new String[] {"/", "/nope", "/login/x", "/users/1/2", "/actuator", "/env"}) {
            Api.Answer answer = api.get(path, adminToken());
            answer.isProblem(404, "not-found");
            if (!path.startsWith("/users")) api.get(path).isProblem(404, "not-found");
        }
    }

    @Test
    void names_the_allowed_methods() {
        Api.Answer answer = api.get("/login");
        answer.isProblem(405, "method-not-allowed");
        assertThat(answer.header("Allow")).isEqualTo("POST");
        api.send(api.request("/register").DELETE()).isProblem(405, "method-not-allowed");
        api.send(api.request("/users").header("Authorization", "Bearer " + adminToken()).DELETE())
                .isProblem(405, "method-not-allowed");
        api.send(Api.body(api.request("/.well-known/jwks.json"), "PUT", Map.of()))
                .isProblem(405, "method-not-allowed");
    }

    @Test
    void returns_json_only() {
        String token = adminToken();
        api.send(
                        api.request("/users")
                                .header("Authorization", "Bearer " + token)
                                .header("Accept", "text/html"))
                .isProblem(406, "not-acceptable");
        api.send(
                        Api.body(
                                api.request("/register").header("Accept", "image/png"),
                                "POST",
                                Api.credentials("n@example.org", PASSWORD)))
                .isProblem(406, "not-acceptable");
        // and the request was rejected before it had an effect
        api.post("/register", Api.credentials("n@example.org", PASSWORD)).is(201);
        api.send(
                        api.request("/users")
                                .header("Authorization", "Bearer " + token)
                                .header("Accept", "x"))
                .isProblem(406, "not-acceptable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/xml",
                "rubbish",
                "*/*",
                "application/*"
            })
    void accepts_json_only(String type) {
        api.send(
                        api.request("/register")
                                .header("Content-Type", type)
                                .POST(BodyPublishers.ofString("email=a@b&password=12345678")))
                .isProblem(415, "unsupported-type");
    }

    @Test
    void rejects_a_body_without_a_content_type() {
        api.send(api.request("/register").POST(BodyPublishers.ofString("{}")))
                .isProblem(415, "unsupported-type");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "\"text\"",
                "{\"email\":",
                "{'email':'a@b'}",
                "{\"email\":\"a@b\"} trailing",
                "{\"email\":[\"a@b\"],\"password\":\"12345678\"}",
                "{\"email\":{\"$gt\":\"\"},\"password\":{\"$gt\":\"\"}}",
                "{\"email\":1,\"password\":\"12345678\"}",
                "{\"email\":true,\"password\":\"12345678\"}",
                "{\"email\":\"a@b\",\"password\":12345678}",
                "{\"email\":\"a@b\",\"password\":1.5}"
            })
    void rejects_json_that_is_malformed_or_has_other_types(String body) {
        api.post("/register", body).isProblem(400, "malformed-request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"disabled\":\"true\"}",
                "{\"disabled\":1}",
                "{\"disabled\":{}}",
                "{\"roles\":\"admin\"}",
                "{\"roles\":[1]}",
                "{\"roles\":{\"admin\":true}}"
            })
    void rejects_a_change_with_other_types(String body) {
        String token = adminToken();
        String id =
                api.post("/users", token, Api.credentials("s@example.org", PASSWORD))
                        .json()
                        .path("id")
                        .asString();
        api.patch("/users/" + id, token, body).isProblem(400, "malformed-request");
    }

    @Test
    void rejects_bytes_that_are_not_utf_8() {
        api.send(
                        api.request("/register")
                                .header("Content-Type", "application/json")
                                .POST(
                                        BodyPublishers.ofByteArray(
                                                "{\"email\":\"\u00e9@example.org\",\"password\":\"12345678\"}"
                                                        .getBytes(StandardCharsets.ISO_8859_1))))
                .isProblem(400, "malformed-request");
    }

    @Test
    void rejects_a_body_of_more_than_16_kilobytes() {
        String large = "{\"email\":\"" + "x".repeat(16 * 1024) + "\"}";
        api.post("/register", large).isProblem(413, "too-large");
        api.send(
                        api.request("/register")
                                .header("Content-Type", "application/json")
                                .POST(
                                        BodyPublishers.fromPublisher( // of unknown length: chunked
                                                BodyPublishers.ofString(large))))
                .isProblem(413, "too-large");
        String small = "{\"email\":\"" + "x".repeat(16 * 1024 - 12) + "\"}";
        assertThat(small).hasSize(16 * 1024);
        api.post("/register", small).isProblem(400, "invalid-email");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n", // no host
                "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /users;x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET //users HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /../users HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /%2e%2e/users HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /a%2fb HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "BREW /login HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
                "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                "POST /register HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\n\r\n"
            })
    void answers_a_malformed_request_with_a_problem(String request) throws IOException {
        String answer = raw(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        assertThat(answer).matches("(?s)HTTP/1\\.1 4\\d\\d .*");
        assertThat(answer.toLowerCase(Locale.ROOT))
                .contains("content-type: application/problem+json")
                .doesNotContain("<html", "exception", "\nserver:");
    }

    @Test
    void answers_oversized_headers_with_a_problem() throws IOException {
        String answer =
                raw(
                        "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: "
                                + "x".repeat(20_000)
                                + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
    }

    @Test
    void is_live_and_ready() {
        assertThat(api.get("/health/live").is(200).json().path("status").asString())
                .isEqualTo("UP");
        assertThat(api.get("/health/live").json().path("components").propertyNames())
                .containsExactly("livenessState");
        Awaitility.await().untilAsserted(() -> api.get("/health/ready").is(200));
        assertThat(api.get("/health/ready").json().path("components").propertyNames())
                .containsExactlyInAnyOrder("readinessState", "dependencies");
        JsonNode health = api.get("/health").is(200).json();
        assertThat(health.path("components").path("db").path("status").asString()).isEqualTo("UP");
        assertThat(health.findValue("details")).isNull();
    }

    @Test
    void counts_its_requests() {
        api.get("/users");
        api.get("/users", adminToken());
        String metrics = api.get("/metrics").is(200).text();
        assertThat(metrics)
                .containsPattern(
                        "http_requests_total\\{method=\"GET\",path=\"/users\",status=\"401\"} \\d")
                .containsPattern(
                        "http_requests_total\\{method=\"GET\",path=\"/users\",status=\"200\"} \\d")
                .contains("http_request_duration_seconds_bucket{method=\"POST\",path=\"/login\"");
    }

    @Test
    void exposes_no_other_endpoints() {
        for (String path :
                new String[] {
                    "/env", "/beans", "/configprops", "/heapdump", "/threaddump", "/loggers",
                    "/mappings", "/info", "/shutdown", "/flyway", "/metrics/jvm.memory.used",
                            "/prometheus"
                }) {
            api.get(path).isProblem(404, "not-found");
        }
    }

    @Test
    void every_route_that_is_not_public_requires_a_token() {
        List<String> open = new ArrayList<>();
        routes.getHandlerMethods()
                .forEach((route, handler) -> {
                    for (String path : route.getPatternValues()) {
                        for (var method : route.getMethodsCondition().getMethods()) {
                            int status =
                                    api.send(
                                                    api.request(path.replace("{id}", "1"))
                                                            .method(
                                                                    method.name(),
                                                                    BodyPublishers.noBody()))
                                            .status();
                            if (status != 401) open.add(method.name() + " " + path);
                        }
                    }
                });
        assertThat(open)
                .containsExactlyInAnyOrder(
                        "GET /register",
                        "POST /register",
                        "GET /.well-known/jwks.json",
                        "GET /v3/api-docs",
                        "GET /v3/api-docs.yaml",
                        "GET /v3/api-docs/swagger-config",
                        "GET /swagger-ui.html");
    }

    @Test
    void describes_every_route_and_every_error() {
        JsonNode description = api.get("/v3/api-docs").is(200).json();
        var operations = new TreeSet<String>();
        description
                .path("paths")
                .propertyStream()
                .forEach(path ->
                        path.getValue()
                                .propertyStream()
                                .forEach(operation -> {
                                    operations.add(operation.getKey() + " " + path.getKey());
                                    describesWell(operation.getValue());
                                }));
        assertThat(operations)
                .containsExactlyInAnyOrder(
                        "post /login",
                        "get /register",
                        "post /register",
                        "post /validate",
                        "post /password",
                        "post /logout",
                        "delete /sessions",
                        "get /keys",
                        "post /keys",
                        "delete /keys/{id}",
                        "post /keys/{id}/rotate",
                        "post /users/{id}/one-time-password",
                        "get /users",
                        "post /users",
                        "patch /users/{id}",
                        "delete /users/{id}",
                        "get /.well-known/jwks.json");
        JsonNode schemes = description.path("components").path("securitySchemes");
        assertThat(schemes.path("basic").path("scheme").asString()).isEqualTo("basic");
        assertThat(schemes.path("bearer").path("scheme").asString()).isEqualTo("bearer");
        JsonNode login = description.path("paths").path("/login").path("post");
        assertThat(login.path("security").toString()).isEqualTo("[{\"basic\":[]}]");
        assertThat(login.path("responses").path("200").path("content").propertyNames())
                .containsExactlyInAnyOrder("text/plain", "application/json");
        assertThat(login.path("parameters").isMissingNode()).isTrue();
        JsonNode users = description.path("paths").path("/users").path("get");
        assertThat(users.path("security").toString()).isEqualTo("[{\"bearer\":[]}]");
        assertThat(users.path("responses").propertyNames()).contains("200", "400", "401", "403");
        JsonNode password = description.path("components").path("schemas").path("PasswordChange");
        assertThat(password.path("properties").propertyNames())
                .containsExactlyInAnyOrder("old", "new");
    }

    private static void describesWell(JsonNode operation) {
        assertThat(operation.path("summary").asString()).isNotBlank();
        operation
                .path("responses")
                .propertyStream()
                .filter(response -> response.getKey().compareTo("400") >= 0)
                .forEach(response ->
                        assertThat(response.getValue().path("content").propertyNames())
                                .containsExactly("application/problem+json"));
    }

    @Test
    void serves_swagger_ui() {
        for (String path : new String[] {"/apidocs", "/apidocs/"}) {
            Api.Answer answer = api.get(path);
            assertThat(answer.status()).isEqualTo(302);
            assertThat(answer.header("Location")).isEqualTo("/swagger-ui/index.html");
        }
        assertThat(api.get("/swagger-ui/index.html").is(200).text()).contains("swagger-ui");
        assertThat(api.get("/swagger-ui/swagger-initializer.js").is(200).text())
                .contains("/v3/api-docs/swagger-config");
        api.get("/v3/api-docs/swagger-config").is(200);
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
