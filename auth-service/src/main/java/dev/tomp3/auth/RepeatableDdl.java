package dev.tomp3.auth;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Lets a migration that was interrupted run again from its first statement. MySQL commits each DDL
 * statement at once, and completely or not at all, so a table or column that exists already is the
 * work of the interrupted run: the statement is skipped.
 */
final class RepeatableDdl extends DelegatingDataSource {
    private static final Logger log = LoggerFactory.getLogger(RepeatableDdl.class);

    /** SQL states: the table exists, the column exists. */
    private static final Set<String> EXISTS = Set.of("42S01", "42S21");

    RepeatableDdl(DataSource database) {
        super(database);
    }

    @Override
    public Connection getConnection() throws SQLException {
        return proxy(Connection.class, super.getConnection());
    }

    private static <T> T proxy(Class<T> type, T target) {
        return type.cast(
                Proxy.newProxyInstance(
                        RepeatableDdl.class.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) -> {
                            try {
                                Object result = method.invoke(target, arguments);
                                return method.getName().equals("createStatement")
                                        ? proxy(Statement.class, (Statement) result)
                                        : result;
                            } catch (InvocationTargetException e) {
                                if (!method.getName().equals("execute")
                                        || !(e.getCause() instanceof SQLException failure)
                                        || !EXISTS.contains(failure.getSQLState()))
                                    throw e.getCause();
                                log.warn(
                                        "Skipped a statement of an interrupted migration: {}",
                                        failure.getMessage());
                                return false;
                            }
                        }));
    }
}
