package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.platform.ApiKey;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** API keys, from their creation to their end. */
@Tag("back-end")
class KeyTest extends RunningAuth {
    private static final List<String> ALL =
            List.of("jobs:read", "jobs:write", "download", "webhooks");

    @Autowired JdbcClient jdbc;
    @Autowired ApiKeys keys;

    String email;
    String token;

    @BeforeEach
    void logIn() {
        email = registered();
        token = api.token(email, PASSWORD);
    }

    private JsonNode made(Map<String, Object> body) {
        return api.post("/keys", token, body).is(201).json();
    }

    private JsonNode made() {
        return made(Map.of("name", "script", "scopes", List.of("jobs:read", "download")));
    }

    private static String key(JsonNode made) {
        return made.path("key").asString();
    }

    private JsonNode listed() {
        return api.get("/keys", token).is(200).json().path("items");
    }

    @Test
    void shows_a_new_key_once_and_stores_its_digest_only() {
        JsonNode made = made();
        assertThat(made.propertyNames())
                .containsExactlyInAnyOrder(
                        "id", "name", "prefix", "scopes", "created_at", "expires_at", "key");
        String key = key(made);
        assertThat(key).matches("tomp3_[0-9A-Za-z]{38}");
        assertThat(ApiKey.isWellFormed(key)).isTrue();
        JsonNode shown = listed().get(0);
        assertThat(shown.propertyNames())
                .containsExactlyInAnyOrder(
                        "id",
                        "name",
                        "prefix",
                        "scopes",
                        "created_at",
                        "expires_at",
                        "last_used_at");
        assertThat(shown.path("id")).isEqualTo(made.path("id"));
        assertThat(shown.path("scopes").toString()).isEqualTo("[\"jobs:read\",\"download\"]");
        assertThat(key).startsWith(shown.path("prefix").asString());
        assertThat(shown.path("prefix").asString()).hasSize(10);
        assertThat(shown.path("last_used_at").isNull()).isTrue();
        Map<String, Object> row =
                jdbc.sql("SELECT * FROM api_keys WHERE id = ?")
                        .param(made.path("id").asString())
                        .query()
                        .singleRow();
        assertThat(row.get("hash")).isEqualTo(Digest.of(key));
        assertThat(row.values()).noneMatch(value -> String.valueOf(value).contains(key));
        assertThat(api.post("/keys", token, Map.of("name", "n", "scopes", ALL)).json())
                .isNotEqualTo(made);
    }

    @Test
    void describes_the_user_behind_a_key_and_its_scopes() {
        JsonNode user = api.validate(key(made())).is(200).json();
        assertThat(user.propertyNames())
                .containsExactlyInAnyOrder(
                        "sub",
                        "email",
                        "roles",
                        "admin",
                        "jti",
                        "iat",
                        "confirmed",
                        "scopes",
                        "registration_open");
        assertThat(user.path("email").asString()).isEqualTo(email);
        assertThat(user.path("scopes").toString()).isEqualTo("[\"jobs:read\",\"download\"]");
    }

