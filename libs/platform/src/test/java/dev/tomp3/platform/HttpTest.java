package dev.tomp3.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.catalina.util.NetMask;
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
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
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

    private static final int CONNECTIONS = 40;
    private static final int TOO_MANY_CONNECTIONS = 10_000_000;
    private static final String GET = head("GET /things/1", "Host: localhost", "Connection: close");

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
                    tomcat.addConnectorCustomizers(connector -> {
                        connector.setProperty("headerTimeout", "1000");
                        GuardedHttpProtocol http =
                                (GuardedHttpProtocol) connector.getProtocolHandler();
                        http.setBodyLimits(
                                new BodyDeadline.Limits(
                                        Duration.ofMillis(600),
                                        List.of("/upload"),
                                        1024,
                                        Duration.ofMillis(300),
                                        64 * 1024));
                        http.setMaxConnections(TOO_MANY_CONNECTIONS);
                        http.setMaxConnectionsPerAddress(
                                CONNECTIONS, List.of(new NetMask("127.0.0.3")));
                    });
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

        @PostMapping("/upload")
        String upload(InputStream body) throws IOException {
            return body.readAllBytes().length + " bytes";
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
                                "--PUBLIC_URL=https://tomp3.example/converter",
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

    /** A request has buffers: as many connections as a user likes would end the process. */
    @Test
    void there_are_only_as_many_connections_as_fit_in_half_of_the_heap() {
        TomcatWebServer server =
                (TomcatWebServer) ((ServletWebServerApplicationContext) service).getWebServer();
        GuardedHttpProtocol http =
                (GuardedHttpProtocol) server.getTomcat().getConnector().getProtocolHandler();
        assertThat(http.getMaxConnections())
                .isLessThan(TOO_MANY_CONNECTIONS)
                .isEqualTo(Math.toIntExact(Runtime.getRuntime().maxMemory() / (256 * 1024)));
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
                "GET /a|b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nHost: y\r\n\r\n",
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

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "LOCALHOST:8080, 200",
        "127.0.0.1, 200",
        "127.0.0.9:1, 200",
        "[::1], 200",
        "tomp3.example, 200",
        "evil.example, 421",
        "localhost.evil.example, 421",
        "localhost.evil.example:8080, 421",
        "1, 421",
        "10.0.0.1, 421"
    })
    void on_the_loopback_address_other_hosts_are_rejected(String host, int status)
            throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            send(socket, head("GET /things/1", "Host: " + host, "Connection: close"));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 " + status);
            if (status == 421) assertThat(answer).contains("urn:tomp3:misdirected");
        }
    }

    @Test
    void every_response_has_the_headers_that_protect_browsers() throws Exception {
        for (String path : new String[] {"/things/1", "/nothing", "/broken", "/metrics"}) {
            HttpHeaders headers = send("GET", path).headers();
            assertThat(headers.firstValue("Content-Security-Policy"))
                    .contains("default-src 'none'; frame-ancestors 'none'");
            assertThat(headers.firstValue("Referrer-Policy")).contains("no-referrer");
            assertThat(headers.firstValue("Permissions-Policy")).isPresent();
        }
        assertThat(
                        send("GET", "/swagger-ui/index.html")
                                .headers()
                                .firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'self'"));
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
                            "GET /things/1 HTTP/1.1\r\nHost: localhost\r\nX: "
                                    .getBytes(StandardCharsets.US_ASCII));
            await().pollInterval(Duration.ofMillis(100))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> closedAfterAnotherByte(slow));
            // the timeout starts with the first byte
            idle.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
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

    @ParameterizedTest
    @CsvSource({
        // read by a handler
        "/things, 'Content-Type: application/json\r\nContent-Length: 16000', 400",
        "/things, 'Content-Type: application/json\r\nTransfer-Encoding: chunked', 400",
        "/upload, 'Content-Length: 16000', 400",
        // rejected without being read
        "/nothing, 'Content-Length: 16000', 404",
        "/nothing, 'Transfer-Encoding: chunked', 404",
        "/nothing, 'Content-Length: 2000000', 404"
    })
    void closes_a_connection_whose_body_arrives_too_slowly(String path, String head, int status)
            throws Exception {
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), port)) {
            send(slow, head("POST " + path, "Host: localhost", head));
            if (head.contains("chunked")) send(slow, "3e80\r\n");
            StringBuilder answer = new StringBuilder();
            await().pollInterval(Duration.ofMillis(50))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> endedAfterAnotherByte(slow, answer));
            assertThat(answer.toString()).startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void an_upload_may_take_longer_if_enough_arrives() throws Exception {
        try (Socket steady = new Socket(InetAddress.getLoopbackAddress(), port)) {
            int parts = 20;
            send(
                    steady,
                    "POST /upload HTTP/1.1\r\n"
                            + "Host: localhost\r\n"
                            + "Connection: close\r\n"
                            + "Content-Length: "
                            + 1000 * parts
                            + "\r\n\r\n");
            for (int i = 0; i < parts; i++) {
                send(steady, "x".repeat(1000));
                Thread.sleep(50);
            }
            assertThat(new String(steady.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200")
                    .contains("20000 bytes");
        }
    }

    @Test
    void a_client_may_read_its_rejection_after_it_has_sent_a_small_body() throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            for (int i = 0; i < 2; i++) {
                send(client, head("POST /nothing", "Host: localhost", "Content-Length: 60000"));
                send(client, "x".repeat(60_000));
            }
            send(client, head("GET /things/7", "Host: localhost", "Connection: close"));
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("not-found", "thing 7");
        }
    }

    @Test
    void one_address_has_a_limited_number_of_connections() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 3 * CONNECTIONS; i++) sockets.add(from("127.0.0.2"));
            await().until(() ->
                    sockets.stream().filter(HttpTest::closed).count() >= 2 * CONNECTIONS);
            assertThat(sockets.stream().filter(socket -> !closed(socket)))
                    .as("not closed")
                    .hasSize(CONNECTIONS);
            try (Socket other = from("127.0.0.4")) {
                send(other, GET);
                assertThat(other.getInputStream().readAllBytes()).isNotEmpty();
            }
            for (Socket socket : sockets) socket.close();
            await().untilAsserted(() -> {
                try (Socket again = from("127.0.0.2")) {
                    send(again, GET);
                    assertThat(again.getInputStream().readAllBytes()).isNotEmpty();
                }
            });
        } finally {
            for (Socket socket : sockets) socket.close();
        }
    }

    @Test
    void a_trusted_proxy_may_have_any_number_of_connections() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * CONNECTIONS; i++) sockets.add(from("127.0.0.3"));
            Socket last = sockets.getLast();
            send(last, GET);
            assertThat(last.getInputStream().readAllBytes()).isNotEmpty();
        } finally {
            for (Socket socket : sockets) socket.close();
        }
    }

    private static Socket from(String address) throws IOException {
        return new Socket(
                InetAddress.getLoopbackAddress(), port, InetAddress.ofLiteral(address), 0);
    }

    private static String head(String request, String... lines) {
        return request + " HTTP/1.1\r\n" + String.join("\r\n", lines) + "\r\n\r\n";
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static boolean closed(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean endedAfterAnotherByte(Socket socket, StringBuilder answer) {
        try {
            socket.setSoTimeout(1);
            while (true) {
                int read = socket.getInputStream().read();
                if (read < 0) return true;
                answer.append((char) read);
            }
        } catch (SocketTimeoutException e) {
            try {
                socket.getOutputStream().write('x');
                return false;
            } catch (IOException closed) {
                return true;
            }
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
