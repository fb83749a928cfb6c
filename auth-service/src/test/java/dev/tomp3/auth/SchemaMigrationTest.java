package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.platform.NanoClock;
import dev.tomp3.servers.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A migration goes on where an earlier start of the service was killed. */
@Tag("back-end")
class SchemaMigrationTest {
    private final TestDatabase database = TestDatabase.empty();
    private final DriverManagerDataSource source =
            new DriverManagerDataSource(database.url(), database.user(), database.password());

    /**
     * The service was killed after this statement of this version, before the version was recorded.
     */
    record Kill(String version, int statement) {}

    static List<Kill> kills() {
        List<Kill> kills = new ArrayList<>();
        for (String version : versions())
            for (int i = 1; i <= statements(version).size(); i++) kills.add(new Kill(version, i));
        return kills;
    }

    @ParameterizedTest
    @MethodSource("kills")
    void completes_a_migration_that_was_killed(Kill kill) throws SQLException {
        killed(kill);
        start();
        assertMigrated();
    }

    @ParameterizedTest
    @MethodSource("kills")
    void completes_a_migration_that_is_recorded_as_failed(Kill kill) throws SQLException {
        killed(kill);
        assertThatThrownBy(() -> flyway("latest").migrate()).isInstanceOf(FlywayException.class);
        start();
        assertMigrated();
    }

    @Test
    void does_not_skip_a_statement_for_another_reason() throws SQLException {
        flyway("2").migrate();
        execute("DROP TABLE users");
        assertThatThrownBy(this::start).isInstanceOf(FlywayException.class);
        // and not at the next start either
        assertThatThrownBy(this::start).isInstanceOf(FlywayException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void goes_on_after_the_loss_of_a_connection(int which) throws SQLException {
        AtomicInteger connections = new AtomicInteger();
        DataSource losing =
                new DelegatingDataSource(source) {
                    @Override
                    public Connection getConnection() throws SQLException {
                        if (connections.incrementAndGet() == which)
                            throw new SQLTransientConnectionException("lost", "08S01");
                        return super.getConnection();
                    }
                };
        new SchemaMigration(losing, NanoClock.system())
                .migrate(Flyway.configure().dataSource(losing).load());
        assertMigrated();
        assertThat(connections).hasValueGreaterThan(which);
    }

    private void killed(Kill kill) throws SQLException {
        // the question mark: there may be no such version
        flyway(Integer.parseInt(kill.version()) - 1 + "?").migrate();
        for (String statement : statements(kill.version()).subList(0, kill.statement()))
            execute(statement);
    }

    private void start() {
        new SchemaMigration(source, NanoClock.system()).migrate(flyway("latest"));
    }

    private void assertMigrated() throws SQLException {
        assertThat(
                        Arrays.stream(flyway("latest").info().applied())
                                .map(MigrationInfo::getVersion)
                                .map(MigrationVersion::toString))
                .containsExactlyElementsOf(versions());
        flyway("latest").validate();
        for (String query :
                List.of(
                        "SELECT one_time_password, key_generation FROM users",
                        "SELECT pair FROM login_failures",
                        "SELECT who FROM hourly_counts",
                        "SELECT pair FROM login_successes",
                        "SELECT jti FROM revoked_tokens",
                        "SELECT hash FROM api_keys")) execute(query);
    }

    private Flyway flyway(String target) {
        return Flyway.configure().dataSource(source).target(target).load();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> versions() {
        return migrations("*").stream()
                .map(file -> String.valueOf(file.getFilename()).replaceAll("^V|__.*", ""))
                .sorted()
                .toList();
    }

    private static List<String> statements(String version) {
        try {
            String sql = migrations(version).getFirst().getContentAsString(StandardCharsets.UTF_8);
            return Arrays.stream(sql.replaceAll("(?m)^--.*$", "").split(";"))
                    .map(String::strip)
                    .filter(statement -> !statement.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Resource> migrations(String version) {
        try {
            return List.of(
                    new PathMatchingResourcePatternResolver()
                            .getResources("classpath:db/migration/V" + version + "__*.sql"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
