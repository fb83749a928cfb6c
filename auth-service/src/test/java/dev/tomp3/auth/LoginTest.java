package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import tools.jackson.databind.JsonNode;

@Tag("back-end")
class LoginTest extends RunningAuth {
    @Autowired JdbcClient jdbc;

    @Test
    void returns_the_token_as_plain_text() {
        Api.Answer answer = api.login(ADMIN, ADMIN_PASSWORD).is(200);
        assertThat(answer.header("Content-Type")).startsWith("text/plain");
        assertThat(answer.text()).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        api.validate(answer.text()).is(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json, text/plain, */*",
                "text/plain;q=0.5, application/json"
            })
    void returns_json_with_the_expiry_on_request(String accept) {
        Api.Answer answer =
                api.send(api.loginRequest(ADMIN, ADMIN_PASSWORD).header("Accept", accept)).is(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        JsonNode json = answer.json();
        assertThat(json.propertyNames()).containsExactlyInAnyOrder("token", "type", "expires_at");
        assertThat(json.path("type").asString()).isEqualTo("Bearer");
        Instant end = Instant.parse(json.path("expires_at").asString());
        assertThat(end)
                .isBetween(
                        Instant.now().plus(Duration.ofHours(24)).minusSeconds(60),
                        Instant.now().plus(Duration.ofHours(24)));
        JsonNode user = api.validate(json.path("token").asString()).is(200).json();
        assertThat(user.path("exp").asLong()).isEqualTo(end.getEpochSecond());
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "text/*", "text/plain, application/json", "text/plain"})
    void prefers_plain_text_when_both_are_accepted(String accept) {
        Api.Answer answer =
                api.send(api.loginRequest(ADMIN, ADMIN_PASSWORD).header("Accept", accept)).is(200);
        assertThat(answer.header("Content-Type")).startsWith("text/plain");
    }

    @Test
    void rejects_other_types() {
        api.send(api.loginRequest(ADMIN, ADMIN_PASSWORD).header("Accept", "image/png"))
                .isProblem(406, "not-acceptable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic",
                "Basic ",
                "Basic !!!",
                "Basic bm9jb2xvbg==", // no colon
                "Bearer x",
                "Digest x",
                "Basic Og==" // neither name nor password
            })
    void rejects_malformed_basic_credentials(String header) {
        Api.Answer answer =
                api.send(
                        api.request("/login")
                                .header("Authorization", header)
                                .POST(BodyPublishers.noBody()));
        answer.isProblem(401, "bad-credentials");
        assertThat(answer.header("WWW-Authenticate")).startsWith("Basic");
    }

    @Test
    void rejects_a_login_without_credentials() {
        api.send(api.request("/login").POST(BodyPublishers.noBody()))
                .isProblem(401, "bad-credentials");
    }

    @Test
    void does_not_distinguish_an_unknown_address_from_a_wrong_password() {
        Api.Answer unknown = api.login("nobody@example.org", PASSWORD);
        Api.Answer wrong = api.login(ADMIN, "wrong password");
        unknown.isProblem(401, "bad-credentials");
        wrong.isProblem(401, "bad-credentials");
        assertThat(unknown.text()).isEqualTo(wrong.text());
    }

    @Test
    void an_unknown_address_takes_the_same_time() {
        clock.stop(); // no login is throttled: each address is new
        encoder.slow(true);
        try {
            String email = registered();
            long unknown = Long.MAX_VALUE;
            long wrong = Long.MAX_VALUE;
            // by turns, because both become faster with time
            for (int i = 0; i < 6; i++) {
                String nobody = "nobody" + i + "@example.org";
                unknown = Math.min(unknown, nanos(() -> api.login(nobody, PASSWORD)));
                clock.advance(Duration.ofMinutes(2)); // not throttled
                wrong = Math.min(wrong, nanos(() -> api.login(email, "wrong password")));
            }
            assertThat((double) unknown / wrong).isBetween(0.5, 2.0);
        } finally {
            encoder.slow(false);
        }
    }

    private static long nanos(Runnable login) {
        long start = System.nanoTime();
        login.run();
        return System.nanoTime() - start;
    }

    @Test
    void accepts_names_and_passwords_in_any_script() {
        String email = "Jürgen.Straße@Köln.example";
        String password = "пароль:🎵 naïve";
        api.post("/register", Api.credentials(email, password)).is(201);
        api.token("jürgen.straße@köln.EXAMPLE", password);
        api.login(email, "пароль:🎵 naive").isProblem(401, "bad-credentials");
    }

    @Test
    void distinguishes_long_passwords_that_differ_only_at_the_end() {
        String email = "long@example.org";
        String password = "ä".repeat(127);
        api.post("/register", Api.credentials(email, password + "x")).is(201);
        api.login(email, password + "y").isProblem(401, "bad-credentials");
        api.token(email, password + "x");
    }

    @Test
    void rejects_a_disabled_user_like_a_wrong_password_and_ends_its_tokens() {
        String email = registered();
        String token = api.token(email, PASSWORD);
        String id = api.validate(token).json().path("sub").asString();
        String wrong = api.login(email, "wrong password").text();
        api.patch("/users/" + id, adminToken(), Map.of("disabled", true)).is(200);
        api.validate(token).isProblem(401, "unauthenticated");
        assertThat(api.login(email, PASSWORD).isProblem(401, "bad-credentials").text())
                .isEqualTo(wrong);
        api.patch("/users/" + id, adminToken(), Map.of("disabled", false)).is(200);
        api.validate(api.token(email, PASSWORD)).is(200);
        api.validate(token).isProblem(401, "unauthenticated");
    }

    @Test
    void replaces_an_outdated_hash_at_the_next_login_and_keeps_the_tokens() {
        String email = registered();
        String token = api.token(email, PASSWORD);
        String old = Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8().encode(PASSWORD);
        jdbc.sql("UPDATE users SET password_hash = ? WHERE email = ?")
                .params("{pbkdf2}" + old, email)
                .update();
        api.token(email, PASSWORD);
        assertThat(
                        jdbc.sql("SELECT password_hash FROM users WHERE email = ?")
                                .param(email)
                                .query(String.class)
                                .single())
                .startsWith("{argon2}");
        api.token(email, PASSWORD);
        api.validate(token).is(200);
    }

    @Test
    void changes_a_password_whose_hash_is_outdated() {
        String email = registered();
        String token = api.token(email, PASSWORD);
        String old = Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8().encode(PASSWORD);
        jdbc.sql("UPDATE users SET password_hash = ? WHERE email = ?")
                .params("{pbkdf2}" + old, email)
                .update();
        api.post("/password", token, Map.of("old", PASSWORD, "new", "another one")).is(204);
        api.token(email, "another one");
    }

    @Test
    void throttles_the_pair_after_five_failures_and_never_locks_it() {
        clock.stop();
        String email = registered();
        for (int i = 0; i < 5; i++)
            api.login(email, "wrong password").isProblem(401, "bad-credentials");
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            Api.Answer slowed = api.login(email, PASSWORD);
            slowed.isProblem(429, "too-many-requests");
            assertThat(slowed.header("Retry-After")).isEqualTo(Integer.toString(seconds));
            clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
            api.login(email, PASSWORD).isProblem(429, "too-many-requests");
            clock.advance(Duration.ofMillis(1));
            api.login(email, "wrong password").isProblem(401, "bad-credentials");
        }
        clock.advance(Duration.ofSeconds(60));
        api.token(email, PASSWORD);
        api.login(email, "wrong password").isProblem(401, "bad-credentials");
        api.token(email, PASSWORD);
    }

    @Test
    void counts_the_spellings_of_one_address_together() {
        clock.stop();
        String email = registered();
        for (int i = 0; i < 3; i++) api.login(email, "wrong password").is(401);
        for (int i = 0; i < 2; i++) api.login(email.toUpperCase(Locale.ROOT), "w").is(401);
        api.login(email, PASSWORD).isProblem(429, "too-many-requests");
    }

    @Test
    void does_not_throttle_other_addresses_or_accounts() {
        clock.stop();
        String email = registered();
        for (int i = 0; i < 6; i++) fromAddress("203.0.113.7", email, "wrong password");
        fromAddress("203.0.113.7", email, PASSWORD).isProblem(429, "too-many-requests");
        fromAddress("203.0.113.8", email, PASSWORD).is(200);
        fromAddress("203.0.113.7", ADMIN, ADMIN_PASSWORD).is(200);
    }

    @Test
    void counts_by_the_last_address_that_is_not_a_trusted_proxy() {
        clock.stop();
        String email = registered();
        for (int i = 0; i < 6; i++)
            fromAddress("198.51.100." + i + ", 203.0.113.9, 127.0.0.5", email, "wrong password");
        fromAddress("203.0.113.9", email, PASSWORD).isProblem(429, "too-many-requests");
    }

    @Test
    void throttles_simultaneous_guesses() throws Exception {
        clock.stop();
        String email = registered();
        try (var crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 40; i++)
                answers.add(crowd.submit(() -> api.login(email, "wrong password").status()));
            int checked = 0;
            for (var answer : answers) if (answer.get() == 401) checked++;
            assertThat(checked).isBetween(5, 5 + Runtime.getRuntime().availableProcessors());
        }
    }

    @Test
    void treats_sql_as_text() {
        for (String text :
                new String[] {"' OR '1'='1", "admin@localhost' --", "{\"$ne\":null}", "%"})
            api.login(text, text).isProblem(401, "bad-credentials");
    }

    @Test
    void survives_bytes_that_are_not_text() {
        byte[] bytes = new byte[64];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i * 7 + 128);
        bytes[20] = ':';
        api.send(
                        api.request("/login")
                                .header(
                                        "Authorization",
                                        "Basic " + Base64.getEncoder().encodeToString(bytes))
                                .POST(BodyPublishers.noBody()))
                .isProblem(401, "bad-credentials");
    }

    private Api.Answer fromAddress(String forwarded, String email, String password) {
        return api.send(api.loginRequest(email, password).header("X-Forwarded-For", forwarded));
    }
}
