package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Tag("back-end")
class AccountTest extends RunningAuth {
    @Test
    void registers_a_user_whose_address_is_not_confirmed() {
        assertThat(api.get("/register").is(200).json().path("open").asBoolean()).isTrue();
        Api.Answer answer =
                api.post("/register", Api.credentials("Ann@Example.ORG", PASSWORD)).is(201);
        assertThat(answer.json().propertyNames()).containsExactlyInAnyOrder("id", "email");
        assertThat(answer.json().path("email").asString()).isEqualTo("ann@example.org");
        JsonNode user = api.validate(api.token("ann@example.org", PASSWORD)).is(200).json();
        assertThat(user.path("sub")).isEqualTo(answer.json().path("id"));
        assertThat(user.path("confirmed").asBoolean()).isFalse();
        assertThat(user.path("admin").asBoolean()).isFalse();
        assertThat(user.path("roles").toString()).isEqualTo("[\"user\"]");
    }

    @Test
    void rejects_an_address_that_has_an_account_however_it_is_spelt() {
        api.post("/register", Api.credentials("bob@example.org", PASSWORD)).is(201);
        api.post("/register", Api.credentials("BOB@example.ORG", PASSWORD))
                .isProblem(409, "email-taken");
    }

    @Test
    void distinguishes_addresses_that_differ_in_an_accent() {
        api.post("/register", Api.credentials("rene@example.org", PASSWORD)).is(201);
        api.post("/register", Api.credentials("rené@example.org", PASSWORD)).is(201);
        api.post("/register", Api.credentials("rene\u0301@example.org", PASSWORD))
                .isProblem(409, "email-taken");
    }

