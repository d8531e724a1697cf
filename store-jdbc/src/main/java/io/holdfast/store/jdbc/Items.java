package io.holdfast.store.jdbc;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.internal.StateItem;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.QueuedNotice;
import io.holdfast.spi.ScopeDefinition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of a state as JSON. A counter that holds are set aside in stands once, before the first of them; they name it by
 * its number, which is how many stood before it.
 */
final class Items {
    private static final String COUNTER = "counter";

    private Items() {}

    /** Writes the pieces of one state. */
    static final class Writer {
        private final IdentityHashMap<StateItem.CounterRef, Integer> counters = new IdentityHashMap<>();

        /** Writes an item, and before it the counters that it is the first to name. */
        void write(JsonGenerator json, StateItem item) throws IOException {
            if (!(item instanceof StateItem.Held held)) {
                json.writeTree(of(item));
                return;
            }
            for (StateItem.CounterRef counter : held.counters()) {
                if (!counters.containsKey(counter)) {
                    write(json, counter);
                    counters.put(counter, counters.size());
                }
            }
            json.writeStartObject();
            json.writeStringField("type", "held");
            write(json, held);
            json.writeEndObject();
        }

        private static void write(JsonGenerator json, StateItem.CounterRef counter) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", COUNTER);
            json.writeStringField("scope", counter.scope());
            Fields.write(json, "loop_key", counter.loopKey());
            Fields.write(json, "limit", Json.of(counter.limit()));
            json.writeEndObject();
        }

