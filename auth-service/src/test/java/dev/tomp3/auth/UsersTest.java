package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Tag("back-end")
class UsersTest extends RunningAuth {
    String admin;

    @BeforeEach
    void logIn() {
        admin = adminToken();
    }

    @Test
    void creates_a_user_whose_address_is_confirmed() {
        Api.Answer answer =
                api.post("/users", admin, Api.credentials("Ann@example.org", PASSWORD)).is(201);
        JsonNode user = answer.json();
        assertThat(user.propertyNames())
                .containsExactlyInAnyOrder(
                        "id", "email", "roles", "disabled", "confirmed", "created_at");
        assertThat(UUID.fromString(user.path("id").asString()).version()).isEqualTo(4);
        assertThat(answer.header("Location")).isEqualTo("/users/" + user.path("id").asString());
        assertThat(user.path("email").asString()).isEqualTo("ann@example.org");
        assertThat(user.path("roles").toString()).isEqualTo("[\"user\"]");
        assertThat(user.path("disabled").asBoolean()).isFalse();
        assertThat(user.path("confirmed").asBoolean()).isTrue();
        assertThat(Instant.parse(user.path("created_at").asString()))
                .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
        api.token("ann@example.org", PASSWORD);
    }

    @Test
    void creates_an_administrator() {
        double before = administratorsAdded();
        for (List<String> roles : List.of(List.of("admin"), List.of("user", "admin"))) {
            String email = "a" + roles.size() + "@example.org";
            JsonNode user =
                    api.post(
                                    "/users",
                                    admin,
                                    Map.of("email", email, "password", PASSWORD, "roles", roles))
                            .is(201)
                            .json();
            assertThat(user.path("roles").toString()).isEqualTo("[\"user\",\"admin\"]");
            api.get("/users", api.token(email, PASSWORD)).is(200);
        }
        assertThat(administratorsAdded()).as("for an alert").isEqualTo(before + 2);
    }

