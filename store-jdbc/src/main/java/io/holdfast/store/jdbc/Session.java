package io.holdfast.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** A borrowed connection, given back as it came: nothing open on it, and committing by itself only if it did. */
final class Session implements AutoCloseable {
    private final Connection connection;
    private final boolean autoCommit;
    private @Nullable Handle handle;
    private int isolation = Connection.TRANSACTION_NONE;

    private Session(Connection connection, boolean autoCommit) {
        this.connection = connection;
        this.autoCommit = autoCommit;
    }

    /** Borrows a connection on which each statement commits by itself until {@link #begin()}. */
    static Session open(DataSource source) throws SQLException {
        Connection connection = source.getConnection();
        try {
            boolean autoCommit = connection.getAutoCommit();
            if (!autoCommit) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
            return new Session(connection, autoCommit);
        } catch (SQLException | RuntimeException failure) {
            try {
                connection.close();
            } catch (SQLException alsoFailed) {
                failure.addSuppressed(alsoFailed);
            }
            throw failure;
        }
    }

    Connection connection() {
        return connection;
    }

    /** Returns Jdbi on this connection, which stays with the session. */
    Handle handle() {
        if (handle == null) {
            handle = Jdbi.open(connection);
        }
        return handle;
    }

    void begin() throws SQLException {
        connection.setAutoCommit(false);
    }

    /** Begins a transaction that reads the same throughout. */
    void beginReading(Engine engine) throws SQLException {
        if (engine != Engine.SQLITE) {
            isolation = connection.getTransactionIsolation();
            // In H2 a repeatable read begins for each table when it is first read.
            connection.setTransactionIsolation(
                    engine == Engine.H2 ? Connection.TRANSACTION_SERIALIZABLE : Connection.TRANSACTION_REPEATABLE_READ);
        }
        begin();
    }

    /** Returns what the database said, if a failure comes of that. */
    static @Nullable SQLException sqlCause(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof SQLException)) {
            cause = cause.getCause();
        }
        return (SQLException) cause;
    }

    void commit() throws SQLException {
        connection.commit();
        connection.setAutoCommit(true);
    }

    void rollback() throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
    }

    @Override
    public void close() {
        try (Connection closed = connection) {
            if (!closed.getAutoCommit()) {
                closed.rollback();
            }
            if (isolation != Connection.TRANSACTION_NONE) {
                closed.setAutoCommit(true);
                closed.setTransactionIsolation(isolation);
            }
            if (closed.getAutoCommit() != autoCommit) {
                closed.setAutoCommit(autoCommit);
            }
        } catch (SQLException broken) {
            // The connection is of no use to anybody any more, and what it had to tell has been told.
        }
    }
}
