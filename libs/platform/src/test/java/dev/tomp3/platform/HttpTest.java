package dev.tomp3.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** What all services have in common, tested with a small one. */
class HttpTest {
    private static final String STORE_UP = "back_end_up{back_end=\"store\"}";

    private static volatile boolean storeUp;
    private static ConfigurableApplicationContext service;
    private static int port;

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import({HttpConfiguration.class, Things.class})
    static class SmallService {
        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> shortHeaderTimeout() {
            return tomcat ->
                    tomcat.addConnectorCustomizers(
                            connector -> connector.setProperty("headerTimeout", "1000"));
        }

        @Bean
        ProbeIntervals shortIntervals() {
            return new ProbeIntervals(
                    Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofSeconds(2));
        }

        @Bean
        Dependency store() {
            return new Dependency() {
                @Override
                public String name() {
                    return "store";
                }

                @Override
                public void initialize() throws IOException {
                    probe();
                }

                @Override
                public void probe() throws IOException {
                    if (!storeUp) throw new IOException("not yet");
                }
            };
        }
    }

    @RestController
    static class Things {
        @GetMapping("/things/{id}")
        String get(@PathVariable("id") int id) {
            return "thing " + id;
        }

        @GetMapping("/search")
        String search(@RequestParam("q") String words) {
            return words;
        }

        @PostMapping(path = "/things", consumes = MediaType.APPLICATION_JSON_VALUE)
        String post(@RequestBody Map<String, String> thing) {
            return thing.toString();
        }

        @GetMapping("/refused/{problem}")
        String refuse(@PathVariable("problem") Problem problem) {
            throw new ProblemException(problem, "Because.", Map.of("legal", 3));
        }

        @GetMapping("/busy")
        String busy() {
            throw new ProblemException(
                    Problem.TOO_MANY_REQUESTS, "Slower.", Duration.ofMillis(1200));
        }

        @GetMapping("/broken")
        String broken() {
            throw new IllegalStateException("the password is swordfish");
        }

        @GetMapping("/status")
        ResponseEntity<Void> status() {
            return ResponseEntity.status(400).build();
        }

        @GetMapping("/away")
        String away() {
            throw new DataAccessResourceFailureException("the password is swordfish");
        }

        @GetMapping("/read-only")
        String readOnly() {
            throw new UncategorizedDataAccessException(
                    "the password is swordfish", new SQLException("read-only", "HY000", 1290)) {
                private static final long serialVersionUID = 1L;
            };
        }

        @GetMapping("/cut")
        String cut() {
            throw new RecoverableDataAccessException("the password is swordfish");
        }
    }

