package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tomp3.servers.TestDatabase;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What needs a real MySQL. */
@Tag("back-end")
@Tag("mysql")
@ExtendWith(OutputCaptureExtension.class)
class MySqlTest {
    private static final String ADMIN = "admin@localhost";
    private static final String PASSWORD = "correct horse";

    @TempDir Path keys;
    private final TestDatabase database = TestDatabase.empty();
    private final Map<String, String> settings = new HashMap<>(database.settings());

    @BeforeEach
    void settings() {
        TestKeys.write(keys, "1.pem", Instant.now());
        settings.put("AUTH_PORT", "0");
        settings.put("JWT_KEYS_DIR", keys.toString());
        settings.put("REGISTRATION", "open");
        settings.put("ADMIN_EMAIL", ADMIN);
        settings.put("ADMIN_PASSWORD", PASSWORD);
    }

    @Test
    void creates_the_schema_once_and_finds_its_users_again() throws Exception {
        try (StartedAuth auth = StartedAuth.with(settings)) {
            auth.api().post("/register", Api.credentials("Ann@Example.ORG", PASSWORD)).is(201);
        }
        try (StartedAuth auth = StartedAuth.with(settings)) {
            auth.api().login("ann@example.org", PASSWORD).is(200);
        }
        assertThat(column("SELECT version FROM flyway_schema_history"))
                .containsExactly("1", "2", "3", "4");
        assertThat(
                        column(
                                "SELECT DISTINCT table_collation FROM information_schema.tables"
                                        + " WHERE table_schema = database()"
                                        + " AND table_name <> 'flyway_schema_history'"))
                .containsExactly("utf8mb4_bin");
    }

    @Test
    void distinguishes_addresses_by_every_character_but_not_by_case() {
        try (StartedAuth auth = StartedAuth.with(settings)) {
            Api api = auth.api();
            for (String email :
                    List.of("ae@example.org", "äé@example.org", "𠮷@example.org", "𠮸@example.org"))
                api.post("/register", Api.credentials(email, PASSWORD)).is(201);
            for (String email : List.of("AE@example.org", "ÄÉ@EXAMPLE.org", "𠮷@Example.org")) {
                api.post("/register", Api.credentials(email, PASSWORD))
                        .isProblem(409, "email-taken");
                api.login(email, PASSWORD).is(200);
            }
        }
    }

    @Test
    void migrates_as_one_user_and_queries_as_another(CapturedOutput output) throws Exception {
        String queries = database.userForQueries();
        settings.put("spring.datasource.username", queries);
        settings.put("MYSQL_MIGRATION_USER", database.user());
        settings.put("MYSQL_MIGRATION_PASSWORD", database.password());
        try (StartedAuth auth = StartedAuth.with(settings)) {
            auth.api().post("/register", Api.credentials("ann@example.org", PASSWORD)).is(201);
            auth.api().login("ann@example.org", PASSWORD).is(200);
        }
        assertThat(column("SELECT version FROM flyway_schema_history")).contains("1", "3");
        try (Connection connection =
                        DriverManager.getConnection(database.url(), queries, database.password());
                Statement statement = connection.createStatement()) {
            for (String forbidden :
                    List.of(
                            "DROP TABLE users",
                            "ALTER TABLE users ADD COLUMN x INT",
                            "CREATE TABLE x (id INT)",
                            "SELECT * FROM mysql.user"))
                assertThatThrownBy(() -> statement.execute(forbidden))
                        .as(forbidden)
                        .hasMessageContaining("command denied");
        }
        settings.put("MYSQL_MIGRATION_PASSWORD", "another secret");
        assertFails("Access denied for user '" + database.user() + "'", output);
    }

    @Test
    void accepts_only_a_trusted_certificate_if_asked_to(CapturedOutput output) {
        URI address = URI.create(database.url().substring("jdbc:".length()));
        settings.remove("spring.datasource.url");
        settings.put("MYSQL_HOST", address.getHost());
        settings.put("MYSQL_PORT", Integer.toString(address.getPort()));
        settings.put("MYSQL_DB", address.getPath().substring(1));
        settings.put("MYSQL_PASSWORD", "overridden");
        settings.put("MYSQL_TLS", "required");
        try (StartedAuth auth = StartedAuth.with(settings)) {
            auth.api().login(ADMIN, PASSWORD).is(200);
        }
        // the server made its certificate itself
        settings.put("MYSQL_TLS", "verify_ca");
        assertThat(catchThrowable(() -> StartedAuth.with(settings).close())).isNotNull();
        assertThat(output.getAll()).contains("MySQL's certificate is not accepted");
    }