        private void write(JsonGenerator json, StateItem.Held held) throws IOException {
            json.writeStringField("id", held.id());
            json.writeBooleanField("given", held.given());
            json.writeStringField("scope", held.scope());
            Fields.write(json, "session", held.session());
            json.writeStringField("model", held.model());
            Fields.write(json, "amounts", held.amounts());
            json.writeNumberField("admitted_at", held.admittedAt());
            json.writeNumberField("expires_at", held.expiresAt());
            json.writeStringField("on_expiry", Json.lower(held.onExpiry()));
            json.writeNumberField("fingerprint", held.fingerprint());
            if (held.delayMillis() != 0) {
                json.writeNumberField("delay_ms", held.delayMillis());
            }
            if (!held.steps().isEmpty()) {
                Fields.write(json, "steps", Json.of(held.steps()));
            }
            Fields.write(json, held.detail());
            if (!held.counters().isEmpty()) {
                json.writeArrayFieldStart("counters");
                for (StateItem.CounterRef counter : held.counters()) {
                    json.writeNumber(Objects.requireNonNull(counters.get(counter)));
                }
                json.writeEndArray();
            }
            json.writeStringField("state", Json.lower(held.state()));
            json.writeNumberField("settled_at", held.settledAt());
            Fields.write(json, "booked", held.booked());
            json.writeNumberField("session_resets", held.sessionResets());
            Fields.write(json, "allotment", held.drawsOn());
            StateItem.Allotted allotted = held.allotted();
            if (allotted != null) {
                json.writeObjectFieldStart("allotted");
                json.writeStringField("name", allotted.name());
                json.writeNumberField("left", allotted.left());
                json.writeNumberField("spent", allotted.spent());
                json.writeEndObject();
            }
        }
    }

    /** Reads the pieces of one state, in the order they were written. */
    static final class Reader {
        private final List<StateItem.CounterRef> counters = new ArrayList<>();

        /** Gives the item to a reader that a node stands for, if it stands for one. */
        void read(JsonNode node, Consumer<StateItem> reader) {
            String type = Json.required(node, "type");
            if (type.equals(COUNTER)) {
                counters.add(new StateItem.CounterRef(
                        Json.required(node, "scope"), Json.limit(node.path("limit")), Json.optional(node, "loop_key")));
            } else {
                reader.accept(
                        type.equals("held") ? held(node, each(node.path("counters"), this::counter)) : item(node));
            }
        }

        private StateItem.CounterRef counter(JsonNode number) {
            int index = number.intValue();
            if (index < 0 || index >= counters.size()) {
                throw new CorruptLedgerException(
                        "a snapshot has a hold in counter " + number + " of " + counters.size(), null);
            }
            return counters.get(index);
        }
    }

    private static ObjectNode of(StateItem item) {
        if (item instanceof StateItem.Clock clock) {
            return node("clock").put("at", clock.at());
        } else if (item instanceof StateItem.Imported imported) {
            return node("imported")
                    .put("copy", imported.copy())
                    .put("changes", imported.changes())
                    .put("ended", imported.ended());
        } else if (item instanceof StateItem.Template template) {
            return node("template").set("definition", Json.of(template.definition()));
        } else if (item instanceof StateItem.Scope scope) {
            return of(scope);
        } else if (item instanceof StateItem.Session session) {
            return node("session")
                    .put("owner", session.owner())
                    .put("id", session.id())
                    .put("resets", session.resets());
        } else if (item instanceof StateItem.Counted counted) {
            return of(counted);
        } else if (item instanceof StateItem.Answered answered) {
            return node("answered")
                    .put("root", answered.root())
                    .put("id", answered.id())
                    .put("given", answered.given())
                    .put("fingerprint", answered.fingerprint())
                    .put("at", answered.at());
        }
        if (item instanceof StateItem.Subscription subscription) {
            return of(subscription);
        } else if (item instanceof StateItem.Queued queued) {
            return node("queued")
                    .put("subscription", queued.subscription())
                    .put("message", queued.message().id())
                    .put("at", queued.message().at())
                    .set("notice", Json.of(queued.message().notice()));
        } else if (item instanceof StateItem.Refusal refusal) {
            return node("refusal").put("limit", refusal.limit()).put("at", refusal.at());
        }
        throw new IllegalStateException("an item of an unknown kind: " + item);
    }

    private static StateItem item(JsonNode node) {
        String type = Json.required(node, "type");
        return switch (type) {
            case "clock" -> new StateItem.Clock(node.path("at").longValue());
            case "imported" ->
                new StateItem.Imported(
                        Json.required(node, "copy"),
                        node.path("changes").longValue(),
                        node.path("ended").booleanValue());
            case "template" -> new StateItem.Template(Json.definition(node.path("definition")));
            case "scope" ->
                new StateItem.Scope(
                        Json.required(node, "name"),
                        Json.optional(node, "parent"),
                        definition(node, "own"),
                        Json.optional(node, "template"),
                        definition(node, "shared"),
                        node.path("removed").booleanValue(),
                        node.path("draining").booleanValue());
            case "session" ->
                new StateItem.Session(
                        Json.required(node, "owner"),
                        Json.required(node, "id"),
                        node.path("resets").intValue());
            case "counted" -> counted(node);
            case "answered" ->
                new StateItem.Answered(
                        Json.required(node, "root"),
                        Json.required(node, "id"),
                        node.path("given").booleanValue(),
                        node.path("fingerprint").longValue(),
                        node.path("at").longValue());
            case "subscription" ->
                new StateItem.Subscription(
                        Json.required(node, "name"),
                        Json.kinds(node.path("kinds")),
                        node.path("disabled").booleanValue(),
                        node.path("queued").longValue(),
                        node.path("dropped").longValue(),
                        Json.optional(node, "worker"),
                        node.path("lease_until").longValue());
            case "queued" ->
                new StateItem.Queued(
                        Json.required(node, "subscription"),
                        new QueuedNotice(
                                Json.required(node, "message"),
                                node.path("at").longValue(),
                                Json.notice(node.path("notice"))));
            case "refusal" ->
                new StateItem.Refusal(
                        Json.required(node, "limit"), node.path("at").longValue());
            default -> throw new CorruptLedgerException("a snapshot has an item of the unknown type " + type, null);
        };
    }

    private static ObjectNode node(String type) {
        return Json.object().put("type", type);
    }

    private static ObjectNode of(StateItem.Scope scope) {
        ObjectNode node = node("scope").put("name", scope.name());
        Json.put(node, "parent", scope.parent());
        if (scope.own() != null) {
            node.set("own", Json.of(scope.own()));
        }
        Json.put(node, "template", scope.template());
        if (scope.shared() != null) {
            node.set("shared", Json.of(scope.shared()));
        }
        return node.put("removed", scope.removed()).put("draining", scope.draining());
    }

    private static ObjectNode of(StateItem.Counted counted) {
        ObjectNode node = node("counted").put("scope", counted.scope());
        Json.put(node, "owner", counted.owner());
        Json.put(node, "session", counted.session());
        Json.put(node, "loop_key", counted.loopKey());
        node.set("limit", Json.of(counted.limit()));
        put(node, "buckets", counted.buckets());
        put(node, "committed", counted.committed());
        put(node, "held_buckets", counted.heldBuckets());
        put(node, "held", counted.held());
        return node.put("alert_level", counted.alertLevel());
    }

    private static StateItem counted(JsonNode node) {
        return new StateItem.Counted(
                Json.required(node, "scope"),
                Json.optional(node, "owner"),
                Json.optional(node, "session"),
                Json.optional(node, "loop_key"),
                Json.limit(node.path("limit")),
                numbers(node, "buckets"),
                numbers(node, "committed"),
                numbers(node, "held_buckets"),
                numbers(node, "held"),
                node.path("alert_level").intValue());
    }

    private static StateItem held(JsonNode node, List<StateItem.CounterRef> counters) {
        return new StateItem.Held(
                Json.required(node, "id"),
                node.path("given").booleanValue(),
                Json.required(node, "scope"),
                Json.optional(node, "session"),
                Json.required(node, "model"),
                Json.amounts(node.path("amounts")),
                node.path("admitted_at").longValue(),
                node.path("delay_ms").longValue(),
                node.path("expires_at").longValue(),
                Json.constant(OnExpiry.class, Json.required(node, "on_expiry")),
                Json.steps(node.path("steps")),
                node.path("fingerprint").longValue(),
                Json.detail(node),
                counters,
                Json.constant(HoldState.class, Json.required(node, "state")),
                node.path("settled_at").longValue(),
                Json.amounts(node.path("booked")),
                node.path("session_resets").intValue(),
                Json.optional(node, "allotment"),
                allotted(node.path("allotted")));
    }

    private static StateItem.@Nullable Allotted allotted(JsonNode node) {
        return node.isMissingNode()
                ? null
                : new StateItem.Allotted(
                        Json.required(node, "name"),
                        node.path("left").longValue(),
                        node.path("spent").longValue());
    }

    private static ObjectNode of(StateItem.Subscription subscription) {
        ObjectNode node = node("subscription").put("name", subscription.name());
        node.set("kinds", Json.of(subscription.kinds()));
        node.put("disabled", subscription.disabled())
                .put("queued", subscription.queued())
                .put("dropped", subscription.dropped());
        Json.put(node, "worker", subscription.worker());
        return node.put("lease_until", subscription.leaseUntil());
    }

    private static @Nullable ScopeDefinition definition(JsonNode node, String field) {
        return node.has(field) ? Json.definition(node.path(field)) : null;
    }

    private static void put(ObjectNode node, String field, List<Long> numbers) {
        ArrayNode list = node.putArray(field);
        numbers.forEach(list::add);
    }

    private static List<Long> numbers(JsonNode node, String field) {
        return each(node.path(field), JsonNode::longValue);
    }

    private static <T> List<T> each(JsonNode list, Function<JsonNode, T> reader) {
        List<T> all = new ArrayList<>(list.size());
        list.forEach(node -> all.add(reader.apply(node)));
        return all;
    }
}