    @BeforeAll
    static void start() {
        storeUp = false;
        service =
                new SpringApplicationBuilder(SmallService.class)
                        .run(
                                "--server.port=0",
                                "--server.address=127.0.0.1",
                                "--management.endpoints.web.base-path=/",
                                "--management.endpoints.web.exposure.include=health,prometheus",
                                "--management.endpoints.web.path-mapping.prometheus=metrics",
                                "--management.endpoint.health.group.ready.include=dependencies");
        port = service.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GET,  /nothing,      404, not-found",
        "GET,  /things,       405, method-not-allowed",
        "POST, /things/1,     405, method-not-allowed",
        "GET,  /things/x,     400, malformed-request",
        "GET,  /search,       400, malformed-request",
        "POST, /things,       415, unsupported-type",
        "GET,  /broken,       500, internal",
        "GET,  /away,         503, unavailable",
        "GET,  /cut,          503, unavailable",
        "GET,  /read-only,    503, unavailable",
        "GET,  /busy,         429, too-many-requests"
    })
    void every_error_is_a_problem_and_reveals_no_internals(
            String method, String path, int status, String code) throws Exception {
        HttpResponse<String> answer = send(method, path);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertProblem(answer, "urn:tomp3:" + code, status);
        assertThat(answer.body()).doesNotContain("swordfish", "Exception", "dev.tomp3");
    }

    @ParameterizedTest
    @EnumSource(Problem.class)
    void each_problem_has_its_status_and_type(Problem problem) throws Exception {
        HttpResponse<String> answer = send("GET", "/refused/" + problem.name());
        assertThat(answer.statusCode()).isEqualTo(problem.status());
        assertProblem(answer, problem.type(), problem.status());
        assertThat(body(answer))
                .containsEntry("title", problem.title())
                .containsEntry("detail", "Because.")
                .containsEntry("legal", 3);
        assertThat(answer.headers().firstValue("WWW-Authenticate").isPresent())
                .isEqualTo(problem.status() == 401);
        if (problem == Problem.UNAVAILABLE)
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void sends_retry_after_in_seconds() throws Exception {
        assertThat(send("GET", "/busy").headers().firstValue("Retry-After")).contains("2");
        assertThat(send("GET", "/away").headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void names_the_allowed_methods() throws Exception {
        assertThat(send("POST", "/things/1").headers().firstValue("Allow")).contains("GET");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a|b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "rubbish\r\n\r\n"
            })
    void answers_requests_that_tomcat_cannot_parse_with_a_problem(String request) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith("HTTP/1.1 400")
                    .containsIgnoringCase("content-type: application/problem+json")
                    .contains("urn:tomp3:malformed-request")
                    .containsIgnoringCase("x-content-type-options: nosniff")
                    .doesNotContain("<html", "Tomcat");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"rubbish", "*/*", "application/*", "text/plain; charset=none", "a/b, c/d"})
    void rejects_an_invalid_content_type(String type) throws Exception {
        HttpResponse<String> answer = send("POST", "/things", "Content-Type", type);
        assertThat(answer.statusCode()).isEqualTo(415);
        assertProblem(answer, "urn:tomp3:unsupported-type", 415);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/nothing", "/health/ready/nothing", "/health/a/b"})
    void an_unknown_health_group_is_a_problem(String path) throws Exception {
        assertProblem(send("GET", path), "urn:tomp3:not-found", 404);
    }

    @Test
    void a_bare_status_becomes_a_problem() throws Exception {
        assertProblem(send("GET", "/status"), "urn:tomp3:malformed-request", 400);
    }

    @Test
    void every_response_forbids_content_sniffing() throws Exception {
        for (String path : new String[] {"/things/1", "/nothing", "/broken", "/metrics"})
            assertThat(send("GET", path).headers().firstValue("X-Content-Type-Options"))
                    .contains("nosniff");
    }

    @Test
    void closes_a_connection_whose_headers_arrive_too_slowly() throws Exception {
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), port);
                Socket idle = new Socket(InetAddress.getLoopbackAddress(), port)) {
            slow.getOutputStream()
                    .write(
                            "GET /things/1 HTTP/1.1\r\nHost: x\r\nX: "
                                    .getBytes(StandardCharsets.US_ASCII));
            await().pollInterval(Duration.ofMillis(100))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> closedAfterAnotherByte(slow));
            // the timeout starts with the first byte
            idle.getOutputStream()
                    .write(
                            "GET /things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(idle.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200");
        }
    }

    private static boolean closedAfterAnotherByte(Socket socket) {
        try {
            socket.getOutputStream().write('x');
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void counts_requests_by_route_template_from_zero() throws Exception {
        String things = "http_requests_total{method=\"GET\",path=\"/things/{id}\",status=\"200\"}";
        assertThat(send("GET", "/metrics").body())
                .contains(
                        "http_requests_total{method=\"POST\",path=\"/things\",status=\"200\"} 0.0",
                        things);
        double before = metric(things);
        send("GET", "/things/1");
        send("GET", "/things/2");
        await().untilAsserted(() -> assertThat(metric(things)).isEqualTo(before + 2));
        send("GET", "/things/x");
        send("GET", "/no/such/thing/7");
        send("BREW", "/things/1");
        await().untilAsserted(() ->
                assertThat(send("GET", "/metrics").body())
                        .contains(
                                "path=\"/things/{id}\",status=\"400\"}",
                                "path=\"unmatched\",status=\"404\"}",
                                "method=\"other\"")
                        .containsPattern(
                                Pattern.quote("http_request_duration_seconds_bucket{method=\"GET\"")
                                        + ".*le=\"0.1\"")
                        .doesNotContain("/things/1", "/no/such", "BREW"));
    }

    @Test
    void becomes_ready_once_its_dependencies_are_initialized_and_stays_ready() throws Exception {
        assertThat(send("GET", "/health/ready").statusCode()).isEqualTo(503);
        assertThat(metric(STORE_UP)).isZero();
        storeUp = true;
        await().untilAsserted(
                        () -> assertThat(send("GET", "/health/ready").statusCode()).isEqualTo(200));
        assertThat(metric(STORE_UP)).isEqualTo(1);
        storeUp = false;
        await().untilAsserted(() -> assertThat(metric(STORE_UP)).isZero());
        assertThat(send("GET", "/health/ready").statusCode()).isEqualTo(200);
        storeUp = true;
        await().untilAsserted(() -> assertThat(metric(STORE_UP)).isEqualTo(1));
    }

    /** The test above shortens them. */
    @Test
    void probes_every_ten_seconds_and_retries_every_second() {
        assertThat(ProbeIntervals.DEFAULT)
                .isEqualTo(
                        new ProbeIntervals(
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(25)));
    }

    private static double metric(String name) throws Exception {
        return send("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static HttpResponse<String> send(String method, String path, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .method(method, BodyPublishers.ofString("x"))
                        .timeout(Duration.ofSeconds(10));
        if (headers.length > 0) request.headers(headers);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofString());
        }
    }

    private static void assertProblem(HttpResponse<String> answer, String type, int status) {
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        assertThat(body(answer)).containsEntry("type", type).containsEntry("status", status);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> body(HttpResponse<String> answer) {
        return (Map<String, Object>) new JsonMapper().readValue(answer.body(), Map.class);
    }
}
