package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Option;
import dev.tomp3.jobs.Warning;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code /metrics}, {@code /health} and the OpenAPI description, which need no token. */
class MetricsIT {
    private Gateway gateway;

    @BeforeEach
    void gateway() throws IOException {
        gateway = Gateway.onFiles();
    }

    @Test
    void counts_every_route_from_the_start() {
        String metrics = metrics();
        for (String route :
                List.of(
                        "method=\"POST\",path=\"/upload\"",
                        "method=\"GET\",path=\"/download\"",
                        "method=\"GET\",path=\"/jobs\"",
                        "method=\"GET\",path=\"/jobs/{id}\"",
                        "method=\"DELETE\",path=\"/jobs/{id}\"",
                        "method=\"POST\",path=\"/login\"",
                        "method=\"POST\",path=\"/register\"",
                        "method=\"POST\",path=\"/password\"",
                        "method=\"GET\",path=\"/users\"",
                        "method=\"POST\",path=\"/users\"",
                        "method=\"PATCH\",path=\"/users/{id}\"",
                        "method=\"DELETE\",path=\"/users/{id}\"")) {
            assertThat(metrics).contains("http_requests_total{" + route + ",status=\"");
            assertThat(metrics)
                    .contains("http_request_duration_seconds_bucket{" + route + ",le=\"0.1\"}")
                    .contains("http_request_duration_seconds_count{" + route + "}");
        }
    }