    @Test
    void creates_one_account_for_two_simultaneous_requests() throws Exception {
        try (var crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Api.Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                answers.add(
                        crowd.submit(() ->
                                api.post(
                                        "/register",
                                        Api.credentials("race@example.org", PASSWORD))));
            }
            List<Integer> statuses = new ArrayList<>();
            for (var answer : answers) statuses.add(answer.get().status());
            assertThat(statuses).containsExactlyInAnyOrder(201, 409, 409, 409);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "ann",
                "ann@",
                "@example.org",
                "ann@@example.org",
                "ann@exa mple.org",
                "ann @example.org",
                " ann@example.org",
                "ann@example.org ",
                "ann@example.org\n",
                "ann\r\nBcc: x@example.org",
                "ann\u0000@example.org",
                "ann\u202e@example.org",
                "ann@example..org",
                "ann@.example.org",
                "ann@example.org.",
                "ann@-example.org",
                ".ann@example.org",
                "an..n@example.org",
                "Ann <ann@example.org>",
                "ann@[127.0.0.1]",
                "ann,bob@example.org",
                "\"ann\"@example.org"
            })
    void rejects_what_is_not_an_address(String email) {
        api.post("/register", Api.credentials(email, PASSWORD)).isProblem(400, "invalid-email");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ann@localhost",
                "a@b",
                "ann+videos@example.org",
                "o'neil@example.org",
                "x_y-z.1@sub.example-site.co.uk",
                "用户@例子.广告"
            })
    void accepts_valid_addresses(String email) {
        api.post("/register", Api.credentials(email, PASSWORD)).is(201);
        api.token(email, PASSWORD);
    }

    @Test
    void accepts_addresses_of_up_to_254_characters() {
        String domain = ("d".repeat(61) + ".").repeat(3) + "org"; // 189
        String longest = "l".repeat(64) + "@" + domain;
        assertThat(longest).hasSize(254);
        api.post("/register", Api.credentials(longest, PASSWORD)).is(201);
        api.post("/register", Api.credentials(longest + "x", PASSWORD))
                .isProblem(400, "invalid-email");
        api.post("/register", Api.credentials("l".repeat(65) + "@example.org", PASSWORD))
                .isProblem(400, "invalid-email");
    }

    @Test
    void accepts_passwords_of_8_to_128_characters() {
        api.post("/register", Api.credentials("p1@example.org", "1234567"))
                .isProblem(400, "invalid-password");
        api.post("/register", Api.credentials("p1@example.org", "🎵".repeat(7)))
                .isProblem(400, "invalid-password");
        api.post("/register", Api.credentials("p1@example.org", "        ")).is(201);
        api.post("/register", Api.credentials("p2@example.org", "🎵".repeat(128))).is(201);
        api.token("p2@example.org", "🎵".repeat(128));
        api.post("/register", Api.credentials("p3@example.org", "x".repeat(129)))
                .isProblem(400, "invalid-password");
        api.post(
                        "/register",
                        "{\"email\":\"p4@example.org\",\"password\":\""
                                + "\\ud83c".repeat(8)
                                + "\"}")
                .isProblem(400, "invalid-password");
    }

    @Test
    void requires_both_members_and_ignores_others() {
        api.post("/register", Map.of("password", PASSWORD)).isProblem(400, "invalid-email");
        api.post("/register", Map.of("email", "m@example.org")).isProblem(400, "invalid-password");
        api.post("/register", "{\"email\":null,\"password\":null}").isProblem(400, "invalid-email");
        api.post(
                        "/register",
                        Map.of(
                                "email",
                                "m@example.org",
                                "password",
                                PASSWORD,
                                "admin",
                                true,
                                "roles",
                                List.of("admin")))
                .is(201);
        assertThat(
                        api.validate(api.token("m@example.org", PASSWORD))
                                .json()
                                .path("admin")
                                .asBoolean())
                .isFalse();
    }

    @Test
    void changes_the_password_and_ends_all_earlier_tokens() {
        String email = registered();
        String before = api.token(email, PASSWORD);
        api.post("/password", before, Map.of("old", PASSWORD, "new", "battery staple")).is(204);
        api.validate(before).isProblem(401, "unauthenticated");
        api.login(email, PASSWORD).isProblem(401, "bad-credentials");
        String after = api.token(email, "battery staple");
        api.validate(after).is(200);
        api.post("/password", before, Map.of("old", "battery staple", "new", PASSWORD))
                .isProblem(401, "unauthenticated");
    }

    @Test
    void changes_no_password_without_the_old_one() {
        String email = registered();
        String token = api.token(email, PASSWORD);
        api.post("/password", token, Map.of("old", "wrong password", "new", "battery staple"))
                .isProblem(401, "bad-credentials");
        api.post("/password", token, Map.of("new", "battery staple"))
                .isProblem(401, "bad-credentials");
        api.post("/password", token, Map.of("old", PASSWORD, "new", "short"))
                .isProblem(400, "invalid-password");
        api.post("/password", token, Map.of("old", PASSWORD)).isProblem(400, "invalid-password");
        api.post("/password", Map.of("old", PASSWORD, "new", "battery staple"))
                .isProblem(401, "unauthenticated");
        api.validate(token).is(200);
        api.token(email, PASSWORD);
    }

    @Test
    void throttles_guesses_of_the_old_password() {
        clock.stop();
        String email = registered();
        String token = api.token(email, PASSWORD);
        for (int i = 0; i < 5; i++) {
            api.post("/password", token, Map.of("old", "wrong password", "new", "battery staple"))
                    .is(401);
        }
        Api.Answer slowed =
                api.post("/password", token, Map.of("old", PASSWORD, "new", "battery staple"));
        slowed.isProblem(429, "too-many-requests");
        assertThat(slowed.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void one_of_two_simultaneous_changes_succeeds() throws Exception {
        String email = registered();
        String token = api.token(email, PASSWORD);
        try (var crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (String password : List.of("first new one", "second new one")) {
                answers.add(
                        crowd.submit(() ->
                                api.post(
                                                "/password",
                                                token,
                                                Map.of("old", PASSWORD, "new", password))
                                        .status()));
            }
            List<Integer> statuses = new ArrayList<>();
            for (var answer : answers) statuses.add(answer.get());
            assertThat(statuses).containsExactlyInAnyOrder(204, 401);
        }
    }
}
