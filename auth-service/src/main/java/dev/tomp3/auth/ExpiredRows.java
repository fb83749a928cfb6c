package dev.tomp3.auth;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Deletes rows whose time is over, in slices. Each slice is a transaction that takes far less than
 * the socket timeout, so that any number of rows is deleted, and keeps few rows locked.
 */
@Component
class ExpiredRows {
    private static final Logger log = LoggerFactory.getLogger(ExpiredRows.class);
    private static final int SLICE = 1000;

    private final JdbcClient jdbc;

    ExpiredRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param column an indexed one, with milliseconds since 1970
     */
    void delete(String table, String column, long before) {
        JdbcClient.StatementSpec slice =
                jdbc.sql("DELETE FROM " + table + " WHERE " + column + " < ? LIMIT " + SLICE)
                        .param(before);
        try {
            int deleted;
            do deleted = DeadlockRetry.update(slice);
            while (deleted == SLICE);
        } catch (DataAccessException e) {
            log.warn("Could not delete expired rows of {}, will retry: {}", table, e.toString());
        }
    }
}
