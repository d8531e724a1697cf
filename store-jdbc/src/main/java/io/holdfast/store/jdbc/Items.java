package io.holdfast.store.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.Limit;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.ScopeDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The pieces of a state as JSON. */
final class Items {
    private Items() {}

    static ObjectNode of(StateItem item) {
        if (item instanceof StateItem.Clock clock) {
            return node("clock").put("at", clock.at());
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
        } else if (item instanceof StateItem.Held held) {
            return of(held);
        } else if (item instanceof StateItem.Answered answered) {
            return node("answered")
                    .put("root", answered.root())
                    .put("id", answered.id())
                    .put("given", answered.given())
                    .put("fingerprint", answered.fingerprint())
                    .put("at", answered.at());
        }
        throw new IllegalStateException("an item of an unknown kind: " + item);
    }

    static StateItem item(JsonNode node) {
        String type = Json.required(node, "type");
        return switch (type) {
            case "clock" -> new StateItem.Clock(node.path("at").longValue());
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
            case "held" -> held(node);
            case "answered" ->
                new StateItem.Answered(
                        Json.required(node, "root"),
                        Json.required(node, "id"),
                        node.path("given").booleanValue(),
                        node.path("fingerprint").longValue(),
                        node.path("at").longValue());
            default -> throw new CorruptLedgerException("a snapshot has an item of the unknown type " + type, null);
        };
    }

    private static ObjectNode node(String type) {
        return Json.object().put("type", type);
    }

    private static ObjectNode of(StateItem.Scope scope) {
        ObjectNode node = node("scope").put("name", scope.name());
        put(node, "parent", scope.parent());
        if (scope.own() != null) {
            node.set("own", Json.of(scope.own()));
        }
        put(node, "template", scope.template());
        if (scope.shared() != null) {
            node.set("shared", Json.of(scope.shared()));
        }
        return node.put("removed", scope.removed()).put("draining", scope.draining());
    }

    private static ObjectNode of(StateItem.Counted counted) {
        ObjectNode node = node("counted").put("scope", counted.scope());
        put(node, "owner", counted.owner());
        put(node, "session", counted.session());
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
                Json.limit(node.path("limit")),
                numbers(node, "buckets"),
                numbers(node, "committed"),
                numbers(node, "held_buckets"),
                numbers(node, "held"),
                node.path("alert_level").intValue());
    }

    private static ObjectNode of(StateItem.Held held) {
        ObjectNode node =
                node("held").put("id", held.id()).put("given", held.given()).put("scope", held.scope());
        put(node, "session", held.session());
        node.put("model", held.model());
        node.set("amounts", Json.of(held.amounts()));
        node.put("admitted_at", held.admittedAt())
                .put("expires_at", held.expiresAt())
                .put("on_expiry", Json.lower(held.onExpiry()))
                .put("fingerprint", held.fingerprint());
        Json.put(node, held.detail());
        if (!held.counters().isEmpty()) {
            ArrayNode counters = node.putArray("counters");
            for (StateItem.CounterRef ref : held.counters()) {
                counters.addObject().put("scope", ref.scope()).set("limit", Json.of(ref.limit()));
            }
        }
        node.put("state", Json.lower(held.state())).put("settled_at", held.settledAt());
        node.set("booked", Json.of(held.booked()));
        node.put("session_resets", held.sessionResets());
        put(node, "extended_by", held.extendedBy());
        return node.put("extended_for", held.extendedFor());
    }

    private static StateItem held(JsonNode node) {
        return new StateItem.Held(
                Json.required(node, "id"),
                node.path("given").booleanValue(),
                Json.required(node, "scope"),
                Json.optional(node, "session"),
                Json.required(node, "model"),
                Json.amounts(node.path("amounts")),
                node.path("admitted_at").longValue(),
                node.path("expires_at").longValue(),
                Json.constant(OnExpiry.class, Json.required(node, "on_expiry")),
                node.path("fingerprint").longValue(),
                Json.detail(node),
                each(node.path("counters"), Items::counterRef),
                Json.constant(HoldState.class, Json.required(node, "state")),
                node.path("settled_at").longValue(),
                Json.amounts(node.path("booked")),
                node.path("session_resets").intValue(),
                Json.optional(node, "extended_by"),
                node.path("extended_for").longValue());
    }

    private static StateItem.CounterRef counterRef(JsonNode node) {
        Limit limit = Json.limit(node.path("limit"));
        return new StateItem.CounterRef(Json.required(node, "scope"), limit);
    }

    private static @Nullable ScopeDefinition definition(JsonNode node, String field) {
        return node.has(field) ? Json.definition(node.path(field)) : null;
    }

    private static void put(ObjectNode node, String field, @Nullable String text) {
        if (text != null) {
            node.put(field, text);
        }
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
