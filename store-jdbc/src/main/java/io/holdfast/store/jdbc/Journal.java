package io.holdfast.store.jdbc;

import io.holdfast.internal.LedgerState;
import io.holdfast.spi.CorruptLedgerException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/** Reads the journal of a lane. */
final class Journal {
    static final int PAGE = 1_000;

    private final String prefix;
    private final String select;
    private final int lane;
    private final Snapshots snapshots;

    Journal(String prefix, int lane) {
        this.prefix = prefix;
        this.select = JournalRows.select(prefix);
        this.lane = lane;
        this.snapshots = new Snapshots(prefix, lane);
    }

    /** Returns the changes after one number and up to another, at most a page of them. */
    List<JournalRows.Row> page(Connection connection, long after, long upTo) throws SQLException {
        return page(connection, "seq > ? AND seq <= ?", after, upTo);
    }

    /** Returns the changes after a number and of a time, at most a page of them. */
    List<JournalRows.Row> page(Connection connection, long after, long from, long to) throws SQLException {
        return page(connection, "seq > ? AND at_ms >= ? AND at_ms < ?", after, from, to);
    }

    private List<JournalRows.Row> page(Connection connection, String condition, long... numbers) throws SQLException {
        String sql = select + " WHERE lane = ? AND " + condition + " ORDER BY seq LIMIT " + PAGE;
        List<JournalRows.Row> rows = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, lane);
            for (int i = 0; i < numbers.length; i++) {
                statement.setLong(i + 2, numbers[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.add(JournalRows.read(row));
                }
            }
        }
        return rows;
    }

    /**
     * Reads changes without a gap.
     *
     * @return whether all were there; a gap at the beginning may be due to pruning
     */
    boolean read(Connection connection, long after, long upTo, Consumer<JournalRows.Row> reader) throws SQLException {
        long last = after;
        while (last < upTo) {
            List<JournalRows.Row> page = page(connection, last, upTo);
            for (JournalRows.Row row : page) {
                if (row.seq() != last + 1) {
                    return false;
                }
                reader.accept(row);
                last = row.seq();
            }
            if (page.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether the lane's row has fallen behind the journal, as it may in an engine that loses an update. */
    boolean isAhead(Handle handle) {
        return handle.createQuery("SELECT CASE WHEN version < (SELECT COALESCE(MAX(seq), 0) FROM " + prefix
                        + "journal WHERE lane = :lane) THEN 1 ELSE 0 END FROM " + prefix + "lanes WHERE lane = :lane")
                .bind("lane", lane)
                .mapTo(Integer.class)
                .findOne()
                .orElse(0)
                .equals(1);
    }

    /**
     * Lets the lane's row follow the journal where it has fallen behind, once it is locked. The journal is what counts: its
     * key lets no number be used twice, whatever the row says.
     */
    void mendLane(Handle handle) {
        handle.createUpdate("UPDATE " + prefix + "lanes SET version = (SELECT MAX(seq) FROM " + prefix
                        + "journal WHERE lane = :lane) WHERE lane = :lane AND version < (SELECT MAX(seq) FROM "
                        + prefix + "journal WHERE lane = :lane)")
                .bind("lane", lane)
                .execute();
    }

    /**
     * Reads the state at a version: from a snapshot before it, and the journal from there.
     *
     * @return whether all of it was there
     */
    boolean rebuild(Session session, Snapshots.Key from, long to, LedgerState state, Consumer<JournalRows.Row> applied)
            throws SQLException {
        if (!snapshots.load(session.handle(), from, state)) {
            return false;
        }
        return read(session.connection(), from.version(), to, row -> {
            apply(state, row);
            if (row.seq() % PAGE == 0) {
                state.forget(row.change().at());
            }
            applied.accept(row);
        });
    }

    static void apply(LedgerState state, JournalRows.Row row) {
        try {
            state.apply(row.change());
        } catch (IllegalStateException impossible) {
            throw new CorruptLedgerException(
                    "change " + row.seq() + " of the journal does not follow from those before it: "
                            + impossible.getMessage(),
                    impossible);
        }
    }
}
