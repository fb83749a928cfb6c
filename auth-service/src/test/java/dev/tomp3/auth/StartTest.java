package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tomp3.servers.TestDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@Tag("back-end")
@ExtendWith(OutputCaptureExtension.class)
class StartTest {
    private static final String KEY = TestKeys.pem(TestKeys.pair("1.pem"));

    @TempDir Path keys;

    Map<String, Object> settings;

    @BeforeEach
    void settings() {
        TestKeys.write(keys, "1.pem", Instant.now(), KEY);
        settings =
                new HashMap<>(
                        Map.of(
                                "AUTH_PORT",
                                0,
                                "MYSQL_PASSWORD",
                                "secret of mysql",
                                "JWT_KEYS_DIR",
                                keys.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MYSQL_PASSWORD", "JWT_KEYS_DIR"})
    void does_not_start_without_a_required_setting_and_names_it(
            String name, CapturedOutput output) {
        settings.remove(name);
        assertFails(name + " is not set", output);
        settings.put(name, " ");
        assertFails(name + " is not set", output);
    }

    @Test
    void does_not_start_without_keys(CapturedOutput output) {
        settings.put("JWT_KEYS_DIR", keys.resolve("missing"));
        assertFails("JWT_KEYS_DIR has no usable key", output);
    }

    @ParameterizedTest
    @CsvSource({
        "REGISTRATION, maybe, 'REGISTRATION is not one of open, closed: maybe'",
        "REGISTRATION, '', REGISTRATION is neither open nor closed",
        "TOKEN_TTL, 0s, TOKEN_TTL is less than a second: PT0S",
        "TOKEN_TTL, -1h, TOKEN_TTL",
        "TOKEN_TTL, 31d, TOKEN_TTL is more than 30 days: PT744H",
        "MYSQL_TLS, yes, 'MYSQL_TLS is not one of disabled, preferred, required, verify_ca,"
                + " verify_identity: yes'",
        "TOKEN_TTL, soon, 'TOKEN_TTL is not a duration such as 30s, 15m, 24h or 7d: soon'",
        "TOKEN_TTL, '', TOKEN_TTL is empty",
        "MAX_REGISTRATIONS_PER_HOUR, -1, MAX_REGISTRATIONS_PER_HOUR is negative: -1",
        "MAX_LOGINS_PER_MINUTE, -1, MAX_LOGINS_PER_MINUTE is negative: -1",
        "MAX_REGISTRATIONS_PER_HOUR, many, MAX_REGISTRATIONS_PER_HOUR is not a whole number: many",
        "TRUSTED_PROXIES, localhost, TRUSTED_PROXIES has a part that is not an address or CIDR"
                + " block: localhost",
        "TRUSTED_PROXIES, 10.0.0.0/33, TRUSTED_PROXIES has a part that is not an address or CIDR"
                + " block: 10.0.0.0/33",
        "ADMIN_EMAIL, root@localhost, 'ADMIN_EMAIL is set, but ADMIN_PASSWORD is not'",
        "ADMIN_EMAIL, root, ADMIN_EMAIL is not an e-mail address"
    })
    void does_not_start_with_an_invalid_setting(
            String name, String value, String message, CapturedOutput output) {
        settings.put(name, value);
        assertFails(message, output);
    }

    @Test
    void does_not_start_with_a_short_admin_password_and_does_not_show_it(CapturedOutput output) {
        settings.put("ADMIN_EMAIL", "root@localhost");
        settings.put("ADMIN_PASSWORD", "sevench");
        assertFails("ADMIN_PASSWORD is too short, too long or too common", output);
        assertThat(output.getAll()).doesNotContain("sevench");
    }

    @Test
    void creates_the_administrator_once_and_restores_its_role() {
        settings.putAll(TestDatabase.empty().settings());
        settings.put("ADMIN_EMAIL", "Root@LocalHost");
        settings.put("ADMIN_PASSWORD", "the first one");
        try (StartedAuth auth = StartedAuth.with(settings)) {
            Api api = auth.api();
            String root = api.token("root@localhost", "the first one");
            Map<String, Object> other =
                    Map.of(
                            "email", "ann@example.org",
                            "password", "ann's own one",
                            "roles", List.of("admin"));
            api.post("/users", root, other).is(201);
            String id = api.validate(root).json().path("sub").asString();
            String ann = api.token("ann@example.org", "ann's own one");
            api.patch("/users/" + id, ann, Map.of("roles", List.of("user"))).is(200);
        }
        settings.put("ADMIN_PASSWORD", "another one");
        try (StartedAuth auth = StartedAuth.with(settings)) {
            Api api = auth.api();
            api.login("root@localhost", "another one").isProblem(401, "bad-credentials");
            api.get("/users", api.token("root@localhost", "the first one")).is(200);
        }
    }

    @Test
    void never_promotes_an_account_that_somebody_registered(CapturedOutput output) {
        settings.putAll(TestDatabase.empty().settings());
        settings.put("REGISTRATION", "open");
        try (StartedAuth auth = StartedAuth.with(settings)) {
            auth.api().post("/register", Api.credentials("ann@example.org", "her own one")).is(201);
        }
        settings.put("ADMIN_EMAIL", "ann@example.org");
        settings.put("ADMIN_PASSWORD", "the operator's");
        assertFails("ADMIN_EMAIL names an account that somebody registered", output);
    }

    private void assertFails(String message, CapturedOutput output) {
        Throwable failure = catchThrowable(() -> StartedAuth.with(settings).close());
        assertThat(failure).isNotNull();
        assertThat(output.getAll()).contains("Description:\n\n" + message);
        assertThat(output.getAll()).doesNotContain("\tat "); // no stack trace
        assertThat(output.getAll()).doesNotContain("secret of mysql");
    }
}
