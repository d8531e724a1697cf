package io.holdfast.store.jdbc;

import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes as rows of the journal and back. */
final class JournalRows {
    private static final Map<String, Integer> AT = places();
    private static final int WIDTH = Table.JOURNAL.all().size();

    private JournalRows() {}

    /**
     * A change and its place in the journal.
     *
     * @param seq its number
     * @param change the change
     */
    record Row(long seq, Change change) {}

    // ---- writing

    static @Nullable Object[] of(int lane, long seq, Change change) {
        @Nullable Object[] row = new Object[WIDTH];
        put(row, "lane", (long) lane);
        put(row, "seq", seq);
        put(row, "at_ms", change.at());
        if (change instanceof Change.Held held) {
            put(row, "kind", "held");
            put(row, held.id());
            put(row, held.scope(), held.session(), held.model());
            put(row, held.amounts());
            put(row, held.detail());
            put(row, "expires_at_ms", held.expiresAt());
            put(row, "on_expiry", Json.lower(held.onExpiry()));
            put(row, "fingerprint", held.fingerprint());
        } else if (change instanceof Change.Committed committed) {
            put(row, "kind", "committed");
            put(row, "hold_id", committed.holdId());
            put(row, committed.scope(), committed.session(), committed.model());
            put(row, "entry_kind", committed.kind().name());
            put(row, committed.amounts());
            put(row, committed.detail());
            Amounts reversed = committed.reversed();
            if (reversed != null) {
                put(row, "reversed_cost_nanos", reversed.priced() ? reversed.cost() : null);
                put(row, "reversed_input_tokens", reversed.inputTokens());
                put(row, "reversed_output_tokens", reversed.outputTokens());
                put(row, "reversed_calls", reversed.calls());
            }
        } else if (change instanceof Change.Released released) {
            put(row, "kind", "released");
            put(row, "hold_id", released.holdId());
            put(row, "scope", released.scope());
        } else if (change instanceof Change.Expired expired) {
            put(row, "kind", "expired");
            put(row, "hold_id", expired.holdId());
            put(row, expired.scope(), expired.session(), expired.model());
            put(row, "due_at_ms", expired.due());
            if (expired.booked() != null) {
                put(row, "entry_kind", EntryKind.IN_DOUBT.name());
                put(row, expired.booked());
            }
            put(row, expired.detail());
        } else if (change instanceof Change.Extended extended) {
            put(row, "kind", "extended");
            put(row, extended.id());
            put(row, "hold_id", extended.holdId());
            put(row, "scope", extended.scope());
            put(row, "expires_at_ms", extended.expiresAt());
            put(row, "ttl_ms", extended.ttlMillis());
        } else if (change instanceof Change.Booked booked) {
            put(row, "kind", "booked");
            put(row, booked.id());
            put(row, booked.scope(), booked.session(), booked.model());
            put(row, "entry_kind", EntryKind.RECORDED.name());
            put(row, booked.amounts());
            put(row, booked.detail());
            put(row, "fingerprint", booked.fingerprint());
        } else if (change instanceof Change.SessionReset reset) {
            put(row, "kind", "session_reset");
            put(row, reset.id());
            put(row, "scope", reset.scope());
            put(row, "session_id", reset.session());
        } else if (change instanceof Change.Defined defined) {
            put(row, "kind", "defined");
            put(row, "scope", defined.definition().name());
            put(row, "definition", Json.text(Json.of(defined.definition())));
        } else if (change instanceof Change.Removed removed) {
            put(row, "kind", "removed");
            put(row, "scope", removed.scope());
            put(row, "draining", removed.draining() ? 1L : 0L);
        }
        return row;
    }

    private static void put(@Nullable Object[] row, String column, @Nullable Object value) {
        Integer at = AT.get(column);
        if (at == null) {
            throw new IllegalStateException("the journal has no column " + column);
        }
        row[at] = value;
    }

    private static void put(@Nullable Object[] row, OperationId id) {
        put(row, "operation_id", id.value());
        put(row, "id_given", id.given() ? 1L : 0L);
    }

    private static void put(@Nullable Object[] row, String scope, @Nullable String session, String model) {
        put(row, "scope", scope);
        put(row, "session_id", session);
        put(row, "model", model);
    }

    private static void put(@Nullable Object[] row, Amounts amounts) {
        put(row, "cost_nanos", amounts.priced() ? amounts.cost() : null);
        put(row, "input_tokens", amounts.inputTokens());
        put(row, "output_tokens", amounts.outputTokens());
        put(row, "calls", amounts.calls());
    }

