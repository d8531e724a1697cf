package io.holdfast.store.jdbc;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes as they stand in a row of the journal, and back: a JSON list of objects. What is empty is left out, and so is the
 * time of a change where it is that of the change before it in the list.
 */
final class ChangeText {
    private static final int USUAL_LENGTH = 256;

    private ChangeText() {}

    // ---- writing

    /**
     * A text, and how many changes are in it.
     *
     * @param text the list of changes
     * @param count how many they are
     */
    record Part(String text, int count) {}

    /** Returns the text of the first changes: it ends with the one that makes it longer than so many characters. */
    static Part first(List<Change> changes, int characters) {
        StringWriter text = new StringWriter(changes.size() * USUAL_LENGTH);
        int count = 0;
        try (JsonGenerator json = Json.generator(text)) {
            json.writeStartArray();
            long at = Long.MIN_VALUE;
            while (count < changes.size() && text.getBuffer().length() + json.getOutputBuffered() <= characters) {
                Change change = changes.get(count++);
                json.writeStartObject();
                json.writeStringField("kind", kind(change));
                if (change.at() != at) {
                    at = change.at();
                    json.writeNumberField("at", at);
                }
                write(json, change);
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return new Part(text.toString(), count);
    }

    private static String kind(Change change) {
        if (change instanceof Change.Held) {
            return "held";
        } else if (change instanceof Change.Committed) {
            return "committed";
        } else if (change instanceof Change.Booked) {
            return "booked";
        } else if (change instanceof Change.Released) {
            return "released";
        } else if (change instanceof Change.Expired) {
            return "expired";
        } else if (change instanceof Change.Extended) {
            return "extended";
        } else if (change instanceof Change.Allotted) {
            return "allotted";
        } else if (change instanceof Change.SessionReset) {
            return "session_reset";
        } else if (change instanceof Change.Defined) {
            return "defined";
        } else if (change instanceof Change.Removed) {
            return "removed";
        } else if (change instanceof Change.OfOutbox ofOutbox) {
            return kind(ofOutbox);
        } else if (change instanceof Change.ImportBegun) {
            return "import_begun";
        } else if (change instanceof Change.ImportEnded) {
            return "import_ended";
        }
        throw new IllegalStateException("a change of an unknown kind: " + change);
    }

    private static String kind(Change.OfOutbox change) {
        if (change instanceof Change.Queued) {
            return "queued";
        } else if (change instanceof Change.Dequeued dequeued) {
            return dequeued.delivered() ? "delivered" : "given_up";
        } else if (change instanceof Change.Claimed) {
            return "claimed";
        } else if (change instanceof Change.Dropped) {
            return "dropped";
        } else if (change instanceof Change.Subscribed) {
            return "subscribed";
        } else if (change instanceof Change.Unsubscribed unsubscribed) {
            return unsubscribed.disabled() ? "disabled" : "unsubscribed";
        }
        throw new IllegalStateException("a change of an unknown kind: " + change);
    }

    private static void write(JsonGenerator json, Change change) throws IOException {
        if (change instanceof Change.Held held) {
            write(json, held.id());
            write(json, held.scope(), held.session(), held.model());
            Fields.write(json, "amounts", held.amounts());
            Fields.write(json, held.detail());
            json.writeNumberField("expires", held.expiresAt());
            json.writeStringField("on_expiry", Json.lower(held.onExpiry()));
            if (held.delayMillis() != 0) {
                json.writeNumberField("delay_ms", held.delayMillis());
            }
            if (!held.steps().isEmpty()) {
                Fields.write(json, "steps", Json.of(held.steps()));
            }
            Fields.write(json, "loop_key", held.loopKey());
            Fields.write(json, "allotment", held.allotment());
            json.writeNumberField("fingerprint", held.fingerprint());
        } else if (change instanceof Change.Allotted allotted) {
            write(json, allotted.id());
            json.writeStringField("scope", allotted.scope());
            json.writeStringField("session", allotted.session());
            Fields.write(json, "allotment", allotted.from());
            json.writeStringField("child", allotted.name());
            json.writeNumberField("cost", allotted.cost());
            json.writeNumberField("expires", allotted.expiresAt());
            json.writeNumberField("fingerprint", allotted.fingerprint());
        } else if (change instanceof Change.Committed committed) {
            json.writeStringField("hold", committed.holdId());
            write(json, committed.scope(), committed.session(), committed.model());
            json.writeStringField("entry", Json.lower(committed.kind()));
            Fields.write(json, "amounts", committed.amounts());
            if (committed.reversed() != null) {
                Fields.write(json, "reversed", committed.reversed());
            }
            Fields.write(json, committed.detail());
        } else if (change instanceof Change.Released released) {
            json.writeStringField("hold", released.holdId());
            json.writeStringField("scope", released.scope());
        } else if (change instanceof Change.Expired expired) {
            json.writeStringField("hold", expired.holdId());
            write(json, expired.scope(), expired.session(), expired.model());
            json.writeNumberField("due", expired.due());
            if (expired.booked() != null) {
                Fields.write(json, "amounts", expired.booked());
            }
            Fields.write(json, expired.detail());
        } else if (change instanceof Change.Extended extended) {
            write(json, extended.id());
            json.writeStringField("hold", extended.holdId());
            json.writeStringField("scope", extended.scope());
            json.writeNumberField("expires", extended.expiresAt());
            json.writeNumberField("ttl_ms", extended.ttlMillis());
        } else if (change instanceof Change.Booked booked) {
            write(json, booked.id());
            write(json, booked.scope(), booked.session(), booked.model());
            Fields.write(json, "amounts", booked.amounts());
            Fields.write(json, booked.detail());
            Fields.write(json, "loop_key", booked.loopKey());
            Fields.write(json, "allotment", booked.allotment());
            json.writeNumberField("fingerprint", booked.fingerprint());
        } else if (change instanceof Change.SessionReset reset) {
            write(json, reset.id());
            json.writeStringField("scope", reset.scope());
            json.writeStringField("session", reset.session());
        } else if (change instanceof Change.Defined defined) {
            Fields.write(json, "definition", Json.of(defined.definition()));
        } else if (change instanceof Change.Removed removed) {
            json.writeStringField("scope", removed.scope());
            json.writeBooleanField("draining", removed.draining());
        } else if (change instanceof Change.OfOutbox ofOutbox) {
            write(json, ofOutbox);
        } else if (change instanceof Change.ImportBegun begun) {
            json.writeStringField("copy", begun.copy());
        }
    }

    private static void write(JsonGenerator json, Change.OfOutbox change) throws IOException {
        json.writeStringField("subscription", change.subscription());
        if (change instanceof Change.Queued queued) {
            json.writeStringField("message", queued.messageId());
            Fields.write(json, "notice", Json.of(queued.notice()));
        } else if (change instanceof Change.Dequeued dequeued) {
            json.writeStringField("message", dequeued.messageId());
        } else if (change instanceof Change.Claimed claimed) {
            json.writeStringField("worker", claimed.worker());
            json.writeNumberField("until", claimed.until());
        } else if (change instanceof Change.Subscribed subscribed) {
            Fields.write(json, "kinds", Json.of(subscribed.kinds()));
        }
    }

    private static void write(JsonGenerator json, OperationId id) throws IOException {
        json.writeStringField("id", id.value());
        if (id.given()) {
            json.writeBooleanField("given", true);
        }
    }

    private static void write(JsonGenerator json, String scope, @Nullable String session, String model)
            throws IOException {
        json.writeStringField("scope", scope);
        Fields.write(json, "session", session);
        json.writeStringField("model", model);
    }

    // ---- reading

    /**
     * Reads the changes of a row.
     *
     * @param text as {@link #first} wrote it
     * @param first the number of the first change, to be named where something is wrong
     */
    static List<Change> changes(String text, long first) {
        JsonNode list = Json.parse(text, "the row of the journal that begins with change " + first);
        List<Change> changes = new ArrayList<>(list.size());
        long at = 0;
        for (JsonNode node : list) {
            try {
                at = node.has("at") ? node.path("at").longValue() : at;
                changes.add(change(node, at));
            } catch (RuntimeException damaged) {
                throw new CorruptLedgerException(
                        "change " + (first + changes.size()) + " of the journal is damaged: " + damaged, damaged);
            }
        }
        return changes;
    }

    private static Change change(JsonNode node, long at) {
        String kind = Json.required(node, "kind");
        return switch (kind) {
            case "held" ->
                new Change.Held(
                        at,
                        id(node),
                        scope(node),
                        Json.optional(node, "session"),
                        Json.required(node, "model"),
                        Json.amounts(node.path("amounts")),
                        node.path("delay_ms").longValue(),
                        number(node, "expires"),
                        Json.constant(OnExpiry.class, Json.required(node, "on_expiry")),
                        Json.steps(node.path("steps")),
                        Json.optional(node, "loop_key"),
                        Json.optional(node, "allotment"),
                        number(node, "fingerprint"),
                        Json.detail(node));
            case "allotted" ->
                new Change.Allotted(
                        at,
                        id(node),
                        scope(node),
                        Json.required(node, "session"),
                        Json.optional(node, "allotment"),
                        Json.required(node, "child"),
                        number(node, "cost"),
                        number(node, "expires"),
                        number(node, "fingerprint"));
            case "committed" ->
                new Change.Committed(
                        at,
                        Json.required(node, "hold"),
                        scope(node),
                        Json.optional(node, "session"),
                        Json.required(node, "model"),
                        Json.constant(EntryKind.class, Json.required(node, "entry")),
                        Json.amounts(node.path("amounts")),
                        node.has("reversed") ? Json.amounts(node.path("reversed")) : null,
                        Json.detail(node));
            case "released" -> new Change.Released(at, Json.required(node, "hold"), scope(node));
            case "expired" ->
                new Change.Expired(
                        at,
                        Json.required(node, "hold"),
                        scope(node),
                        Json.optional(node, "session"),
                        Json.required(node, "model"),
                        number(node, "due"),
                        node.has("amounts") ? Json.amounts(node.path("amounts")) : null,
                        Json.detail(node));
            case "extended" ->
                new Change.Extended(
                        at,
                        id(node),
                        Json.required(node, "hold"),
                        scope(node),
                        number(node, "expires"),
                        number(node, "ttl_ms"));
            case "booked" ->
                new Change.Booked(
                        at,
                        id(node),
                        scope(node),
                        Json.optional(node, "session"),
                        Json.required(node, "model"),
                        Json.amounts(node.path("amounts")),
                        Json.optional(node, "loop_key"),
                        Json.optional(node, "allotment"),
                        number(node, "fingerprint"),
                        Json.detail(node));
            case "session_reset" -> new Change.SessionReset(at, id(node), scope(node), Json.required(node, "session"));
            case "defined" -> new Change.Defined(at, Json.definition(node.path("definition")));
            case "removed" ->
                new Change.Removed(at, scope(node), node.path("draining").booleanValue());
            case "import_begun" -> new Change.ImportBegun(at, Json.required(node, "copy"));
            case "import_ended" -> new Change.ImportEnded(at);
            default -> ofOutbox(kind, node, at);
        };
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
