package dev.tomp3.auth;

import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Repeats an update that the database rolled back to resolve a deadlock. The update must be a
 * transaction of its own.
 */
final class DeadlockRetry {
    private static final int ATTEMPTS = 3;

    private DeadlockRetry() {}

    /** Returns the number of affected rows. */
    static int update(JdbcClient.StatementSpec statement) {
        for (int attempt = 1; ; attempt++) {
            try {
                return statement.update();
            } catch (PessimisticLockingFailureException e) {
                if (attempt == ATTEMPTS) throw e;
            }
        }
    }
}
