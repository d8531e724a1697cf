package io.holdfast.store.jdbc;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateItem;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * The snapshots of a lane. One is written part by part, each part in a transaction of its own, and nobody reads it before
 * the row of the lane names it. What is named, or may be in the making, is never deleted and never written again.
 */
final class Snapshots {
    /** A part ends with the item that makes it so many characters long: a database takes no packet of any length. */
    private static final int LONG_PART = 100_000;

    private static final String REMEMBERS = "remembers_ms";

    private final String prefix;
    private final int lane;

    /** What a snapshot is for: ledgers are opened at the newest, and the journal that is kept begins at the base. */
    enum Kind {
        NEWEST,
        BASE;

        String text() {
            return Json.lower(this);
        }
    }

    /**
     * Which snapshot.
     *
     * @param kind what it is for
     * @param version the version of the lane that it shows; at zero the state is empty, and no snapshot needed
     */
    record Key(Kind kind, long version) {
        static Key newest(long version) {
            return new Key(Kind.NEWEST, version);
        }

        static Key base(long version) {
            return new Key(Kind.BASE, version);
        }
    }

    private record Part(int parts, String items) {}

    Snapshots(String prefix, int lane) {
        this.prefix = prefix;
        this.lane = lane;
    }

    // ---- reading

    /**
     * Reads a snapshot into an empty state.
     *
     * @return whether it was there as a whole
     */
    boolean load(Handle handle, Key key, LedgerState state) {
        Items.Reader reader = new Items.Reader();
        int next = 0;
        int parts = key.version == 0 ? 0 : 1;
        while (next < parts) {
            List<Part> found = part(handle, key, next);
            if (found.isEmpty()) {
                return false;
            }
            parts = found.get(0).parts;
            Json.parse(found.get(0).items, "part " + next + " of snapshot " + key.version)
                    .forEach(item -> load(state, reader, item));
            next++;
        }
        return true;
    }

    private List<Part> part(Handle handle, Key key, int number) {
        return handle.createQuery("SELECT parts, items FROM " + prefix
                        + "snapshots WHERE lane = :lane AND kind = :kind AND version = :version AND part = :part")
                .bind("lane", lane)
                .bind("kind", key.kind.text())
                .bind("version", key.version)
                .bind("part", number)
                .map((row, context) -> new Part(row.getInt("parts"), row.getString("items")))
                .list();
    }

    private static void load(LedgerState state, Items.Reader reader, JsonNode item) {
        if (item.has(REMEMBERS)) {
            state.remember(item.path(REMEMBERS).longValue());
        } else {
            reader.read(item, state::load);
        }
    }

    // ---- writing

    /** Returns a snapshot's parts as they are stored. */
    static List<String> parts(LedgerState state) {
        List<StateItem> items = new ArrayList<>();
        state.items(items::add);
        return parts(state.remembers(), items);
    }

    static List<String> parts(long remembers, List<StateItem> items) {
        List<String> parts = new ArrayList<>();
        parts.add(Json.text(Json.list().add(Json.object().put(REMEMBERS, remembers))));
        Items.Writer writer = new Items.Writer();
        Iterator<StateItem> rest = items.iterator();
        while (rest.hasNext()) {
            parts.add(part(writer, rest));
        }
        return parts;
    }

    private static String part(Items.Writer writer, Iterator<StateItem> items) {
        StringWriter text = new StringWriter(LONG_PART + LONG_PART / 16);
        try (JsonGenerator json = Json.generator(text)) {
            json.writeStartArray();
            while (items.hasNext() && text.getBuffer().length() + json.getOutputBuffered() < LONG_PART) {
                writer.write(json, items.next());
            }
            json.writeEndArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    /**
     * Writes a snapshot.
     *
     * @return false if another process has begun to write this very one
     * @throws org.jdbi.v3.core.JdbiException also if another began in the same moment
     */
    boolean store(Handle handle, Key key, List<String> parts) {
        if (!part(handle, key, 0).isEmpty()) {
            return false;
        }
        for (int part = 0; part < parts.size(); part++) {
            handle.createUpdate("INSERT INTO " + prefix
                            + "snapshots (lane, kind, version, part, parts, items)"
                            + " VALUES (:lane, :kind, :version, :part, :parts, :items)")
                    .bind("lane", lane)
                    .bind("kind", key.kind.text())
                    .bind("version", key.version)
                    .bind("part", part)
                    .bind("parts", parts.size())
                    .bind("items", parts.get(part))
                    .execute();
        }
        return true;
    }

    /** Lets ledgers be opened at a snapshot that is stored, unless a later one is there already. */
    void announceNewest(Handle handle, long version) {
        handle.createUpdate("UPDATE " + prefix
                        + "lanes SET snapshot_version = :version WHERE lane = :lane AND snapshot_version < :version")
                .bind("lane", lane)
                .bind("version", version)
                .execute();
        // One in the making is either later, or will not be announced any more.
        handle.createUpdate("DELETE FROM " + prefix + "snapshots WHERE lane = :lane AND kind = :kind"
                        + " AND version < (SELECT snapshot_version FROM " + prefix + "lanes WHERE lane = :lane)")
                .bind("lane", lane)
                .bind("kind", Kind.NEWEST.text())
                .execute();
    }

    /** Lets the journal begin at a base that is stored as a whole; the row of the lane must be locked. */
    boolean announceBase(Handle handle, long from, long to) {
        List<Part> first = part(handle, Key.base(to), 0);
        int stored = handle.createQuery("SELECT COUNT(*) FROM " + prefix
                        + "snapshots WHERE lane = :lane AND kind = :kind AND version = :version")
                .bind("lane", lane)
                .bind("kind", Kind.BASE.text())
                .bind("version", to)
                .mapTo(Integer.class)
                .one();
        return !first.isEmpty()
                && first.get(0).parts == stored
                && handle.createUpdate("UPDATE " + prefix
                                        + "lanes SET base_version = :to WHERE lane = :lane AND base_version = :from")
                                .bind("to", to)
                                .bind("from", from)
                                .bind("lane", lane)
                                .execute()
                        == 1;
    }

    /** Deletes every base but the one the journal begins at; the row of the lane must be locked. */
    void deleteOtherBases(Handle handle) {
        handle.createUpdate("DELETE FROM " + prefix + "snapshots WHERE lane = :lane AND kind = :kind"
                        + " AND version <> (SELECT base_version FROM " + prefix + "lanes WHERE lane = :lane)")
                .bind("lane", lane)
                .bind("kind", Kind.BASE.text())
                .execute();
    }
}
