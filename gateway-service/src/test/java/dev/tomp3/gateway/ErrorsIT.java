package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The response to a faulty request is a problem, and never a page or a stack trace. */
class ErrorsIT {
    private Gateway gateway;
    private Gateway.Someone ann;

    @BeforeEach
    void ann() throws IOException {
        gateway = Gateway.onFiles();
        ann = gateway.someone();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NONSENSE\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/7.7\r\nHost: localhost\r\n\r\n",
                "GET /jobs HTTP/1.1\r\n\r\n",
                "GET /jobs HTTP/1.1\r\nHost: localhost\r\nHost: y\r\n\r\n",
                "GET /jobs HTTP/1.1\r\nHost: a b\r\n\r\n",
                "GET /jobs<script> HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /jobs{x} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /jobs/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /jobs/%c3%28 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /jobs/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /a/../../jobs HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /jobs/..%2f..%2fetc HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /jobs/%5c.. HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET //jobs HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /./jobs;a=b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /jobs?a=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /;a=b% HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /jobs;a%=b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /health;%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v3/api-docs.yaml;a%=b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /health HTTP/1.1\r\nHost: localhost\r\nAccept: ,,,\r\n\r\n",
                "GET jobs HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GE(T /jobs HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
                "POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: nonsense\r\n\r\n",
                "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "PROPFIND /jobs HTTP/1.1\r\nHost: localhost\r\n\r\n"
            })
    void answers_a_malformed_request_with_a_problem(String request) throws IOException {
        try (Gateway.Log log = Gateway.Log.from(Level.WARN);
                Wire wire = new Wire(gateway.port())) {
            wire.send(request);
            Wire.Answer answer = wire.receive();
            assertThat(answer.status()).isBetween(400, 505);
            assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(answer.body())
                    .contains("\"type\":\"urn:tomp3:")
                    .doesNotContain("Exception", "<", "Tomcat", "Apache");
            assertThat(answer.header("Server")).isEmpty();
            assertThat(log.lines()).isEmpty();
        }
    }

    /** Its parameters are read only after the request was authenticated, or needs no token. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/jobs?limit=%zz",
                "/jobs?%",
                "/jobs/0123456789abcdef01234567?%",
                "/download?%",
                "/download?fid=%c3%28%",
                "/d/0123456789abcdef01234567?%",
                "/archives/0123456789abcdef01234567?%",
                "/?%",
                "/health?%",
                "/v3/api-docs?%"
            })
    void never_fails_because_of_a_malformed_query(String path) throws IOException {
        try (Gateway.Log log = Gateway.Log.from(Level.WARN);
                Wire wire = new Wire(gateway.port())) {
            wire.send(
                    "GET "
                            + path
                            + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                            + ann.token
                            + "\r\n\r\n");
            Wire.Answer answer = wire.receive();
            assertThat(answer.status()).isLessThan(500);
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void rejects_control_characters_in_a_header() throws IOException {
        for (String value : List.of("Bearer a\u0085b", "Bearer \u009f")) {
            try (Wire wire = new Wire(gateway.port())) {
                wire.send(
                        "GET /jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                                + value
                                + "\r\n\r\n");
                assertProblem(wire.receive(), 400, "malformed-request");
            }
        }
    }

    @Test
    void answers_headers_that_are_too_long_with_a_problem() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(
                    "GET /jobs HTTP/1.1\r\nHost: localhost\r\nX-Long: "
                            + "x".repeat(20_000)
                            + "\r\n\r\n");
            assertProblem(wire.receive(), 400, "malformed-request");
        }
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertProblem(wire.receive(), 400, "malformed-request");
        }
        try (Wire wire = new Wire(gateway.port())) {
            StringBuilder many = new StringBuilder();
            for (int i = 0; i < 500; i++) many.append("X").append(i).append(": y\r\n");
            wire.send("GET /jobs HTTP/1.1\r\nHost: localhost\r\n" + many + "\r\n");
            assertProblem(wire.receive(), 400, "malformed-request");
        }
    }

    @Test
    void serves_no_other_paths() {
        for (String path :
                List.of(
                        "/nothing",
                        "/jobs/",
                        "/upload/",
                        "/validate",
                        "/.well-known/jwks.json",
                        "/users/a/b",
                        "/favicon.ico",
                        "/actuator",
                        "/actuator/env",
                        "/env",
                        "/heapdump",
                        "/info",
                        "/configprops")) {
            assertProblem(gateway.send(gateway.request(path)), 401, "unauthenticated");
            assertProblem(ann.get(path), 404, "not-found");
        }
        for (String open :
                List.of(
                        "/app/build/nothing.js",
                        "/error",
                        "/swagger-ui/nothing",
                        "/v3/api-docs/nothing")) {
            HttpResponse<String> answer = gateway.send(gateway.request(open));
            assertThat(answer.statusCode()).as(open).isEqualTo(404);
            assertProblem(answer, 404, "not-found");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT|/upload|POST",
                "GET|/upload|POST",
                "POST|/download|GET",
                "POST|/jobs|GET",
                "PATCH|/jobs/0123456789abcdef01234567|DELETE,GET",
                "GET|/login|POST",
                "PUT|/users|GET,POST",
                "GET|/users/x|DELETE,PATCH"
            })
    void names_the_allowed_methods(String method, String path, String allowed) {
        HttpResponse<String> answer =
                gateway.send(
                        ann.request(path).method(method, HttpRequest.BodyPublishers.ofString("x")));
        assertProblem(answer, 405, "method-not-allowed");
        assertThat(answer.headers().firstValue("Allow").orElse("").split(",\\s*"))
                .containsExactlyInAnyOrder(allowed.split(",", -1));
    }

    @Test
    void returns_json_only() {
        assertProblem(ann.get("/jobs", "Accept", "text/html"), 406, "not-acceptable");
        assertProblem(ann.get("/jobs", "Accept", "nonsense"), 406, "not-acceptable");
        assertProblem(ann.get("/jobs/x", "Accept", "application/json"), 404, "not-found");
        assertProblem(ann.get("/nothing", "Accept", "text/html"), 404, "not-found");
        assertProblem(
                gateway.send(gateway.request("/jobs").header("Accept", "text/html")),
                401,
                "unauthenticated");
        String id = ann.uploaded();
        assertProblem(ann.get("/download?fid=" + id, "Accept", "audio/mpeg"), 409, "not-ready");
    }

    @Test
    void answers_head_without_a_body() {
        HttpResponse<String> answer =
                gateway.send(
                        ann.request("/jobs/x").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
    }

    @Test
    void keeps_a_connection_after_a_rejected_request_with_a_small_body() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            for (int i = 0; i < 3; i++) {
                wire.send(
                        String.join(
                                "\r\n",
                                "POST /upload HTTP/1.1",
                                "Host: localhost",
                                "Content-Length: 5",
                                "",
                                "GET /"));
                assertProblem(wire.receive(), 401, "unauthenticated");
            }
        }
    }
}
