package dev.tomp3.auth;

import dev.tomp3.platform.InvalidConfiguration;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Brings the tables to this version's form at each start. MySQL may start after this service and is
 * waited for; but one that answers and does not let us in will not do so later.
 */
final class SchemaMigration implements FlywayMigrationStrategy {
    private static final Logger log = LoggerFactory.getLogger(SchemaMigration.class);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration STATEMENT = Duration.ofHours(1);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** Access denied to the database, or to the server; an unknown database. */
    private static final Set<Integer> FINAL = Set.of(1044, 1045, 1698, 1049);

    private final DataSource database;

    SchemaMigration(DataSource database) {
        this.database = database;
    }

    @Override
    public void migrate(Flyway flyway) {
        awaitAnswer();
        Flyway.configure()
                .configuration(flyway.getConfiguration())
                .dataSource(new Patient(database))
                .load()
                .migrate();
    }

    /** What answers a request in time would break off the change of a large table. */
    private static final class Patient extends DelegatingDataSource {
        Patient(DataSource database) {
            super(database);
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            // the pool sets it back
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(STATEMENT.toMillis()));
            return connection;
        }
    }

    private void awaitAnswer() {
        long start = System.nanoTime();
        for (int failures = 0; ; failures++) {
            try (Connection _ = database.getConnection()) {
                return;
            } catch (SQLException e) {
                refuseWhatIsFinal(e);
                if (System.nanoTime() - start > PATIENCE.toNanos())
                    throw new InvalidConfiguration("MySQL cannot be reached: " + e.getMessage());
                if (failures % 10 == 0) log.warn("Waiting for mysql: {}", e.toString());
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InvalidConfiguration("Interrupted while waiting for MySQL");
            }
        }
    }

    private static void refuseWhatIsFinal(SQLException failure) {
        @Nullable SQLException answer = null; // the innermost says it in MySQL's words
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && FINAL.contains(sql.getErrorCode()))
                answer = sql;
        }
        if (answer == null) return;
        throw new InvalidConfiguration(
                "MySQL does not let this service in; look at MYSQL_USER, MYSQL_PASSWORD and"
                        + " MYSQL_DB: "
                        + answer.getMessage());
    }
}
