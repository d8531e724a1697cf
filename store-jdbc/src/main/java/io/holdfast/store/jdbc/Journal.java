package io.holdfast.store.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateItem;
import io.holdfast.spi.CorruptLedgerException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/** Reads the journal and the snapshots of a lane. */
final class Journal {
    static final int PAGE = 1_000;
    private static final int ITEMS = 250;
    private static final String REMEMBERS = "remembers_ms";

    private final String prefix;
    private final String select;
    private final int lane;

    Journal(String prefix, int lane) {
        this.prefix = prefix;
        this.select = JournalRows.select(prefix);
        this.lane = lane;
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

    /**
     * Lets the lane's row follow the journal where it has fallen behind, as it may in an engine that loses an update. The
     * journal is what counts: its key lets no number be used twice, whatever the row says.
     */
    void mendLane(Handle handle) {
        boolean behind = handle.createQuery("SELECT CASE WHEN version < (SELECT COALESCE(MAX(seq), 0) FROM " + prefix
                        + "journal WHERE lane = :lane) THEN 1 ELSE 0 END FROM " + prefix + "lanes WHERE lane = :lane")
                .bind("lane", lane)
                .mapTo(Integer.class)
                .findOne()
                .orElse(0)
                .equals(1);
        if (behind) {
            handle.createUpdate("UPDATE " + prefix + "lanes SET version = (SELECT MAX(seq) FROM " + prefix
                            + "journal WHERE lane = :lane) WHERE lane = :lane AND version < (SELECT MAX(seq) FROM "
                            + prefix + "journal WHERE lane = :lane)")
                    .bind("lane", lane)
                    .execute();
        }
    }

    // ---- snapshots

    private record Part(int parts, String items) {}

    /**
     * Reads a snapshot into an empty state.
     *
     * @return whether it was there as a whole
     */
    boolean load(Handle handle, long version, LedgerState state) {
        int next = 0;
        int parts = 1;
        while (next < parts) {
            List<Part> found = handle.createQuery("SELECT parts, items FROM " + prefix
                            + "snapshots WHERE lane = :lane AND version = :version AND part = :part")
                    .bind("lane", lane)
                    .bind("version", version)
                    .bind("part", next)
                    .map((row, context) -> new Part(row.getInt("parts"), row.getString("items")))
                    .list();
            if (found.isEmpty()) {
                return false;
            }
            parts = found.get(0).parts;
            Json.parse(found.get(0).items, "part " + next + " of snapshot " + version)
                    .forEach(item -> load(state, item));
            next++;
        }
        return true;
    }

    private static void load(LedgerState state, JsonNode item) {
        if (item.has(REMEMBERS)) {
            state.remember(item.path(REMEMBERS).longValue());
        } else {
            state.load(Items.item(item));
        }
    }

    /** Returns a snapshot's parts as they are stored. */
    static List<String> parts(LedgerState state) {
        List<StateItem> items = new ArrayList<>();
        state.items(items::add);
        return parts(state.remembers(), items);
    }

    static List<String> parts(long remembers, List<StateItem> items) {
        List<String> parts = new ArrayList<>();
        parts.add(Json.text(Json.list().add(Json.object().put(REMEMBERS, remembers))));
        for (int from = 0; from < items.size(); from += ITEMS) {
            ArrayNode list = Json.list();
            items.subList(from, Math.min(items.size(), from + ITEMS)).forEach(item -> list.add(Items.of(item)));
            parts.add(Json.text(list));
        }
        return parts;
    }

    /** Writes a snapshot, part by part, each in a transaction of its own; nobody reads it until a lane names it. */
    void store(Handle handle, long version, List<String> parts) {
        deleteSnapshot(handle, version);
        for (int part = 0; part < parts.size(); part++) {
            handle.createUpdate("INSERT INTO " + prefix
                            + "snapshots (lane, version, part, parts, items)"
                            + " VALUES (:lane, :version, :part, :parts, :items)")
                    .bind("lane", lane)
                    .bind("version", version)
                    .bind("part", part)
                    .bind("parts", parts.size())
                    .bind("items", parts.get(part))
                    .execute();
        }
    }

    void deleteSnapshot(Handle handle, long version) {
        handle.createUpdate("DELETE FROM " + prefix + "snapshots WHERE lane = :lane AND version = :version")
                .bind("lane", lane)
                .bind("version", version)
                .execute();
    }

    /** Lets ledgers be opened at a snapshot that is stored, unless a later one is there already. */
    void announce(Handle handle, long version) {
        handle.createUpdate("UPDATE " + prefix
                        + "lanes SET snapshot_version = :version WHERE lane = :lane AND snapshot_version < :version")
                .bind("lane", lane)
                .bind("version", version)
                .execute();
        deleteUnused(handle);
    }

    /** Deletes the snapshots that nothing begins at any more; one being stored is later than these. */
    void deleteUnused(Handle handle) {
        handle.createUpdate("DELETE FROM " + prefix
                        + "snapshots WHERE lane = :lane"
                        + " AND version < (SELECT snapshot_version FROM " + prefix + "lanes WHERE lane = :lane)"
                        + " AND version <> (SELECT base_version FROM " + prefix + "lanes WHERE lane = :lane)")
                .bind("lane", lane)
                .execute();
    }

    /**
     * Reads the state at a version: from a snapshot before it, and the journal from there.
     *
     * @param from the version of the snapshot, or zero for the empty state
     * @return whether all of it was there
     */
    boolean rebuild(Session session, long from, long to, LedgerState state, Consumer<JournalRows.Row> applied)
            throws SQLException {
        if (from > 0 && !load(session.handle(), from, state)) {
            return false;
        }
        return read(session.connection(), from, to, row -> {
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
