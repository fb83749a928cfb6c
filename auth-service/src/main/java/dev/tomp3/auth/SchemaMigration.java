package dev.tomp3.auth;

import dev.tomp3.platform.InvalidConfiguration;
import dev.tomp3.platform.NanoClock;
import java.security.cert.CertificateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Migrates the schema at each start, as a user of its own if there is one. It waits for a MySQL
 * that does not respond yet, because MySQL may start after this service. It fails at once when
 * MySQL refuses access to either user. A migration that was interrupted is repeated from its first
 * statement, so each statement must be repeatable: {@link RepeatableDdl} skips a table or column
 * that exists.
 */
final class SchemaMigration implements FlywayMigrationStrategy {
    private static final Logger log = LoggerFactory.getLogger(SchemaMigration.class);
    private static final Duration MAX_WAIT = Duration.ofMinutes(2);
    private static final Duration STATEMENT_TIMEOUT = Duration.ofHours(1);
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(2);

    /** Access denied to the database, or to the server; an unknown database. */
    private static final Set<Integer> ACCESS_REFUSED = Set.of(1044, 1045, 1698, 1049);

    /** The class of SQL states. */
    private static final String CONNECTION_EXCEPTION = "08";

    private final DataSource queries;
    private final NanoClock clock;

    SchemaMigration(DataSource queries, NanoClock clock) {
        this.queries = queries;
        this.clock = clock;
    }

    @Override
    public void migrate(Flyway flyway) {
        DataSource migrations = Objects.requireNonNull(flyway.getConfiguration().getDataSource());
        Flyway patient =
                Flyway.configure()
                        .configuration(flyway.getConfiguration())
                        .dataSource(new RepeatableDdl(new LongStatements(migrations)))
                        .load();
        await(() -> connect(migrations));
        await(() -> migrateAgain(patient));
        await(() -> connect(queries));
    }

    /** A migration that failed earlier would stop every start, although it may succeed now. */
    private static void migrateAgain(Flyway flyway) {
        if (Arrays.stream(flyway.info().all()).anyMatch(each -> each.getState().isFailed())) {
            log.warn("Repeating a migration that failed");
            flyway.repair();
        }
        flyway.migrate();
    }

    /** The socket timeout for requests would interrupt the migration of a large table. */
    private static final class LongStatements extends DelegatingDataSource {
        LongStatements(DataSource database) {
            super(database);
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            connection.setNetworkTimeout(
                    Runnable::run, Math.toIntExact(STATEMENT_TIMEOUT.toMillis()));
            return connection;
        }
    }

    private interface Step {
        void run() throws SQLException;
    }

    private static void connect(DataSource database) throws SQLException {
        database.getConnection().close();
    }

    /** A connection may be lost in any step, and each can be repeated. */
    private void await(Step step) {
        long start = clock.nanoTime();
        for (int failures = 0; ; failures++) {
            try {
                step.run();
                return;
            } catch (SQLException | FlywayException e) {
                failIfAccessRefused(e);
                if (e instanceof FlywayException other && !isConnectionLost(other)) throw other;
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

    private static boolean isConnectionLost(FlywayException failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && sql.getSQLState() != null
                    && sql.getSQLState().startsWith(CONNECTION_EXCEPTION)) return true;
        }
        return false;
    }

    private static void failIfAccessRefused(Exception failure) {
        @Nullable SQLException refusal = null; // the innermost has MySQL's own message
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && ACCESS_REFUSED.contains(sql.getErrorCode()))
                refusal = sql;
            if (cause instanceof CertificateException)
                throw new InvalidConfiguration(
                        "MySQL's certificate is not accepted; check MYSQL_TLS and the certificates"
                                + " that the JVM trusts: "
                                + cause.getMessage());
        }
        if (refusal == null) return;
        throw new InvalidConfiguration(
                "MySQL refuses access; check MYSQL_USER and MYSQL_PASSWORD, those of"
                        + " MYSQL_MIGRATION_USER, and MYSQL_DB: "
                        + refusal.getMessage());
    }
}
