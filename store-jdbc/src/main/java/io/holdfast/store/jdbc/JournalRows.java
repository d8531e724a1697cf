package io.holdfast.store.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.PassedStep;
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
    private static final String NO_SCOPE = "";
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
            put(row, "delay_ms", held.delayMillis() == 0 ? null : held.delayMillis());
            put(row, "steps", held.steps().isEmpty() ? null : Json.text(Json.of(held.steps())));
            put(row, "loop_key", held.loopKey());
            put(row, "allotment", held.allotment());
            put(row, "fingerprint", held.fingerprint());
        } else if (change instanceof Change.Allotted allotted) {
            put(row, "kind", "allotted");
            put(row, allotted.id());
            put(row, "scope", allotted.scope());
            put(row, "session_id", allotted.session());
            put(row, "allotment", allotted.from());
            put(row, "child", allotted.name());
            put(row, "cost_nanos", allotted.cost());
            put(row, "expires_at_ms", allotted.expiresAt());
            put(row, "fingerprint", allotted.fingerprint());
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
            put(row, "loop_key", booked.loopKey());
            put(row, "allotment", booked.allotment());
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
        } else if (change instanceof Change.OfOutbox ofOutbox) {
            put(row, ofOutbox);
        } else if (change instanceof Change.ImportBegun begun) {
            put(row, "kind", "import_begun");
            put(row, "scope", NO_SCOPE);
            put(row, "operation_id", begun.copy());
        } else if (change instanceof Change.ImportEnded) {
            put(row, "kind", "import_ended");
            put(row, "scope", NO_SCOPE);
        }
        return row;
    }

    /** The subscription stands in the place of the scope, and what a kind has of its own in the definition. */
    private static void put(@Nullable Object[] row, Change.OfOutbox change) {
        put(row, "scope", change.subscription());
        if (change instanceof Change.Queued queued) {
            put(row, "kind", "queued");
            put(row, "operation_id", queued.messageId());
            put(row, "definition", Json.text(Json.of(queued.notice())));
        } else if (change instanceof Change.Dequeued dequeued) {
            put(row, "kind", dequeued.delivered() ? "delivered" : "given_up");
            put(row, "operation_id", dequeued.messageId());
        } else if (change instanceof Change.Claimed claimed) {
            put(row, "kind", "claimed");
            put(row, "expires_at_ms", claimed.until());
            put(row, "definition", Json.text(Json.object().put("worker", claimed.worker())));
        } else if (change instanceof Change.Dropped) {
            put(row, "kind", "dropped");
        } else if (change instanceof Change.Subscribed subscribed) {
            put(row, "kind", "subscribed");
            put(row, "definition", Json.text(Json.of(subscribed.kinds())));
        } else if (change instanceof Change.Unsubscribed unsubscribed) {
            put(row, "kind", unsubscribed.disabled() ? "disabled" : "unsubscribed");
        }
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
                        row.getLong("delay_ms"),
                        row.getLong("expires_at_ms"),
                        Json.constant(OnExpiry.class, row.getString("on_expiry")),
                        steps(row),
                        row.getString("loop_key"),
                        row.getString("allotment"),
                        row.getLong("fingerprint"),
                        detail(row));
            case "allotted" ->
                new Change.Allotted(
                        at,
                        id(row),
                        scope,
                        row.getString("session_id"),
                        row.getString("allotment"),
                        row.getString("child"),
                        row.getLong("cost_nanos"),
                        row.getLong("expires_at_ms"),
                        row.getLong("fingerprint"));
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
                        row.getString("loop_key"),
                        row.getString("allotment"),
                        row.getLong("fingerprint"),
                        detail(row));
            case "session_reset" -> new Change.SessionReset(at, id(row), scope, row.getString("session_id"));
            case "defined" -> new Change.Defined(at, Json.definition(definition(row)));
            case "removed" -> new Change.Removed(at, scope, row.getLong("draining") != 0);
            case "queued" -> new Change.Queued(at, scope, row.getString("operation_id"), Json.notice(definition(row)));
            case "delivered" -> new Change.Dequeued(at, scope, row.getString("operation_id"), true);
            case "given_up" -> new Change.Dequeued(at, scope, row.getString("operation_id"), false);
            case "claimed" ->
                new Change.Claimed(at, scope, Json.required(definition(row), "worker"), row.getLong("expires_at_ms"));
            case "dropped" -> new Change.Dropped(at, scope);
            case "subscribed" -> new Change.Subscribed(at, scope, Json.kinds(definition(row)));
            case "disabled" -> new Change.Unsubscribed(at, scope, true);
            case "unsubscribed" -> new Change.Unsubscribed(at, scope, false);
            case "import_begun" -> new Change.ImportBegun(at, row.getString("operation_id"));
            case "import_ended" -> new Change.ImportEnded(at);
            default -> throw new IllegalArgumentException("its kind '" + kind + "' is unknown");
        };
    }

    private static JsonNode definition(ResultSet row) throws SQLException {
        return Json.parse(row.getString("definition"), "the content of a change");
    }

    private static OperationId id(ResultSet row) throws SQLException {
        return new OperationId(row.getString("operation_id"), row.getLong("id_given") != 0);
    }

    private static List<PassedStep> steps(ResultSet row) throws SQLException {
        String steps = row.getString("steps");
        return steps == null ? List.of() : Json.steps(Json.parse(steps, "the steps of a hold"));
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