    private double administratorsAdded() {
        return api.get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("administrators_added_total "))
                .mapToDouble(line -> Double.parseDouble(line.split(" ", 2)[1]))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[\"root\"]", "[\"user\",\"ADMIN\"]", "[null]", "[\"\"]"})
    void rejects_unknown_roles(String roles) {
        api.post(
                        "/users",
                        admin,
                        "{\"email\":\"r@example.org\",\"password\":\"12345678\",\"roles\":"
                                + roles
                                + "}")
                .isProblem(400, "invalid-roles");
        String id = user("r2@example.org");
        api.patch("/users/" + id, admin, "{\"roles\":" + roles + "}")
                .isProblem(400, "invalid-roles");
    }

    @Test
    void rejects_an_invalid_user() {
        api.post("/users", admin, Api.credentials("no address", PASSWORD))
                .isProblem(400, "invalid-email");
        api.post("/users", admin, Api.credentials("ann@example.org", "short"))
                .isProblem(400, "invalid-password");
        api.post("/users", admin, Map.of()).isProblem(400, "invalid-email");
        user("ann@example.org");
        api.post("/users", admin, Api.credentials("ANN@example.org", PASSWORD))
                .isProblem(409, "email-taken");
    }

    @Test
    void lists_users_newest_first_in_pages() {
        clock.stop();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.add(user("page" + i + "@example.org"));
            if (i != 2) clock.advance(Duration.ofMillis(1)); // two have the same time
        }
        List<String> listed = new ArrayList<>();
        String cursor = "";
        int pages = 0;
        while (true) {
            JsonNode page = api.get("/users?limit=2" + cursor, admin).is(200).json();
            assertThat(page.propertyNames()).containsExactlyInAnyOrder("items", "next");
            page.path("items").forEach(user -> listed.add(user.path("id").asString()));
            pages++;
            if (page.path("next").isNull()) break;
            cursor = "&cursor=" + page.path("next").asString();
        }
        assertThat(pages).isEqualTo(3); // five and the administrator
        assertThat(listed).hasSize(6).doesNotHaveDuplicates();
        assertThat(listed.subList(0, 1)).containsExactly(made.get(4));
        assertThat(listed.subList(1, 3)).containsExactlyInAnyOrder(made.get(3), made.get(2));
        Collections.reverse(made);
        assertThat(listed.subList(3, 5)).containsExactlyElementsOf(made.subList(3, 5));
        JsonNode all = api.get("/users", admin).is(200).json();
        assertThat(all.path("items")).hasSize(6);
        assertThat(all.path("next").isNull()).isTrue();
    }

    @Test
    void finds_users_by_a_part_of_their_address() {
        String ann = user("ann.100%@example.org");
        user("annette@example.org");
        user("bob@example.net");
        JsonNode first = api.get("/users?limit=1&email=ANN", admin).is(200).json();
        assertThat(first.path("items").get(0).path("email").asString())
                .isEqualTo("annette@example.org");
        String cursor = first.path("next").asString();
        JsonNode second =
                api.get("/users?limit=1&email=ANN&cursor=" + cursor, admin).is(200).json();
        assertThat(second.path("items").get(0).path("id").asString()).isEqualTo(ann);
        assertThat(second.path("next").isNull()).isTrue();
        assertThat(api.get("/users?email=0%25@", admin).is(200).json().path("items")).hasSize(1);
        assertThat(api.get("/users?email=_", admin).is(200).json().path("items")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "101", "-1", "x", "99999999999"})
    void rejects_an_invalid_limit(String limit) {
        api.get("/users?limit=" + limit, admin).isProblem(400, "malformed-request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "MTIz", "%00", "!!!", "eC95", "MTIzLzQ1Ng"})
    void rejects_an_invalid_cursor(String cursor) {
        api.get("/users?cursor=" + cursor, admin).isProblem(400, "invalid-cursor");
    }

    @Test
    void changes_only_the_given_members() {
        String id = user("ann@example.org");
        JsonNode user = api.patch("/users/" + id, admin, Map.of("disabled", true)).is(200).json();
        assertThat(user.path("disabled").asBoolean()).isTrue();
        assertThat(user.path("roles").toString()).isEqualTo("[\"user\"]");
        user =
                api.patch("/users/" + id, admin, Map.of("roles", List.of("user", "admin")))
                        .is(200)
                        .json();
        assertThat(user.path("disabled").asBoolean()).isTrue();
        assertThat(user.path("roles").toString()).isEqualTo("[\"user\",\"admin\"]");
        JsonNode same =
                api.patch("/users/" + id, admin, "{\"email\":\"x@example.org\",\"disabled\":null}")
                        .is(200)
                        .json();
        assertThat(same).isEqualTo(user);
        api.patch("/users/" + id.toUpperCase(Locale.ROOT), admin, Map.of()).is(200);
    }

    @Test
    void checks_the_current_role_and_not_that_of_the_token() {
        String id = user("ann@example.org");
        String token = api.token("ann@example.org", PASSWORD);
        api.get("/users", token).isProblem(403, "forbidden");
        api.patch("/users/" + id, admin, Map.of("roles", List.of("user"))).is(200);
        api.validate(token).is(200); // nothing has changed
        api.patch("/users/" + id, admin, Map.of("roles", List.of("admin"))).is(200);
        api.get("/users", token).isProblem(401, "unauthenticated");
        String administrators = api.token("ann@example.org", PASSWORD);
        api.get("/users", administrators).is(200);
        api.patch("/users/" + id, admin, Map.of("roles", List.of("user"))).is(200);
        api.get("/users", administrators).isProblem(401, "unauthenticated");
    }

    @Test
    void disabling_revokes_the_tokens_and_enabling_revives_none() {
        String id = user("ann@example.org");
        String token = api.token("ann@example.org", PASSWORD);
        api.patch("/users/" + id, admin, Map.of("disabled", true)).is(200);
        api.validate(token).isProblem(401, "unauthenticated");
        api.patch("/users/" + id, admin, Map.of("disabled", false)).is(200);
        api.validate(token).isProblem(401, "unauthenticated");
        api.validate(api.token("ann@example.org", PASSWORD)).is(200);
    }

    @Test
    void revokes_the_tokens_of_another_user() {
        String id = user("ann@example.org");
        String token = api.token("ann@example.org", PASSWORD);
        api.patch("/users/" + id, admin, Map.of("end_tokens", false)).is(200);
        api.validate(token).is(200);
        api.patch("/users/" + id, admin, Map.of("end_tokens", true)).is(200);
        api.validate(token).isProblem(401, "unauthenticated");
    }

    @Test
    void a_one_time_password_serves_only_to_choose_another_one() {
        String id = user("ann@example.org");
        String token = api.token("ann@example.org", PASSWORD);
        String once =
                api.post("/users/" + id + "/one-time-password", admin, "")
                        .is(201)
                        .json()
                        .path("password")
                        .asString();
        api.validate(token).isProblem(401, "unauthenticated");
        api.login("ann@example.org", PASSWORD).isProblem(401, "bad-credentials");
        api.login("ann@example.org", once).isProblem(403, "password-change-required");
        change("ann@example.org", "wrong", "a new one").isProblem(401, "bad-credentials");
        change("ann@example.org", once, "short").isProblem(400, "invalid-password");
        change("ann@example.org", once, "a new one").is(204);
        change("ann@example.org", once, "another one").isProblem(401, "bad-credentials");
        api.login("ann@example.org", once).isProblem(401, "bad-credentials");
        api.validate(api.token("ann@example.org", "a new one")).is(200);
    }

    @Test
    void what_is_rejected_costs_no_hash() {
        String id = user("ann@example.org");
        int before = encoder.made();
        for (String unknown : List.of("x", "00000000-0000-4000-8000-000000000000"))
            api.post("/users/" + unknown + "/one-time-password", admin, "")
                    .isProblem(404, "not-found");
        for (String path : List.of("/users", "/register"))
            api.post(path, admin, Api.credentials("ann@example.org", PASSWORD))
                    .isProblem(409, "email-taken");
        assertThat(encoder.made()).isEqualTo(before);
        api.post("/users/" + id + "/one-time-password", admin, "").is(201);
        assertThat(encoder.made()).isEqualTo(before + 1);
    }

    private Api.Answer change(String email, String old, String replacement) {
        return api.send(
                Api.body(
                        api.request("/password").header("Authorization", Api.basic(email, old)),
                        "POST",
                        Map.of("new", replacement)));
    }

    @Test
    void changes_require_a_token_of_the_last_ten_minutes() {
        String id = user("ann@example.org");
        clock.advance(Duration.ofMinutes(10).plusSeconds(1));
        Api.Answer rejected = api.patch("/users/" + id, admin, Map.of("disabled", true));
        rejected.isProblem(401, "token-too-old");
        assertThat(rejected.header("WWW-Authenticate"))
                .isEqualTo("Bearer error=\"insufficient_user_authentication\", max_age=\"600\"");
        api.post("/users", admin, Api.credentials("bob@example.org", PASSWORD))
                .isProblem(401, "token-too-old");
        api.post("/users/" + id + "/one-time-password", admin, "").isProblem(401, "token-too-old");
        api.delete("/users/" + id, admin).isProblem(401, "token-too-old");
        api.get("/users", admin).is(200);
        api.patch("/users/" + id, adminToken(), Map.of("disabled", true)).is(200);
    }

    @Test
    void deletes_a_user_and_invalidates_the_tokens() {
        String id = user("ann@example.org");
        String token = api.token("ann@example.org", PASSWORD);
        assertThat(api.delete("/users/" + id, admin).is(204).text()).isEmpty();
        api.delete("/users/" + id, admin).isProblem(404, "not-found");
        api.validate(token).isProblem(401, "unauthenticated");
        api.login("ann@example.org", PASSWORD).isProblem(401, "bad-credentials");
        user("ann@example.org");
        api.validate(token).isProblem(401, "unauthenticated");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000000-0000-4000-8000-000000000000",
                "1",
                "x",
                "1-1-1-1-1",
                "%27%20OR%201=1",
                "admin@localhost",
                "ffffffff-ffff-ffff-ffff-ffffffffffff0"
            })
    void does_not_find_an_unknown_user(String id) {
        api.patch("/users/" + id, admin, Map.of("disabled", true)).isProblem(404, "not-found");
        api.delete("/users/" + id, admin).isProblem(404, "not-found");
    }

    @Test
    void is_for_administrators_only() {
        String email = registered();
        String token = api.token(email, PASSWORD);
        String id = api.validate(token).json().path("sub").asString();
        api.get("/users", token).isProblem(403, "forbidden");
        api.post("/users", token, Api.credentials("x@example.org", PASSWORD))
                .isProblem(403, "forbidden");
        api.patch("/users/" + id, token, Map.of("roles", List.of("admin")))
                .isProblem(403, "forbidden");
        api.delete("/users/" + id, token).isProblem(403, "forbidden");
        api.get("/users").isProblem(401, "unauthenticated");
        api.get("/users", "rubbish").isProblem(401, "unauthenticated");
        assertThat(api.get("/users").header("WWW-Authenticate")).isEqualTo("Bearer");
        api.send(Api.body(api.request("/users/" + id), "PATCH", Map.of("disabled", true)))
                .isProblem(401, "unauthenticated");
        api.send(api.request("/users/" + id).DELETE()).isProblem(401, "unauthenticated");
        // not by its password either
        api.send(api.request("/users").header("Authorization", Api.basic(ADMIN, ADMIN_PASSWORD)))
                .isProblem(401, "unauthenticated");
    }

    @Test
    void keeps_the_last_administrator() {
        String id = api.validate(admin).json().path("sub").asString();
        String disabled = user("off@example.org");
        api.patch("/users/" + disabled, admin, "{\"roles\":[\"admin\"],\"disabled\":true}").is(200);
        api.delete("/users/" + id, admin).isProblem(409, "last-administrator");
        api.patch("/users/" + id, admin, Map.of("disabled", true))
                .isProblem(409, "last-administrator");
        api.patch("/users/" + id, admin, Map.of("roles", List.of("user")))
                .isProblem(409, "last-administrator");
        api.patch("/users/" + id, admin, "{\"roles\":[\"user\"],\"disabled\":true}")
                .isProblem(409, "last-administrator");
        api.get("/users", admin).is(200);
        api.delete("/users/" + disabled, admin).is(204);
    }

    @RepeatedTest(3)
    void keeps_one_administrator_when_two_remove_each_other() throws Exception {
        String first = api.validate(admin).json().path("sub").asString();
        String second = user("second@example.org");
        api.patch("/users/" + second, admin, Map.of("roles", List.of("admin"))).is(200);
        CyclicBarrier together = new CyclicBarrier(2);
        try (var crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (String id : List.of(first, second)) {
                answers.add(
                        crowd.submit(() -> {
                            together.await();
                            return api.patch(
                                            "/users/" + id, admin, Map.of("roles", List.of("user")))
                                    .status();
                        }));
            }
            List<Integer> statuses = new ArrayList<>();
            for (var answer : answers) statuses.add(answer.get());
            // the second request may fail earlier: its user is no longer an administrator, and the
            // change of the roles has revoked the token
            assertThat(statuses).contains(200);
            assertThat(statuses).containsAnyOf(409, 403, 401);
        } finally {
            // the remaining administrator restores the role of the first one
            String left =
                    api.validate(admin).json().path("admin").asBoolean()
                            ? admin
                            : api.token("second@example.org", PASSWORD);
            api.patch("/users/" + first, left, Map.of("roles", List.of("admin"))).is(200);
        }
    }

    private String user(String email) {
        return api.post("/users", admin, Api.credentials(email, PASSWORD))
                .is(201)
                .json()
                .path("id")
                .asString();
    }
}