    private static void put(@Nullable Object[] row, Detail detail) {
        Usage usage = detail.usage();
        if (!usage.equals(Usage.NONE)) {
            put(row, "usage_input", usage.input());
            put(row, "usage_cache_read", usage.cacheRead());
            put(row, "usage_cache_write_short", usage.cacheWriteShort());
            put(row, "usage_cache_write_long", usage.cacheWriteLong());
            put(row, "usage_output", usage.output());
            put(row, "usage_extra_nanos", usage.extraCost().nanos());
        }
        put(row, "tags", Json.ofTags(detail.tags()));
    }

    // ---- reading

    static String select(String prefix) {
        return "SELECT " + Table.JOURNAL.columnNames() + " FROM " + prefix + "journal";
    }

    static Row read(ResultSet row) throws SQLException {
        long seq = row.getLong("seq");
        String kind = row.getString("kind");
        try {
            return new Row(seq, change(kind, row));
        } catch (RuntimeException damaged) {
            throw new CorruptLedgerException("change " + seq + " of the journal is damaged: " + damaged, damaged);
        }
    }

    private static Change change(String kind, ResultSet row) throws SQLException {
        long at = row.getLong("at_ms");
        String scope = row.getString("scope");
        return switch (kind) {
            case "held" ->
                new Change.Held(
                        at,
                        id(row),
                        scope,
                        row.getString("session_id"),
                        row.getString("model"),
                        amounts(row, ""),
                        row.getLong("expires_at_ms"),
                        Json.constant(OnExpiry.class, row.getString("on_expiry")),
                        row.getLong("fingerprint"),
                        detail(row));
            case "committed" ->
                new Change.Committed(
                        at,
                        row.getString("hold_id"),
                        scope,
                        row.getString("session_id"),
                        row.getString("model"),
                        EntryKind.valueOf(row.getString("entry_kind")),
                        amounts(row, ""),
                        number(row, "reversed_calls") == null ? null : amounts(row, "reversed_"),
                        detail(row));
            case "released" -> new Change.Released(at, row.getString("hold_id"), scope);
            case "expired" ->
                new Change.Expired(
                        at,
                        row.getString("hold_id"),
                        scope,
                        row.getString("session_id"),
                        row.getString("model"),
                        row.getLong("due_at_ms"),
                        number(row, "calls") == null ? null : amounts(row, ""),
                        detail(row));
            case "extended" ->
                new Change.Extended(
                        at,
                        id(row),
                        row.getString("hold_id"),
                        scope,
                        row.getLong("expires_at_ms"),
                        row.getLong("ttl_ms"));
            case "booked" ->
                new Change.Booked(
                        at,
                        id(row),
                        scope,
                        row.getString("session_id"),
                        row.getString("model"),
                        amounts(row, ""),
                        row.getLong("fingerprint"),
                        detail(row));
            case "session_reset" -> new Change.SessionReset(at, id(row), scope, row.getString("session_id"));
            case "defined" ->
                new Change.Defined(
                        at, Json.definition(Json.parse(row.getString("definition"), "the definition of " + scope)));
            case "removed" -> new Change.Removed(at, scope, row.getLong("draining") != 0);
            default -> throw new IllegalArgumentException("its kind '" + kind + "' is unknown");
        };
    }

    private static OperationId id(ResultSet row) throws SQLException {
        return new OperationId(row.getString("operation_id"), row.getLong("id_given") != 0);
    }

    private static Amounts amounts(ResultSet row, String before) throws SQLException {
        Long cost = number(row, before + "cost_nanos");
        return new Amounts(
                cost == null ? Amounts.UNPRICED : cost,
                row.getLong(before + "input_tokens"),
                row.getLong(before + "output_tokens"),
                row.getLong(before + "calls"));
    }

    private static Detail detail(ResultSet row) throws SQLException {
        String tags = row.getString("tags");
        Long input = number(row, "usage_input");
        if (tags == null && input == null) {
            return Detail.NONE;
        }
        Usage usage = input == null
                ? Usage.NONE
                : new Usage(
                        input,
                        row.getLong("usage_cache_read"),
                        row.getLong("usage_cache_write_short"),
                        row.getLong("usage_cache_write_long"),
                        row.getLong("usage_output"),
                        Usd.ofNanos(row.getLong("usage_extra_nanos")));
        return new Detail(usage, tags == null ? Map.of() : Json.tags(Json.parse(tags, "the tags of a change")));
    }

    static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static Map<String, Integer> places() {
        Map<String, Integer> places = new HashMap<>();
        List<Table.Column> columns = Table.JOURNAL.all();
        for (int i = 0; i < columns.size(); i++) {
            places.put(columns.get(i).name(), i);
        }
        return places;
    }
}
