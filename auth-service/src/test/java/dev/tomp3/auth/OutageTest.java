package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.servers.Wire;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.h2.tools.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An outage of the database. */
class OutageTest {
    private static final String PASSWORD = "correct horse";
    private static final String UP = "back_end_up{back_end=\"mysql\"} ";

    @TempDir Path keys;
    @TempDir Path data;

    @Test
    void responds_within_three_seconds_and_recovers_by_itself() throws Exception {
        TestKeys.write(keys, "1.pem", Instant.now());
        Server database = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
        try (var wire = new Wire(database.getPort());
                var auth =
                        StartedAuth.with(
                                Map.of(
                                        "AUTH_PORT",
                                        "0",
                                        "JWT_KEYS_DIR",
                                        keys,
                                        "ADMIN_EMAIL",
                                        "admin@localhost",
                                        "ADMIN_PASSWORD",
                                        PASSWORD,
                                        "REGISTRATION",
                                        "open",
                                        "spring.datasource.url",
                                        "jdbc:h2:tcp://localhost:"
                                                + wire.port()
                                                + "/"
                                                + data.resolve("users")
                                                + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE"
                                                + ";CASE_INSENSITIVE_IDENTIFIERS=TRUE;IGNORECASE=TRUE",
                                        "spring.datasource.username",
                                        "sa",
                                        "spring.datasource.password",
                                        "secret"))) {
            Api api = auth.api();
            String token = api.token("admin@localhost", PASSWORD);
            String id = api.validate(token).json().path("sub").asString();
            Awaitility.await().untilAsserted(() -> api.get("/health/ready").is(200));

            assertThat(api.get("/metrics").is(200).text()).contains(UP + "1.0");

            wire.cut();
            unavailable(() -> api.login("admin@localhost", PASSWORD));
            unavailable(() -> api.validate(token));
            unavailable(() -> api.get("/users", token));
            unavailable(() -> api.post("/register", Api.credentials("x@example.org", PASSWORD)));
            unavailable(() ->
                    api.send(
                            Api.body(
                                    api.request("/users/" + id)
                                            .header("Authorization", "Bearer " + token),
                                    "PATCH",
                                    "{}")));
            api.get("/.well-known/jwks.json").is(200);
            api.send(api.request("/login").POST(BodyPublishers.noBody())).is(401);
            api.get("/health/live").is(200);
            api.get("/health/ready").is(200);
            assertThat(api.get("/health").is(503).json().path("status").asString())
                    .isEqualTo("DOWN");

            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(api.get("/metrics").is(200).text()).contains(UP + "0.0"));

            wire.mend();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(15))
                    // the pool trusts a connection used within the last half second, unless its
                    // error is one it knows, and H2's is not
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> api.validate(token).is(200));
            api.token("admin@localhost", PASSWORD);
        } finally {
            database.stop();
        }
    }

    private static void unavailable(Supplier<Api.Answer> request) {
        long start = System.nanoTime();
        Api.Answer answer = request.get().isProblem(503, "unavailable");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isPositive();
    }
}
