package io.holdfast.store.jdbc;

import io.holdfast.internal.LedgerState;
import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads the journal of a lane. */
final class Journal {
    /** The most rows that are read at once. */
    static final int PAGE = 64;

    private static final int FORGET_EVERY = 1_000;

    private final String prefix;
    private final int lane;
    private final Snapshots snapshots;

    Journal(String prefix, int lane) {
        this.prefix = prefix;
        this.lane = lane;
        this.snapshots = new Snapshots(prefix, lane);
    }

    /** Takes rows one by one, with the changes that are in them. */
    interface Reader {
        void read(JournalRow row, List<Change> changes) throws SQLException;
    }

    /** Returns the rows after one number and up to another, at most a page of them. */
    List<JournalRow> page(Connection connection, long after, long upTo) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(pageSql(prefix))) {
            bindPage(statement, 1, lane, after, upTo);
            return rows(statement.executeQuery());
        }
    }

    /** Asks for the rows of a lane after one number and up to another, at most a page of them. */
    static String pageSql(String prefix) {
        // Ordered by all of the key, without which H2 reads and sorts all that follows.
        return "SELECT first_seq, last_seq, first_at_ms, last_at_ms, changes FROM " + prefix
                + "journal WHERE lane = ? AND first_seq > ? AND first_seq <= ? ORDER BY lane, first_seq LIMIT " + PAGE;
    }

    static void bindPage(PreparedStatement statement, int at, int lane, long after, long upTo) throws SQLException {
        statement.setInt(at, lane);
        statement.setLong(at + 1, after);
        statement.setLong(at + 2, upTo);
    }

    /** Reads the rows that {@link #pageSql} asked for. */
    static List<JournalRow> rows(ResultSet page) throws SQLException {
        List<JournalRow> rows = new ArrayList<>();
        try (ResultSet row = page) {
            while (row.next()) {
                rows.add(new JournalRow(
                        row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getString(5)));
            }
        }
        return rows;
    }

    /** Where a row of the journal begins and ends, and the time of its last change. */
    private record Place(long first, long last, long lastAt) {}

    /**
     * Returns where the first row begins that has a change of a time or later. Times never go back from one row to the next,
     * so that it is found by halves, without an index of times that every batch would have to write.
     *
     * @return the number of its first change, or the largest number if there is no such row
     */
    long firstFrom(Connection connection, long time) throws SQLException {
        Place newest = upTo(connection, Long.MAX_VALUE);
        long found = Long.MAX_VALUE;
        long from = 1;
        long to = newest == null ? 0 : newest.last();
        while (from <= to) {
            long middle = (from + to) >>> 1;
            Place place = upTo(connection, middle);
            if (place == null || place.last() < middle) {
                // It was pruned.
                from = middle + 1;
            } else if (place.lastAt() < time) {
                from = place.last() + 1;
            } else {
                found = place.first();
                to = found - 1;
            }
        }
        return found;
    }

    /** Returns the last row that begins at a number or before it. */
    private @Nullable Place upTo(Connection connection, long seq) throws SQLException {
        String sql = "SELECT first_seq, last_seq, last_at_ms FROM " + prefix
                + "journal WHERE lane = ? AND first_seq <= ? ORDER BY lane DESC, first_seq DESC LIMIT 1";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, lane);
            statement.setLong(2, seq);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? new Place(row.getLong(1), row.getLong(2), row.getLong(3)) : null;
            }
        }
    }

    /**
     * Reads rows without a gap.
     *
     * @return whether all were there; a gap at the beginning may be due to pruning
     */
    boolean read(Connection connection, long after, long upTo, Reader reader) throws SQLException {
        return read(connection, List.of(), after, upTo, reader);
    }

    /** As {@link #read(Connection, long, long, Reader)}, where the first rows may be there already. */
    boolean read(Connection connection, List<JournalRow> begun, long after, long upTo, Reader reader)
            throws SQLException {
        long last = after;
        for (List<JournalRow> there = begun; last < upTo; there = List.of()) {
            List<JournalRow> page = there.isEmpty() ? page(connection, last, upTo) : there;
            if (page.isEmpty()) {
                return false;
            }
            for (JournalRow row : page) {
                if (row.first() != last + 1) {
                    return false;
                }
                reader.read(row, row.list());
                last = row.last();
            }
        }
        return last == upTo;
    }

    /** Tells whether the lane's row has fallen behind the journal, as it may in an engine that loses an update. */
    boolean isAhead(Handle handle) {
        return handle.createQuery("SELECT CASE WHEN version < " + last() + " THEN 1 ELSE 0 END FROM " + prefix
                        + "lanes WHERE lane = :lane")
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
        handle.createUpdate("UPDATE " + prefix + "lanes SET version = " + last() + " WHERE lane = :lane AND version < "
                        + last())
                .bind("lane", lane)
                .execute();
    }

    private String last() {
        return "(SELECT COALESCE(MAX(last_seq), 0) FROM " + prefix
                + "journal WHERE lane = :lane AND first_seq = (SELECT MAX(first_seq) FROM " + prefix
                + "journal WHERE lane = :lane))";
    }

    /**
     * Reads the state at a version: from a snapshot before it, and the journal from there.
     *
     * @param applied is given each row once its changes are in the state
     * @return whether all of it was there
     */
    boolean rebuild(Session session, Snapshots.Key from, long to, LedgerState state, Reader applied)
            throws SQLException {
        if (!snapshots.load(session.handle(), from, state)) {
            return false;
        }
        return read(session.connection(), from.version(), to, (row, changes) -> {
            apply(state, row, changes);
            if (row.last() / FORGET_EVERY > (row.first() - 1) / FORGET_EVERY) {
                state.forget(row.lastAt());
            }
            applied.read(row, changes);
        });
    }

    static void apply(LedgerState state, JournalRow row, List<Change> changes) {
        long seq = row.first();
        for (Change change : changes) {
            try {
                state.apply(change);
            } catch (IllegalStateException impossible) {
                throw new CorruptLedgerException(
                        "change " + seq + " of the journal does not follow from those before it: "
                                + impossible.getMessage(),
                        impossible);
            }
            seq++;
        }
    }
}