    @Test
    void counts_by_template_and_status_and_never_by_an_unknown_path() {
        Gateway.Someone ann = gateway.someone();
        String id = ann.uploaded();
        Map<String, Double> before = requests();
        ann.get("/jobs/" + id);
        ann.get("/jobs/0123456789abcdef01234567");
        ann.get("/jobs/rubbish");
        ann.upload(new Form().file("a.mp4", new byte[0]));
        gateway.send(
                gateway.request("/upload")
                        .header("Content-Type", Form.TYPE)
                        .POST(new Form().publisher()));
        gateway.send(gateway.request("/users/x").DELETE());
        for (int i = 0; i < 5; i++) {
            gateway.send(gateway.request("/nothing/" + i));
            ann.get("/nothing/" + i);
            gateway.send(
                    gateway.request("/jobs").method("M" + i, HttpRequest.BodyPublishers.noBody()));
        }
        Map<String, Double> grown = new TreeMap<>();
        requests()
                .forEach((series, count) -> {
                    double growth = count - before.getOrDefault(series, 0.0);
                    if (growth > 0 && !series.contains("/metrics")) grown.put(series, growth);
                });
        assertThat(grown)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "method=\"GET\",path=\"/jobs/{id}\",status=\"200\"", 1.0,
                                "method=\"GET\",path=\"/jobs/{id}\",status=\"404\"", 2.0,
                                "method=\"POST\",path=\"/upload\",status=\"400\"", 1.0,
                                "method=\"POST\",path=\"/upload\",status=\"401\"", 1.0,
                                "method=\"DELETE\",path=\"/users/{id}\",status=\"200\"", 1.0,
                                "method=\"GET\",path=\"unmatched\",status=\"401\"", 5.0,
                                "method=\"GET\",path=\"unmatched\",status=\"404\"", 5.0,
                                "method=\"other\",path=\"/jobs\",status=\"400\"", 5.0));
    }

    @Test
    void does_not_count_a_truncated_upload_as_a_success() throws IOException {
        Gateway.Someone ann = gateway.someone();
        Map<String, Double> before = requests();
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(
                    "POST /upload HTTP/1.1\r\n"
                            + "Host: localhost\r\n"
                            + "Content-Length: 9999\r\n"
                            + "Content-Type: "
                            + Form.TYPE
                            + "\r\nAuthorization: Bearer "
                            + ann.token
                            + "\r\n\r\n");
            wire.send(new Form().file("a.mp4", Form.video(3000)).unfinished());
            wire.vanish();
        }
        await().untilAsserted(() ->
                assertThat(requests())
                        .containsEntry(
                                "method=\"POST\",path=\"/upload\",status=\"400\"",
                                before.getOrDefault(
                                                "method=\"POST\",path=\"/upload\",status=\"400\"",
                                                0.0)
                                        + 1));
    }

    @Test
    void reports_unsettled_jobs_the_oldest_and_reachable_dependencies() {
        gateway.someone().uploaded();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(metric("jobs_unsettled{status=\"queued\"}")).isPositive());
        assertThat(metric("jobs_unsettled{status=\"uploading\"}")).isNotNegative();
        assertThat(metric("jobs_unsettled{status=\"converting\"}")).isNotNegative();
        assertThat(metric("jobs_oldest_waiting_seconds")).isPositive();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    for (String store : List.of("mongodb", "rabbitmq", "media"))
                        assertThat(metric("back_end_up{back_end=\"" + store + "\"}")).isEqualTo(1);
                });
        assertThat(metric("media_store_free_bytes")).isPositive();
        assertThat(metric("media_store_total_bytes"))
                .isGreaterThanOrEqualTo(metric("media_store_free_bytes"));
    }

    @Test
    void reports_its_health_and_nothing_else() {
        for (String path : List.of("/health", "/health/live", "/health/ready")) {
            HttpResponse<String> answer = gateway.send(gateway.request(path));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(Gateway.json(answer).get("status").asString()).isEqualTo("UP");
            assertThat(answer.body()).doesNotContain("127.0.0.1", "version", "details");
        }
        JsonNode live = Gateway.json(gateway.send(gateway.request("/health/live")));
        assertThat(live.get("components").propertyNames()).containsExactly("livenessState");
        JsonNode ready = Gateway.json(gateway.send(gateway.request("/health/ready")));
        assertThat(ready.get("components").propertyNames())
                .containsExactlyInAnyOrder("readinessState", "dependencies");
        Gateway.Someone root = gateway.administrator();
        for (String endpoint :
                List.of(
                        "actuator",
                        "beans",
                        "env",
                        "heapdump",
                        "info",
                        "loggers",
                        "mappings",
                        "prometheus",
                        "shutdown",
                        "threaddump",
                        "configprops",
                        "conditions",
                        "scheduledtasks",
                        "sbom",
                        "caches",
                        "startup")) {
            for (String path : List.of("/" + endpoint, "/actuator/" + endpoint)) {
                assertThat(root.get(path).statusCode()).as(path).isEqualTo(404);
            }
        }
    }

    @Test
    void describes_every_route_and_its_security() {
        JsonNode api = Gateway.json(gateway.send(gateway.request("/v3/api-docs")));
        Map<String, String> security = new TreeMap<>();
        api.get("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .properties()
                                .forEach(method ->
                                        security.put(
                                                method.getKey() + " " + path.getKey(),
                                                method.getValue()
                                                        .path("security")
                                                        .toString()
                                                        .replaceAll("[\\[\\]{}\"]", ""))));
        Map<String, String> webhooks = new TreeMap<>();
        for (String operation :
                List.of(
                        "post /webhooks",
                        "get /webhooks",
                        "get /webhooks/{id}",
                        "patch /webhooks/{id}",
                        "delete /webhooks/{id}",
                        "post /webhooks/{id}/rotate",
                        "post /webhooks/{id}/test",
                        "get /webhooks/{id}/deliveries",
                        "post /webhooks/{id}/deliveries/{delivery}/replay"))
            webhooks.put(operation, "bearer:,key:webhooks,session:");
        assertThat(security).containsAllEntriesOf(webhooks);
        security.keySet().removeAll(webhooks.keySet());
        assertThat(security)
                .containsExactlyInAnyOrderEntriesOf(
                        new TreeMap<>(
                                Map.ofEntries(
                                        Map.entry("post /session", "basic:"),
                                        Map.entry("delete /session", "bearer:,session:"),
                                        Map.entry("get /d/{id}", ""),
                                        Map.entry("get /archives/{id}", ""),
                                        Map.entry(
                                                "post /archives", "bearer:,key:download,session:"),
                                        Map.entry(
                                                "post /jobs/{id}/links",
                                                "bearer:,key:download,session:"),
                                        Map.entry(
                                                "patch /jobs/{id}/tags",
                                                "bearer:,key:jobs:write,session:"),
                                        Map.entry("get /me", "bearer:,key:,session:"),
                                        Map.entry("get /status", "bearer:,session:"),
                                        Map.entry(
                                                "post /upload", "bearer:,key:jobs:write,session:"),
                                        Map.entry("options /files", ""),
                                        Map.entry("post /files", "bearer:,key:jobs:write,session:"),
                                        Map.entry(
                                                "head /files/{id}",
                                                "bearer:,key:jobs:write,session:"),
                                        Map.entry(
                                                "patch /files/{id}",
                                                "bearer:,key:jobs:write,session:"),
                                        Map.entry(
                                                "delete /files/{id}",
                                                "bearer:,key:jobs:write,session:"),
                                        Map.entry("get /download", "bearer:,key:download,session:"),
                                        Map.entry("get /events", "bearer:,key:jobs:read,session:"),
                                        Map.entry("get /jobs", "bearer:,key:jobs:read,session:"),
                                        Map.entry(
                                                "get /jobs/{id}", "bearer:,key:jobs:read,session:"),
                                        Map.entry(
                                                "delete /jobs/{id}",
                                                "bearer:,key:jobs:write,session:"))));
        JsonNode form =
                api.at("/paths/~1upload/post/requestBody/content/multipart~1form-data/schema");
        assertThat(form.toString()).contains("Form");
        JsonNode properties = api.at("/components/schemas/Form/properties");
        assertThat(properties.propertyNames())
                .containsAll(Arrays.stream(Option.values()).map(Option::wire).toList())
                .contains("file");
        assertThat(api.at("/components/schemas/Job/properties/options/properties").propertyNames())
                .containsExactlyElementsOf(
                        Arrays.stream(Option.values()).map(Option::wire).toList());
        assertThat(properties.at("/file/format").asString()).isEqualTo("binary");
        // otherwise the page fills in a value for each option and sends them all
        for (Option option : Option.values())
            assertThat(properties.get(option.wire()).get("example").asString()).isEmpty();
        assertThat(api.at("/components/schemas/Job/properties").propertyNames())
                .contains("id", "status", "size_bytes", "created_at", "mp3_bytes", "links");
        assertThat(codes(api, "FailureView"))
                .isEqualTo(Arrays.stream(Failure.Code.values()).map(Failure.Code::wire).toList());
        assertThat(codes(api, "Warning"))
                .isEqualTo(Arrays.stream(Warning.Code.values()).map(Warning.Code::wire).toList());
        assertThat(api.at("/components/securitySchemes").propertyNames())
                .containsExactlyInAnyOrder("basic", "bearer", "key", "session");
    }

    @Test
    void serves_the_description_of_the_accounts_that_auth_gives() {
        JsonNode api = Gateway.json(gateway.send(gateway.request("/v3/api-docs/accounts")));
        assertThat(api.at("/paths").propertyNames())
                .containsExactlyInAnyOrder("/login", "/users/{id}");
        assertThat(api.at("/paths/~1login/post/summary").asString()).isEqualTo("auth's own");
        assertThat(api.at("/components/schemas/Token/type").asString()).isEqualTo("object");
        gateway.auth.mood = AuthStub.Mood.AWAY;
        try {
            Gateway.assertProblem(
                    gateway.send(gateway.request("/v3/api-docs/accounts")), 503, "unavailable");
            assertThat(gateway.send(gateway.request("/v3/api-docs")).statusCode()).isEqualTo(200);
        } finally {
            gateway.auth.mood = AuthStub.Mood.WELL;
        }
    }

    @Test
    void redirects_to_the_page() {
        HttpResponse<String> answer = gateway.send(gateway.request("/swagger-ui.html"));
        assertThat(answer.statusCode()).isEqualTo(302);
        String page = answer.headers().firstValue("Location").orElseThrow();
        assertThat(page).isEqualTo("/swagger-ui/index.html");
        HttpResponse<String> html = gateway.send(gateway.request(page));
        assertThat(html.statusCode()).isEqualTo(200);
        assertThat(html.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
        for (String part :
                List.of("swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js")) {
            assertThat(gateway.send(gateway.request("/swagger-ui/" + part)).statusCode())
                    .isEqualTo(200);
        }
        assertThat(gateway.send(gateway.request("/swagger-ui/swagger-initializer.js")).body())
                .as("does not send empty fields of a form, which would remove tags")
                .containsSubsequence(
                        "plugins: [", "ParameterIncludeEmpty", "defaultValue: false", "layout:");
        JsonNode settings =
                Gateway.json(gateway.send(gateway.request("/v3/api-docs/swagger-config")));
        assertThat(settings.findValuesAsString("url"))
                .containsExactlyInAnyOrder("/v3/api-docs", "/v3/api-docs/accounts");
        assertThat(settings.get("urls.primaryName").asString()).isEqualTo("jobs");
    }

    private static List<String> codes(JsonNode api, String schema) {
        return api.at("/components/schemas/" + schema + "/properties/code/enum")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    private String metrics() {
        HttpResponse<String> answer = gateway.send(gateway.request("/metrics"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
        return answer.body();
    }

    private double metric(String series) {
        return Gateway.metric(metrics(), series);
    }

    private Map<String, Double> requests() {
        Map<String, Double> requests = new TreeMap<>();
        metrics()
                .lines()
                .filter(line -> line.startsWith("http_requests_total{"))
                .forEach(line -> {
                    int end = line.lastIndexOf('}');
                    requests.put(
                            line.substring(line.indexOf('{') + 1, end),
                            Double.parseDouble(line.substring(end + 2)));
                });
        return requests;
    }
}
