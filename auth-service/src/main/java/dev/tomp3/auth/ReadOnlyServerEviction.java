package dev.tomp3.auth;

import com.zaxxer.hikari.SQLExceptionOverride;
import dev.tomp3.platform.ReadOnlyServer;
import java.sql.SQLException;

/**
 * Evicts a connection to a MySQL that lost its role as the primary and lives on. The pool would
 * keep it, as the connection itself works, and a new connection reaches the new primary.
 */
public final class ReadOnlyServerEviction implements SQLExceptionOverride {
    @java.lang.Override // the interface has a type of this name
    public Override adjudicate(SQLException e) {
        return ReadOnlyServer.causedBy(e) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }
}
