package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.assertProblem;
import static dev.tomp3.gateway.Gateway.json;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.tomp3.jobs.Webhook;
import dev.tomp3.jobs.WebhookDelivery;
import dev.tomp3.jobs.Webhooks;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.mongodb.core.MongoTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The webhooks of a user; what is sent to them is the notifier's matter. */
class WebhookIT {
    private static final String URL = "https://example.org/tomp3";
    private static final String UNKNOWN = "0123456789abcdef01234567";

    private Gateway gateway;
    private Gateway.Someone ann;
    private Gateway.Someone bob;

    @BeforeEach
    void users() throws IOException {
        gateway = Gateway.onFiles();
        ann = gateway.someone();
        bob = gateway.someone();
    }

    @AfterEach
    void deleteAll() {
        gateway.bean(Webhooks.class).deleteAllOf(ann.user.id());
    }

    private HttpResponse<String> send(
            Gateway.Someone user, String method, String path, Object body) {
        return gateway.send(
                user.request(path)
                        .header("Content-Type", "application/json")
                        .method(
                                method,
                                BodyPublishers.ofString(
                                        new JsonMapper().writeValueAsString(body))));
    }

    private HttpResponse<String> post(String path, Object body) {
        return send(ann, "POST", path, body);
    }

    private HttpResponse<String> patch(String path, Object body) {
        return send(ann, "PATCH", path, body);
    }

    private JsonNode created() {
        HttpResponse<String> answer = post("/webhooks", Map.of("url", URL));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return json(answer);
    }

    private String path() {
        return "/webhooks/" + created().get("id").asString();
    }

