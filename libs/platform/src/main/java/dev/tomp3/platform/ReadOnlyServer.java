package dev.tomp3.platform;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Errors of a MySQL that accepts no writes, because another server is the primary by now. */
public final class ReadOnlyServer {
    /**
     * ER_OPTION_PREVENTS_STATEMENT (read_only, super_read_only),
     * ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE and ER_SERVER_OFFLINE_MODE.
     */
    private static final Set<Integer> CODES = Set.of(1290, 1792, 1836, 3032);

    private ReadOnlyServer() {}

    /** Whether such an error is this exception, or one of its causes. */
    public static boolean causedBy(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause())
            if (cause instanceof SQLException sql && CODES.contains(sql.getErrorCode()))
                return true;
        return false;
    }
}
