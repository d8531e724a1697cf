package io.holdfast.store.jdbc;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.internal.NoticeFields;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Steps;
import io.holdfast.limit.Window;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Notice;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.PassedStep;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What stands as JSON in a column: tags, definitions and the pieces of a snapshot. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Map<Enum<?>, String> LOWER = new ConcurrentHashMap<>();

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

    /** Returns what writes JSON piece by piece. */
    static JsonGenerator generator(Writer writer) throws IOException {
        return MAPPER.getFactory().createGenerator(writer);
    }

    static JsonNode parse(String text, String where) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException damaged) {
            throw new CorruptLedgerException(where + " is not JSON: " + damaged.getOriginalMessage(), damaged);
        }
    }

    static String lower(Enum<?> constant) {
        String known = LOWER.get(constant);
        return known == null
                ? LOWER.computeIfAbsent(constant, each -> each.name().toLowerCase(Locale.ROOT))
                : known;
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
        if (!definition.ladders().isEmpty()) {
            ArrayNode ladders = node.putArray("ladders");
            for (Ladder ladder : definition.ladders()) {
                ArrayNode rungs = ladders.addArray();
                ladder.rungs().forEach(rung -> rungs.add(rung.text()));
            }
        }
        return node;
    }

    static ScopeDefinition definition(JsonNode node) {
        List<Limit> limits = new ArrayList<>();
        node.path("limits").forEach(limit -> limits.add(limit(limit)));
        List<Ladder> ladders = new ArrayList<>();
        for (JsonNode ladder : node.path("ladders")) {
            List<ModelPattern> rungs = new ArrayList<>();
            ladder.forEach(rung -> rungs.add(ModelPattern.of(rung.textValue())));
            ladders.add(new Ladder(rungs));
        }
        return new ScopeDefinition(required(node, "name"), optional(node, "parent"), limits, ladders);
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
        Steps steps = limit.steps();
        putUnlessZero(node, "downgrade_at", steps.downgradeAt());
        putUnlessZero(node, "throttle_at", steps.throttleAt());
        putUnlessZero(node, "delay_ms", steps.delayMillis());
        putUnlessZero(node, "final_reserve", steps.finalReserve());
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
                alerts,
                new Steps(
                        node.path("downgrade_at").longValue(),
                        node.path("throttle_at").longValue(),
                        node.path("delay_ms").longValue(),
                        node.path("final_reserve").longValue()));
    }

    private static void putUnlessZero(ObjectNode node, String field, long value) {
        if (value != 0) {
            node.put(field, value);
        }
    }

    // ---- steps

    static ArrayNode of(List<PassedStep> steps) {
        ArrayNode list = list();
        for (PassedStep step : steps) {
            ObjectNode node = list.addObject().put("kind", lower(step.kind())).put("scope", step.scope());
            if (step.session() != null) {
                node.put("session", step.session());
            }
            node.put("limit", step.limit()).put("reached", step.reached()).put("step", step.step());
        }
        return list;
    }

    static List<PassedStep> steps(JsonNode list) {
        List<PassedStep> steps = new ArrayList<>(list.size());
        for (JsonNode node : list) {
            steps.add(new PassedStep(
                    constant(PassedStep.Kind.class, required(node, "kind")),
                    required(node, "scope"),
                    optional(node, "session"),
                    required(node, "limit"),
                    node.path("reached").longValue(),
                    node.path("step").longValue()));
        }
        return steps;
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

    // ---- notices

    static ObjectNode of(Notice notice) {
        NoticeFields fields = NoticeFields.of(notice);
        ObjectNode node = object().put("kind", lower(fields.kind())).put("scope", fields.scope());
        put(node, "session", fields.session());
        put(node, "model", fields.model());
        put(node, "hold", fields.holdId());
        if (fields.estimate() != null) {
            node.set("estimate", of(fields.estimate()));
        }
        if (fields.actual() != null) {
            node.set("actual", of(fields.actual()));
        }
        if (fields.onExpiry() != null) {
            node.put("on_expiry", lower(fields.onExpiry()));
        }
        node.put("alert", fields.alert());
        ArrayNode limits = node.putArray("limits");
        fields.limits().forEach(state -> limits.add(of(state)));
        return node;
    }

    static Notice notice(JsonNode node) {
        List<LimitState> limits = new ArrayList<>();
        node.path("limits").forEach(state -> limits.add(limitState(state)));
        String onExpiry = optional(node, "on_expiry");
        return new NoticeFields(
                        constant(NoticeKind.class, required(node, "kind")),
                        required(node, "scope"),
                        optional(node, "session"),
                        optional(node, "model"),
                        optional(node, "hold"),
                        node.has("estimate") ? amounts(node.path("estimate")) : null,
                        node.has("actual") ? amounts(node.path("actual")) : null,
                        onExpiry == null ? null : constant(OnExpiry.class, onExpiry),
                        node.path("alert").intValue(),
                        limits)
                .notice();
    }

    private static ObjectNode of(LimitState state) {
        ObjectNode node = object().put("scope", state.scope());
        put(node, "session", state.session());
        put(node, "loop_key", state.loopKey());
        node.set("limit", of(state.limit()));
        return node.put("committed", state.committed())
                .put("held", state.held())
                .put("asked", state.asked())
                .put("reserved", state.reserved())
                .put("frees", state.frees());
    }

    private static LimitState limitState(JsonNode node) {
        return new LimitState(
                required(node, "scope"),
                optional(node, "session"),
                optional(node, "loop_key"),
                limit(node.path("limit")),
                node.path("committed").longValue(),
                node.path("held").longValue(),
                node.path("asked").longValue(),
                node.path("reserved").longValue(),
                node.path("frees").longValue());
    }

    static ArrayNode of(Set<NoticeKind> kinds) {
        ArrayNode list = list();
        kinds.stream().sorted().forEach(kind -> list.add(lower(kind)));
        return list;
    }

    static Set<NoticeKind> kinds(JsonNode list) {
        Set<NoticeKind> kinds = EnumSet.noneOf(NoticeKind.class);
        list.forEach(kind -> kinds.add(constant(NoticeKind.class, kind.textValue())));
        return Set.copyOf(kinds);
    }

    static void put(ObjectNode node, String field, @Nullable String text) {
        if (text != null) {
            node.put(field, text);
        }
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
