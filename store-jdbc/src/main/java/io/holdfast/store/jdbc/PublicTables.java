package io.holdfast.store.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Brings the tables that people query up to the journal. Several processes may try at once: each goes on from the version
 * that the tables show, in one transaction, and only if they still show it.
 */
final class PublicTables {
    private final Dialect dialect;
    private final int lane;
    private final String table;

    PublicTables(Dialect dialect, String prefix, int lane) {
        this.dialect = dialect;
        this.lane = lane;
        this.table = prefix + "shown";
    }

    /** Returns the version that the tables show. */
    long shown(Session session) throws SQLException {
        try (PreparedStatement statement =
                session.connection().prepareStatement("SELECT version FROM " + table + " WHERE lane = ?")) {
            statement.setInt(1, lane);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("the table " + table + " has no row for lane " + lane);
                }
                return row.getLong(1);
            }
        }
    }

    /**
     * Writes a backlog, or what others have left of it.
     *
     * @param least how many changes others must have left to be written now
     * @return what was left and not written, mostly nothing; or null if the tables show less than where the backlog begins
     */
    @Nullable
    Backlog show(Session session, Backlog backlog, int least) throws SQLException {
        Backlog rest = backlog;
        while (true) {
            session.begin();
            if (move(session, rest)) {
                dialect.show(session.connection(), TableRows.of(lane, rest));
                session.commit();
                return new Backlog(rest.to());
            }
            session.commit();
            long shown = shown(session);
            if (shown < rest.from()) {
                return null;
            }
            rest = rest.after(Math.min(shown, rest.to()));
            if (rest.size() < least) {
                return rest;
            }
        }
    }

    private boolean move(Session session, Backlog backlog) throws SQLException {
        try (PreparedStatement statement = session.connection()
                .prepareStatement("UPDATE " + table + " SET version = ? WHERE lane = ? AND version = ?")) {
            statement.setLong(1, backlog.to());
            statement.setInt(2, lane);
            statement.setLong(3, backlog.from());
            return statement.executeUpdate() == 1;
        }
    }
}
