package dev.tomp3.auth;

import dev.tomp3.platform.InvalidConfiguration;
import dev.tomp3.platform.NanoClock;
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
 * Migrates the schema at each start. It waits for a MySQL that does not respond yet, because MySQL
 * may start after this service. It fails at once when MySQL refuses access.
 */
final class SchemaMigration implements FlywayMigrationStrategy {
    private static final Logger log = LoggerFactory.getLogger(SchemaMigration.class);
    private static final Duration MAX_WAIT = Duration.ofMinutes(2);
    private static final Duration STATEMENT_TIMEOUT = Duration.ofHours(1);
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(2);

    /** Access denied to the database, or to the server; an unknown database. */
    private static final Set<Integer> ACCESS_REFUSED = Set.of(1044, 1045, 1698, 1049);

    private final DataSource database;
    private final NanoClock clock;

    SchemaMigration(DataSource database, NanoClock clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public void migrate(Flyway flyway) {
        awaitResponse();
        Flyway.configure()
                .configuration(flyway.getConfiguration())
                .dataSource(new LongStatements(database))
                .load()
                .migrate();
    }

    /** The socket timeout for requests would interrupt the migration of a large table. */
    private static final class LongStatements extends DelegatingDataSource {
        LongStatements(DataSource database) {
            super(database);
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            // the pool resets it
            connection.setNetworkTimeout(
                    Runnable::run, Math.toIntExact(STATEMENT_TIMEOUT.toMillis()));
            return connection;
        }
    }

    private void awaitResponse() {
        long start = clock.nanoTime();
        for (int failures = 0; ; failures++) {
            try (Connection _ = database.getConnection()) {
                return;
            } catch (SQLException e) {
                failIfAccessRefused(e);
                if (clock.since(start).compareTo(MAX_WAIT) > 0)
                    throw new InvalidConfiguration("MySQL does not respond: " + e.getMessage());
                if (failures % 10 == 0) log.warn("Waiting for mysql: {}", e.toString());
            }
            try {
                Thread.sleep(RETRY_INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InvalidConfiguration("Interrupted while waiting for MySQL");
            }
        }
    }

    private static void failIfAccessRefused(SQLException failure) {
        @Nullable SQLException refusal = null; // the innermost has MySQL's own message
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && ACCESS_REFUSED.contains(sql.getErrorCode()))
                refusal = sql;
        }
        if (refusal == null) return;
        throw new InvalidConfiguration(
                "MySQL refuses access; check MYSQL_USER, MYSQL_PASSWORD and MYSQL_DB: "
                        + refusal.getMessage());
    }
}