    @Test
    void fails_fast_with_a_wrong_password_and_does_not_show_it(CapturedOutput output) {
        settings.put("spring.datasource.password", "another secret");
        assertFails("Access denied for user '" + database.user() + "'", output);
        assertThat(output.getAll()).doesNotContain("another secret");
    }

    @Test
    void fails_fast_without_access_to_the_database(CapturedOutput output) {
        settings.computeIfPresent(
                "spring.datasource.url", (name, url) -> url.replace(database.user(), "mysql"));
        assertFails("Access denied for user '" + database.user() + "'", output);
    }

    private void assertFails(String message, CapturedOutput output) {
        long before = System.nanoTime();
        assertThat(catchThrowable(() -> StartedAuth.with(settings).close())).isNotNull();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
        assertThat(output.getAll())
                .contains("Description:\n\nMySQL refuses access")
                .contains(message)
                .doesNotContain("\tat ");
    }

    @Test
    void waits_at_most_three_seconds_for_a_locked_row() throws Exception {
        try (StartedAuth auth = StartedAuth.with(settings)) {
            Api api = auth.api();
            String token = api.token(ADMIN, PASSWORD);
            String id =
                    api.post("/register", Api.credentials("ann@example.org", PASSWORD))
                            .is(201)
                            .json()
                            .path("id")
                            .asString();
            try (Connection other = database.connection();
                    Statement statement = other.createStatement()) {
                other.setAutoCommit(false);
                statement.execute("SELECT id FROM users WHERE id = '" + id + "' FOR UPDATE");
                long before = System.nanoTime();
                api.patch("/users/" + id, token, Map.of("disabled", true))
                        .isProblem(503, "unavailable");
                assertThat(Duration.ofNanos(System.nanoTime() - before))
                        .isLessThan(Duration.ofSeconds(5));
                other.rollback();
            }
            api.patch("/users/" + id, token, Map.of("disabled", true)).is(200);
            api.login("ann@example.org", PASSWORD).isProblem(401, "bad-credentials");
        }
    }

    @Test
    void counts_a_failed_login_whose_statement_lost_a_deadlock() throws Exception {
        LoginThrottle.Pair pair = LoginThrottle.Pair.of("ann", "192.0.2.1");
        try (StartedAuth auth = StartedAuth.with(settings);
                Connection other = database.connection();
                Statement statement = other.createStatement()) {
            LoginThrottle throttle = auth.context().getBean(LoginThrottle.class);
            throttle.failed(pair);
            other.setAutoCommit(false);
            // MySQL rolls back the transaction that has changed fewer rows
            for (int i = 0; i < 100; i++)
                statement.execute("INSERT INTO revoked_tokens VALUES ('" + i + "', 0)");
            // the entry of the secondary index alone
            statement.executeQuery(
                    "SELECT failed_at FROM login_failures FORCE INDEX (login_failures_failed_at)"
                            + " WHERE failed_at > 0 FOR SHARE");
            CompletableFuture<Void> failed =
                    CompletableFuture.runAsync(() -> throttle.failed(pair));
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(20))
                    .until(() ->
                            !column(
                                            "SELECT id FROM information_schema.processlist WHERE"
                                                    + " info LIKE 'INSERT INTO login_failures%'")
                                    .isEmpty());
            // it has the row, waits for the entry, and is the one to lose
            statement.executeQuery("SELECT * FROM login_failures FOR UPDATE");
            other.commit();
            failed.get(5, TimeUnit.SECONDS);
            assertThat(column("SELECT failures FROM login_failures")).containsExactly("2");
        }
    }

    @Test
    void deletes_expired_rows_although_another_transaction_holds_one() throws Exception {
        try (StartedAuth auth = StartedAuth.with(settings);
                Connection other = database.connection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            for (int i = 0; i < 2500; i++)
                statement.addBatch(
                        "INSERT INTO login_failures VALUES ('%d', 1, %d)".formatted(i, i));
            statement.executeBatch();
            other.commit();
            statement.executeQuery("SELECT * FROM login_failures WHERE pair = '2400' FOR UPDATE");
            LoginThrottle throttle = auth.context().getBean(LoginThrottle.class);
            throttle.deleteExpired();
            assertThat(column("SELECT COUNT(*) FROM login_failures")).containsExactly("500");
            other.rollback();
            throttle.deleteExpired();
            assertThat(column("SELECT COUNT(*) FROM login_failures")).containsExactly("0");
        }
    }

    private List<String> column(String sql) throws SQLException {
        try (Connection connection = database.connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) values.add(rows.getString(1));
            return values;
        }
    }
}