    @Test
    void a_key_of_an_administrator_is_none() {
        String key =
                key(
                        api.post("/keys", adminToken(), Map.of("name", "n", "scopes", ALL))
                                .is(201)
                                .json());
        JsonNode user = api.validate(key).is(200).json();
        assertThat(user.path("admin").asBoolean()).isFalse();
        assertThat(user.path("roles").toString()).isEqualTo("[\"user\"]");
        api.get("/users", key).isProblem(403, "insufficient-scope");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"name\":\"n\"}",
                "{\"name\":\"n\",\"scopes\":[]}",
                "{\"name\":\"n\",\"scopes\":[null]}",
                "{\"name\":\"n\",\"scopes\":[\"admin\"]}",
                "{\"name\":\"n\",\"scopes\":[\"jobs:read\",\"*\"]}",
                "{\"scopes\":[\"download\"]}",
                "{\"name\":\" \",\"scopes\":[\"download\"]}",
                "{\"name\":\"a\\nb\",\"scopes\":[\"download\"]}",
                "{\"name\":\"n\",\"scopes\":[\"download\"],\"expires_at\":\"2020-01-01T00:00:00Z\"}",
                "{\"name\":\"n\",\"scopes\":[\"download\"],\"expires_at\":\"+999999999-01-01T00:00:00Z\"}"
            })
    void rejects_a_key_without_a_name_or_scope_or_future(String body) {
        api.post("/keys", token, body).isProblem(400, "invalid-key");
        api.post("/keys", token, Map.of("name", "n".repeat(101), "scopes", ALL))
                .isProblem(400, "invalid-key");
        assertThat(listed()).isEmpty();
    }

    @Test
    void expires() {
        Instant end = Instant.now().plusSeconds(3600);
        JsonNode made = made(Map.of("name", "n", "scopes", ALL, "expires_at", end.toString()));
        assertThat(Instant.parse(made.path("expires_at").asString()))
                .isBetween(end.minusMillis(1), end);
        assertThat(api.validate(key(made)).is(200).json().path("exp").asLong())
                .isEqualTo(end.getEpochSecond());
        clock.advance(Duration.ofSeconds(3601));
        api.validate(key(made)).isProblem(401, "unauthenticated");
        assertThat(listed()).hasSize(1);
        clock.advance(Duration.ofDays(8));
        keys.deleteInvalid();
        token = api.token(email, PASSWORD);
        assertThat(listed()).isEmpty();
    }

    @Test
    void a_deleted_key_is_rejected_and_another_users_key_is_unknown() {
        JsonNode made = made();
        String path = "/keys/" + made.path("id").asString();
        api.delete(path, adminToken()).isProblem(404, "not-found");
        api.post(path + "/rotate", adminToken(), Map.of()).isProblem(404, "not-found");
        api.validate(key(made)).is(200);
        api.delete(path, token).is(204);
        api.validate(key(made)).isProblem(401, "unauthenticated");
        api.delete(path, token).isProblem(404, "not-found");
        api.delete("/keys/" + UUID.randomUUID(), token).isProblem(404, "not-found");
    }

    @Test
    void a_rotated_key_stays_valid_for_the_overlap() {
        JsonNode old =
                made(
                        Map.of(
                                "name",
                                "script",
                                "scopes",
                                ALL,
                                "expires_at",
                                Instant.now().plus(Duration.ofDays(30)).toString()));
        String path = "/keys/" + old.path("id").asString() + "/rotate";
        for (long wrong : new long[] {-1, 604_801})
            api.post(path, token, Map.of("overlap_seconds", wrong)).isProblem(400, "invalid-key");
        clock.advance(Duration.ofMinutes(5));
        JsonNode rotated = api.post(path, token, Map.of("overlap_seconds", 3600)).is(201).json();
        assertThat(rotated.path("id")).isNotEqualTo(old.path("id"));
        assertThat(rotated.path("name").asString()).isEqualTo("script");
        assertThat(rotated.path("scopes").toString()).isEqualTo(old.path("scopes").toString());
        assertThat(
                        Duration.between(
                                Instant.parse(old.path("expires_at").asString()),
                                Instant.parse(rotated.path("expires_at").asString())))
                .isBetween(Duration.ofSeconds(299), Duration.ofSeconds(310));
        clock.advance(Duration.ofMinutes(59));
        api.validate(key(old)).is(200);
        api.validate(key(rotated)).is(200);
        clock.advance(Duration.ofMinutes(2));
        api.validate(key(old)).isProblem(401, "unauthenticated");
        api.validate(key(rotated)).is(200);
        token = api.token(email, PASSWORD);
        api.post(path, token, Map.of()).isProblem(404, "not-found");
    }

    @Test
    void a_key_that_is_rotated_without_overlap_ends_at_once() {
        JsonNode old = made();
        JsonNode rotated =
                api.post("/keys/" + old.path("id").asString() + "/rotate", token, Map.of())
                        .is(201)
                        .json();
        api.validate(key(old)).isProblem(401, "unauthenticated");
        api.validate(key(rotated)).is(200);
        assertThat(rotated.path("expires_at").isNull()).isTrue();
        assertThat(listed()).hasSize(1);
    }

    /** With the 20 seconds for which a gateway does not ask again. */
    @Test
    void tells_the_last_use_to_a_minute_without_a_write_for_each() {
        String key = key(made());
        Instant first = lastUse(key);
        clock.advance(Duration.ofSeconds(39));
        assertThat(lastUse(key)).isEqualTo(first);
        clock.advance(Duration.ofSeconds(2));
        assertThat(Duration.between(first, lastUse(key)))
                .isBetween(Duration.ofSeconds(40), Duration.ofSeconds(60));
    }

    private Instant lastUse(String key) {
        api.validate(key).is(200);
        return Instant.parse(listed().get(0).path("last_used_at").asString());
    }

    @Test
    void a_new_password_ends_all_keys() {
        String key = key(made());
        api.post("/password", token, Map.of("old", PASSWORD, "new", "another horse")).is(204);
        api.validate(key).isProblem(401, "unauthenticated");
        token = api.token(email, "another horse");
        assertThat(listed()).isEmpty();
        keys.deleteInvalid();
        assertThat(jdbc.sql("SELECT COUNT(*) FROM api_keys").query(Integer.class).single())
                .isZero();
    }

    @Test
    void disabling_or_deleting_the_user_ends_all_keys_for_good() {
        String key = key(made());
        String user = "/users/" + api.validate(token).json().path("sub").asString();
        String admin = adminToken();
        api.patch(user, admin, Map.of("disabled", true)).is(200);
        api.validate(key).isProblem(401, "unauthenticated");
        api.patch(user, admin, Map.of("disabled", false)).is(200);
        api.validate(key).isProblem(401, "unauthenticated");
        token = api.token(email, PASSWORD);
        String second = key(made());
        api.validate(second).is(200);
        api.post(user + "/one-time-password", admin, "").is(201);
        api.validate(second).isProblem(401, "unauthenticated");
        api.delete(user, admin).is(204);
        keys.deleteInvalid();
        assertThat(jdbc.sql("SELECT COUNT(*) FROM api_keys").query(Integer.class).single())
                .isZero();
    }

    @Test
    void logging_out_and_other_roles_end_no_key() {
        String key = key(made());
        String user = "/users/" + api.validate(token).json().path("sub").asString();
        api.delete("/sessions", token).is(204);
        api.patch(user, adminToken(), Map.of("roles", List.of("admin"))).is(200);
        JsonNode behind = api.validate(key).is(200).json();
        assertThat(behind.path("admin").asBoolean()).isFalse();
    }

    @Test
    void requires_a_recent_token() {
        JsonNode made = made();
        clock.advance(Duration.ofMinutes(11));
        api.post("/keys", token, Map.of("name", "n", "scopes", ALL))
                .isProblem(401, "token-too-old");
        api.post("/keys/" + made.path("id").asString() + "/rotate", token, Map.of())
                .isProblem(401, "token-too-old");
        assertThat(listed()).hasSize(1);
        api.delete("/keys/" + made.path("id").asString(), token).is(204);
    }

    @Test
    void a_user_has_at_most_a_hundred_keys() {
        IntStream.range(0, 100).forEach(_ -> made());
        api.post("/keys", token, Map.of("name", "n", "scopes", ALL))
                .isProblem(409, "too-many-keys");
    }

    /** With all scopes, each operation of the description. */
    @Test
    void a_key_is_good_for_nothing_here_but_its_validation() {
        String key = key(made(Map.of("name", "n", "scopes", ALL)));
        JsonNode description = api.get("/v3/api-docs").is(200).json();
        List<String> accepted = new ArrayList<>();
        description
                .path("paths")
                .propertyStream()
                .forEach(path ->
                        path.getValue()
                                .propertyStream()
                                .filter(operation ->
                                        operation
                                                .getValue()
                                                .path("security")
                                                .valueStream()
                                                .anyMatch(any -> any.has("bearer")))
                                .forEach(operation -> {
                                    Api.Answer answer =
                                            api.send(
                                                    api.request(path.getKey().replace("{id}", "1"))
                                                            .header(
                                                                    "Authorization",
                                                                    "Bearer " + key)
                                                            .method(
                                                                    operation
                                                                            .getKey()
                                                                            .toUpperCase(
                                                                                    Locale.ROOT),
                                                                    BodyPublishers.noBody()));
                                    if (answer.status() == 200) {
                                        accepted.add(path.getKey());
                                        assertThat(operation.getValue().path("security").toString())
                                                .contains("\"key\"");
                                    } else {
                                        answer.isProblem(403, "insufficient-scope");
                                        assertThat(answer.header("WWW-Authenticate"))
                                                .isEqualTo("Bearer error=\"insufficient_scope\"");
                                        assertThat(
                                                        operation
                                                                .getValue()
                                                                .path("responses")
                                                                .has("403"))
                                                .as(path.getKey())
                                                .isTrue();
                                    }
                                }));
        assertThat(accepted).containsExactly("/validate");
        api.validate(key).is(200);
    }

    @Test
    void rejects_what_is_not_quite_a_key() {
        String key = key(made());
        for (String wrong :
                List.of(
                        "tomp3_",
                        key + "0",
                        key.substring(0, key.length() - 1),
                        key.toLowerCase(Locale.ROOT),
                        ApiKey.random(new java.util.Random(1))))
            api.validate(wrong).isProblem(401, "unauthenticated");
    }
}
