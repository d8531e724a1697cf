package io.holdfast.store.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Limit;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Window;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands as JSON in a column: tags, definitions and the pieces of a snapshot. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode list() {
        return MAPPER.createArrayNode();
    }

    static String text(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static JsonNode parse(String text, String where) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException damaged) {
            throw new CorruptLedgerException(where + " is not JSON: " + damaged.getOriginalMessage(), damaged);
        }
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static <E extends Enum<E>> E constant(Class<E> type, String text) {
        return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    }

    // ---- tags

    static @Nullable String ofTags(Map<String, String> tags) {
        if (tags.isEmpty()) {
            return null;
        }
        ObjectNode node = object();
        tags.forEach(node::put);
        return text(node);
    }

    static Map<String, String> tags(JsonNode node) {
        Map<String, String> tags = new HashMap<>();
        node.properties().forEach(tag -> tags.put(tag.getKey(), tag.getValue().textValue()));
        return tags;
    }

    // ---- definitions

    static ObjectNode of(ScopeDefinition definition) {
        ObjectNode node = object().put("name", definition.name());
        if (definition.parent() != null) {
            node.put("parent", definition.parent());
        }
        ArrayNode limits = node.putArray("limits");
        definition.limits().forEach(limit -> limits.add(of(limit)));
        return node;
    }

    static ScopeDefinition definition(JsonNode node) {
        List<Limit> limits = new ArrayList<>();
        node.path("limits").forEach(limit -> limits.add(limit(limit)));
        return new ScopeDefinition(required(node, "name"), optional(node, "parent"), limits);
    }

    static ObjectNode of(Limit limit) {
        ObjectNode node = object().put("meter", lower(limit.meter()))
                .put("window", limit.window().toString())
                .put("models", limit.models().text())
                .put("amount", limit.amount())
                .put("enforcement", lower(limit.enforcement()));
        if (!limit.alerts().isEmpty()) {
            ArrayNode alerts = node.putArray("alerts_millionths");
            limit.alerts().forEach(alerts::add);
        }
        return node;
    }

    static Limit limit(JsonNode node) {
        List<Integer> alerts = new ArrayList<>();
        node.path("alerts_millionths").forEach(alert -> alerts.add(alert.intValue()));
        return new Limit(
                constant(Meter.class, required(node, "meter")),
                Window.parse(required(node, "window")),
                ModelPattern.of(required(node, "models")),
                node.path("amount").longValue(),
                constant(Enforcement.class, required(node, "enforcement")),
                alerts);
    }

    // ---- amounts and details

    static ArrayNode of(Amounts amounts) {
        return list().add(amounts.cost())
                .add(amounts.inputTokens())
                .add(amounts.outputTokens())
                .add(amounts.calls());
    }

    static Amounts amounts(JsonNode node) {
        return new Amounts(
                node.path(0).longValue(),
                node.path(1).longValue(),
                node.path(2).longValue(),
                node.path(3).longValue());
    }

    static void put(ObjectNode node, Detail detail) {
        Usage usage = detail.usage();
        if (!usage.equals(Usage.NONE)) {
            node.putArray("usage")
                    .add(usage.input())
                    .add(usage.cacheRead())
                    .add(usage.cacheWriteShort())
                    .add(usage.cacheWriteLong())
                    .add(usage.output())
                    .add(usage.extraCost().nanos());
        }
        if (!detail.tags().isEmpty()) {
            ObjectNode tags = node.putObject("tags");
            detail.tags().forEach(tags::put);
        }
    }

    static Detail detail(JsonNode node) {
        JsonNode usage = node.path("usage");
        if (usage.isMissingNode() && !node.has("tags")) {
            return Detail.NONE;
        }
        return new Detail(
                usage.isMissingNode()
                        ? Usage.NONE
                        : new Usage(
                                usage.path(0).longValue(),
                                usage.path(1).longValue(),
                                usage.path(2).longValue(),
                                usage.path(3).longValue(),
                                usage.path(4).longValue(),
                                Usd.ofNanos(usage.path(5).longValue())),
                tags(node.path("tags")));
    }

    static String required(JsonNode node, String field) {
        String text = optional(node, field);
        if (text == null) {
            throw new CorruptLedgerException("'" + field + "' is missing in " + node, null);
        }
        return text;
    }

    static @Nullable String optional(JsonNode node, String field) {
        return node.path(field).textValue();
    }
}