    @Test
    void a_webhook_shows_its_secret_only_when_it_is_new() {
        JsonNode created =
                json(
                        post(
                                "/webhooks",
                                Map.of(
                                        "url",
                                        URL,
                                        "events",
                                        List.of("job.failed"),
                                        "description",
                                        "alarm")));
        assertThat(created.propertyNames())
                .containsExactlyInAnyOrder(
                        "id", "url", "events", "description", "disabled", "created_at", "secret");
        assertThat(created.get("url").asString()).isEqualTo(URL);
        assertThat(created.get("events").values()).hasToString("[\"job.failed\"]");
        assertThat(created.get("disabled").asBoolean()).isFalse();
        String secret = created.get("secret").asString();
        assertThat(Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""))).hasSize(32);
        JsonNode listed = json(ann.get("/webhooks")).get("items");
        assertThat(listed).hasSize(1);
        JsonNode shown = json(ann.get("/webhooks/" + created.get("id").asString()));
        assertThat(shown).isEqualTo(listed.get(0));
        assertThat(shown.has("secret")).isFalse();
        assertThat(created().get("events").values()).hasToString("[\"job.done\", \"job.failed\"]");
    }

    @Test
    void a_change_disables_enables_and_moves_a_webhook() {
        String path = path();
        JsonNode off = json(patch(path, Map.of("disabled", true)));
        assertThat(off.get("disabled").asBoolean()).isTrue();
        assertThat(off.get("disabled_reason").asString()).isEqualTo("owner");
        JsonNode on =
                json(
                        patch(
                                path,
                                Map.of(
                                        "disabled",
                                        false,
                                        "url",
                                        "http://b.example:8080/x?y=z",
                                        "events",
                                        List.of("job.done", "job.done"),
                                        "description",
                                        "moved")));
        assertThat(on.get("disabled").asBoolean()).isFalse();
        assertThat(on.has("disabled_reason")).isFalse();
        assertThat(on.get("url").asString()).isEqualTo("http://b.example:8080/x?y=z");
        assertThat(on.get("events").values()).hasToString("[\"job.done\"]");
        assertThat(on.get("description").asString()).isEqualTo("moved");
        assertThat(json(patch(path, Map.of("description", ""))).has("description")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.org",
                "ftp://example.org/",
                "file:///etc/passwd",
                "javascript:alert(1)",
                "https:///x",
                "https://user:secret@example.org/",
                "https://example.org/#x",
                "https://exa mple.org/",
                "https://example.org:22/",
                "https://example.org:25/",
                "https://example.org:0/",
                "https://example.org:65536/",
                "https://[::1/",
                "gopher://example.org:80/"
            })
    void a_url_is_of_http_and_of_no_other_service(String url) {
        assertProblem(post("/webhooks", Map.of("url", url)), 400, "invalid-webhook");
        assertProblem(patch(path(), Map.of("url", url)), 400, "invalid-webhook");
    }

    @Test
    void rejects_what_a_webhook_cannot_be() {
        assertProblem(post("/webhooks", Map.of()), 400, "invalid-webhook");
        for (Map<String, Object> wrong :
                List.<Map<String, Object>>of(
                        Map.of("url", URL, "events", List.of()),
                        Map.of("url", URL, "events", List.of("job.queued")),
                        Map.of("url", URL, "events", List.of("webhook.test")),
                        Map.of("url", URL, "description", "x".repeat(201)),
                        Map.of("url", URL + "x".repeat(2048))))
            assertProblem(post("/webhooks", wrong), 400, "invalid-webhook");
        assertProblem(post("/webhooks", Map.of("url", List.of())), 400, "malformed-request");
        assertProblem(post("/webhooks", Map.of("url", "x".repeat(65 * 1024))), 413, "too-large");
    }

    @Test
    void a_user_has_ten_webhooks_at_most() {
        for (int i = 0; i < 10; i++) created();
        assertProblem(post("/webhooks", Map.of("url", URL)), 409, "too-many-webhooks");
        assertThat(json(ann.get("/webhooks")).get("items")).hasSize(10);
    }

    @Test
    void another_users_webhook_is_unknown_to_everyone_administrators_included() {
        String path = path();
        String delivery = json(post(path + "/test", Map.of())).get("id").asString();
        List<Gateway.Someone> others = List.of(bob, gateway.administrator());
        for (Gateway.Someone other : others) {
            assertThat(json(other.get("/webhooks")).get("items")).isEmpty();
            for (String[] operation : operations(path, delivery))
                assertProblem(send(other, operation[0], operation[1], Map.of()), 404, "not-found");
        }
        for (String unknown : List.of("/webhooks/" + UNKNOWN, "/webhooks/x", "/webhooks/%00"))
            for (String[] operation : operations(unknown, delivery))
                assertThat(send(ann, operation[0], operation[1], Map.of()).statusCode())
                        .as(String.join(" ", operation))
                        .isIn(404, 400);
        assertThat(ann.get(path).statusCode()).isEqualTo(200);
    }

    private static List<String[]> operations(String path, String delivery) {
        List<String[]> operations = new ArrayList<>();
        operations.add(new String[] {"GET", path});
        operations.add(new String[] {"PATCH", path});
        operations.add(new String[] {"POST", path + "/rotate"});
        operations.add(new String[] {"POST", path + "/test"});
        operations.add(new String[] {"GET", path + "/deliveries"});
        operations.add(new String[] {"POST", path + "/deliveries/" + delivery + "/replay"});
        operations.add(new String[] {"DELETE", path});
        return operations;
    }

    @ParameterizedTest
    @CsvSource({"webhooks,true", "jobs:read,false", "jobs:write,false", "download,false"})
    void an_api_key_needs_the_scope_of_webhooks(String scope, boolean enough) {
        String path = path();
        String delivery = json(post(path + "/test", Map.of())).get("id").asString();
        String token = ann.token;
        ann.token = gateway.auth.key(ann.user, scope);
        List<String[]> operations = operations(path, delivery);
        operations.addFirst(new String[] {"GET", "/webhooks"});
        operations.addFirst(new String[] {"POST", "/webhooks"});
        for (String[] operation : operations) {
            HttpResponse<String> answer = send(ann, operation[0], operation[1], Map.of("url", URL));
            if (enough) assertThat(answer.statusCode()).as(operation[1]).isLessThan(300);
            else assertProblem(answer, 403, "insufficient-scope");
        }
        ann.token = token;
    }

    @Test
    void a_rotated_secret_is_shown_and_four_rotations_a_day_are_possible() {
        JsonNode created = created();
        String path = "/webhooks/" + created.get("id").asString();
        JsonNode rotated = json(post(path + "/rotate", Map.of()));
        assertThat(rotated.get("secret").asString())
                .startsWith("whsec_")
                .isNotEqualTo(created.get("secret").asString());
        for (int i = 0; i < 3; i++)
            assertThat(post(path + "/rotate", Map.of()).statusCode()).isEqualTo(201);
        HttpResponse<String> fifth = post(path + "/rotate", Map.of());
        assertProblem(fifth, 429, "too-many-requests");
        assertThat(fifth.headers().firstValue("Retry-After")).contains("86400");
    }

    @Test
    void a_test_is_listed_and_sent_again_on_demand_while_the_webhook_is_enabled() {
        String path = path();
        HttpResponse<String> answer = post(path + "/test", Map.of());
        assertThat(answer.statusCode()).isEqualTo(202);
        JsonNode test = json(answer);
        assertThat(test.get("type").asString()).isEqualTo("webhook.test");
        assertThat(test.get("status").asString()).isEqualTo("pending");
        assertThat(test.propertyNames())
                .containsExactlyInAnyOrder(
                        "id", "type", "status", "tries", "created_at", "next_try_at");
        assertThat(json(ann.get(path + "/deliveries")).get("items").values()).containsExactly(test);
        String replay = path + "/deliveries/" + test.get("id").asString() + "/replay";
        HttpResponse<String> replayed = post(replay, Map.of());
        assertThat(replayed.statusCode()).isEqualTo(202);
        assertThat(json(replayed).get("id")).isEqualTo(test.get("id"));
        assertProblem(post(path + "/deliveries/msg_x/replay", Map.of()), 404, "not-found");
        for (int i = 0; i < 4; i++) post(path + "/test", Map.of());
        assertProblem(post(path + "/test", Map.of()), 429, "too-many-requests");
        patch(path, Map.of("disabled", true));
        assertThat(json(ann.get(path + "/deliveries")).at("/items/0/status").asString())
                .isEqualTo("cancelled");
        assertProblem(post(path + "/test", Map.of()), 409, "webhook-disabled");
        assertProblem(post(replay, Map.of()), 409, "webhook-disabled");
    }

    @Test
    void deleting_a_webhook_or_its_user_deletes_its_deliveries() {
        String path = path();
        post(path + "/test", Map.of());
        assertThat(ann.delete(path).statusCode()).isEqualTo(204);
        assertProblem(ann.delete(path), 404, "not-found");
        post(path() + "/test", Map.of());
        gateway.auth.relayStatus = 204;
        try {
            gateway.administrator().delete("/users/" + ann.user.id());
        } finally {
            gateway.auth.relayStatus = 200;
        }
        MongoTemplate mongo = gateway.bean(MongoTemplate.class);
        assertThat(mongo.findAll(Webhook.class))
                .noneMatch(webhook -> webhook.owner().id().equals(ann.user.id()));
        assertThat(mongo.findAll(WebhookDelivery.class)).isEmpty();
    }

    @Test
    void no_secret_and_no_url_is_in_the_log() {
        try (Gateway.Log log = Gateway.Log.from(Level.DEBUG)) {
            JsonNode created = json(post("/webhooks", Map.of("url", URL + "?token=sesame")));
            assertThat(String.join("\n", log.lines()))
                    .doesNotContain(created.get("secret").asString(), "sesame");
        }
    }
}
