package io.holdfast.store.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Amounts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads changes as {@link ChangeWriter} wrote them. */
final class ChangeReader {
    private final Said said = new Said();

    private ChangeReader() {}

    /**
     * Reads the changes of a row.
     *
     * @param text as it stands in the row
     * @param first the number of the first change, to be named where something is wrong
     */
    static List<Change> changes(String text, long first) {
        JsonNode list = Json.parse(text, "the row of the journal that begins with change " + first);
        List<Change> changes = new ArrayList<>(list.size());
        ChangeReader reader = new ChangeReader();
        for (JsonNode node : list) {
            try {
                changes.add(reader.change(node));
            } catch (RuntimeException damaged) {
                throw new CorruptLedgerException(
                        "change " + (first + changes.size()) + " of the journal is damaged: " + damaged, damaged);
            }
        }
        return changes;
    }

    private Change change(JsonNode node) {
        if (node.has("kind")) {
            said.kind = Json.required(node, "kind");
        }
        if (node.has("at")) {
            said.at = number(node, "at");
        }
        long at = known("at", said.at);
        return switch (said.kind) {
            case "held" -> held(node, at);
            case "allotted" ->
                new Change.Allotted(
                        at,
                        id(node),
                        scope(node),
                        Json.required(node, "session"),
                        Json.optional(node, "allotment"),
                        Json.required(node, "child"),
                        number(node, "cost"),
                        expires(node),
                        fingerprint(node));
            case "committed" -> committed(node, at);
            case "released" -> new Change.Released(at, Json.required(node, "hold"), scope(node));
            case "expired" -> expired(node, at);
            case "extended" ->
                new Change.Extended(
                        at, id(node), Json.required(node, "hold"), scope(node), expires(node), number(node, "ttl_ms"));
            case "booked" -> booked(node, at);
            case "session_reset" -> new Change.SessionReset(at, id(node), scope(node), Json.required(node, "session"));
            case "defined" -> new Change.Defined(at, Json.definition(node.path("definition")));
            case "removed" ->
                new Change.Removed(at, scope(node), node.path("draining").booleanValue());
            case "import_begun" -> new Change.ImportBegun(at, Json.required(node, "copy"));
            case "import_ended" -> new Change.ImportEnded(at);
            default -> ofOutbox(said.kind, node, at);
        };
    }

    private Change.Held held(JsonNode node, long at) {
        Said.Call call = call(node);
        return new Change.Held(
                at,
                id(node),
                call.scope(),
                call.session(),
                call.model(),
                amounts(node),
                node.path("delay_ms").longValue(),
                expires(node),
                onExpiry(node),
                Json.steps(node.path("steps")),
                Json.optional(node, "loop_key"),
                Json.optional(node, "allotment"),
                fingerprint(node),
                Json.detail(node));
    }

    private Change.Committed committed(JsonNode node, long at) {
        Said.Call call = call(node);
        return new Change.Committed(
                at,
                Json.required(node, "hold"),
                call.scope(),
                call.session(),
                call.model(),
                entry(node),
                amounts(node),
                node.has("reversed") ? Json.amounts(node.path("reversed")) : null,
                Json.detail(node));
    }

    private Change.Expired expired(JsonNode node, long at) {
        Said.Call call = call(node);
        return new Change.Expired(
                at,
                Json.required(node, "hold"),
                call.scope(),
                call.session(),
                call.model(),
                number(node, "due"),
                node.has("amounts") ? Json.amounts(node.path("amounts")) : null,
                Json.detail(node));
    }

    private Change.Booked booked(JsonNode node, long at) {
        Said.Call call = call(node);
        return new Change.Booked(
                at,
                id(node),
                call.scope(),
                call.session(),
                call.model(),
                amounts(node),
                Json.optional(node, "loop_key"),
                Json.optional(node, "allotment"),
                fingerprint(node),
                Json.detail(node));
    }

    private static Change ofOutbox(String kind, JsonNode node, long at) {
        String subscription = Json.required(node, "subscription");
        return switch (kind) {
            case "queued" ->
                new Change.Queued(at, subscription, Json.required(node, "message"), Json.notice(node.path("notice")));
            case "delivered" -> new Change.Dequeued(at, subscription, Json.required(node, "message"), true);
            case "given_up" -> new Change.Dequeued(at, subscription, Json.required(node, "message"), false);
            case "claimed" ->
                new Change.Claimed(at, subscription, Json.required(node, "worker"), number(node, "until"));
            case "dropped" -> new Change.Dropped(at, subscription);
            case "subscribed" -> new Change.Subscribed(at, subscription, Json.kinds(node.path("kinds")));
            case "disabled" -> new Change.Unsubscribed(at, subscription, true);
            case "unsubscribed" -> new Change.Unsubscribed(at, subscription, false);
            default -> throw new IllegalArgumentException("its kind '" + kind + "' is unknown");
        };
    }

    // ---- what may have been said before

    private Said.Call call(JsonNode node) {
        if (node.has("scope")) {
            said.call = new Said.Call(scope(node), Json.optional(node, "session"), Json.required(node, "model"));
        }
        return known("scope", said.call);
    }

    private Amounts amounts(JsonNode node) {
        if (node.has("amounts")) {
            said.amounts = Json.amounts(node.path("amounts"));
        }
        return known("amounts", said.amounts);
    }

    private OnExpiry onExpiry(JsonNode node) {
        if (node.has("on_expiry")) {
            said.onExpiry = Json.constant(OnExpiry.class, Json.required(node, "on_expiry"));
        }
        return known("on_expiry", said.onExpiry);
    }

    private EntryKind entry(JsonNode node) {
        if (node.has("entry")) {
            said.entry = Json.constant(EntryKind.class, Json.required(node, "entry"));
        }
        return known("entry", said.entry);
    }

    private long expires(JsonNode node) {
        if (node.has("expires")) {
            said.expires = number(node, "expires");
        }
        return known("expires", said.expires);
    }

    private static <T> T known(String field, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("neither it nor one before it has '" + field + "'");
        }
        return value;
    }

    // ---- fields

    private static long fingerprint(JsonNode node) {
        return node.has("fingerprint") ? number(node, "fingerprint") : 0;
    }

    private static OperationId id(JsonNode node) {
        return new OperationId(Json.required(node, "id"), node.path("given").booleanValue());
    }

    private static String scope(JsonNode node) {
        return Json.required(node, "scope");
    }

    private static long number(JsonNode node, String field) {
        JsonNode number = node.path(field);
        if (!number.canConvertToLong()) {
            throw new IllegalArgumentException("'" + field + "' is not a number");
        }
        return number.longValue();
    }
}
