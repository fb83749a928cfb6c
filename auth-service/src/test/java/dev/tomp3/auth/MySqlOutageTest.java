package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.servers.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MySQL hangs, restarts, or loses its role as the primary. */
@Tag("back-end")
@Tag("containers")
class MySqlOutageTest {
    private static final String PASSWORD = "correct horse";

    @TempDir Path keys;

    @Test
    void responds_within_three_seconds_and_recovers_by_itself() throws SQLException {
        TestKeys.write(keys, "1.pem", Instant.now());
        TestDatabase database = TestDatabase.alone();
        Map<String, String> settings = new HashMap<>(database.settings());
        settings.put("AUTH_PORT", "0");
        settings.put("JWT_KEYS_DIR", keys.toString());
        settings.put("ADMIN_EMAIL", "admin@localhost");
        settings.put("ADMIN_PASSWORD", PASSWORD);
        try (StartedAuth auth = StartedAuth.with(settings)) {
            Api api = auth.api();
            String token = api.token("admin@localhost", PASSWORD);

            database.pause();
            for (int i = 0; i < 3; i++) {
                unavailable(() -> api.validate(token));
                unavailable(() -> api.login("admin@localhost", PASSWORD));
            }
            api.get("/health/live").is(200);
            database.unpause();
            recovers(api, token);

            Set<Long> before = database.connections();
            database.readOnly(true);
            for (int i = 0; i < 2 * before.size(); i++)
                unavailable(() -> api.login("admin@localhost", PASSWORD));
            // no connection to the earlier primary is left
            assertThat(database.connections()).isNotEmpty().doesNotContainAnyElementsOf(before);
            database.readOnly(false);
            recovers(api, token);

            database.restart();
            recovers(api, token);
        }
    }

    private static void recovers(Api api, String token) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> api.validate(token).is(200));
        api.token("admin@localhost", PASSWORD);
    }

    private static void unavailable(Supplier<Api.Answer> request) {
        long start = System.nanoTime();
        Api.Answer answer = request.get().isProblem(503, "unavailable");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isPositive();
    }
}
