package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.holdfast.internal.NoticeFields;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Steps;
import io.holdfast.limit.Window;
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
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What lines of journals and snapshots have in common: how amounts, usage, tags, limits and definitions are written. */
final class Parts {
    private static final int ALERT_DECIMALS = 6;

    private Parts() {}

    // ---- writing

    /** Writes amounts as members of the object begun; a cost that nobody knows is {@code null}. */
    static void write(LineWriter line, Amounts amounts) {
        if (amounts.priced()) {
            line.dollars("cost_usd", amounts.cost());
        } else {
            line.nothing("cost_usd");
        }
        line.number("input_tokens", amounts.inputTokens());
        line.number("output_tokens", amounts.outputTokens());
        line.number("calls", amounts.calls());
    }

    static void write(LineWriter line, String name, Amounts amounts) {
        line.beginObject(name);
        write(line, amounts);
        line.endObject();
    }

    static void write(LineWriter line, Detail detail) {
        Usage usage = detail.usage();
        if (!usage.equals(Usage.NONE)) {
            line.beginObject("usage")
                    .numberUnlessZero("input", usage.input())
                    .numberUnlessZero("cache_read", usage.cacheRead())
                    .numberUnlessZero("cache_write_short", usage.cacheWriteShort())
                    .numberUnlessZero("cache_write_long", usage.cacheWriteLong())
                    .numberUnlessZero("output", usage.output());
            if (usage.extraCost().nanos() != 0) {
                line.dollars("extra_cost_usd", usage.extraCost().nanos());
            }
            line.endObject();
        }
        if (!detail.tags().isEmpty()) {
            line.beginObject("tags");
            detail.tags().forEach(line::text);
            line.endObject();
        }
    }

    static void write(LineWriter line, String name, ScopeDefinition definition) {
        line.beginObject(name).text("name", definition.name()).textIfAny("parent", definition.parent());
        line.beginList("limits");
        for (Limit limit : definition.limits()) {
            line.beginObject();
            write(line, limit);
            line.endObject();
        }
        line.endList();
        if (!definition.ladders().isEmpty()) {
            line.beginList("ladders");
            for (Ladder ladder : definition.ladders()) {
                line.beginList();
                ladder.rungs().forEach(rung -> line.text(rung.text()));
                line.endList();
            }
            line.endList();
        }
        line.endObject();
    }

    static void write(LineWriter line, Limit limit) {
        line.text("meter", lower(limit.meter())).text("window", limit.window().toString());
        if (!limit.models().equals(ModelPattern.ANY)) {
            line.text("models", limit.models().text());
        }
        amount(line, "amount", limit, limit.amount());
        if (limit.enforcement() != Enforcement.HARD) {
            line.text("enforcement", lower(limit.enforcement()));
        }
        if (!limit.alerts().isEmpty()) {
            line.beginList("alerts");
            for (int alert : limit.alerts()) {
                line.text(BigDecimal.valueOf(alert, ALERT_DECIMALS)
                        .stripTrailingZeros()
                        .toPlainString());
            }
            line.endList();
        }
        Steps steps = limit.steps();
        amountUnlessZero(line, "downgrade_at", limit, steps.downgradeAt());
        amountUnlessZero(line, "throttle_at", limit, steps.throttleAt());
        line.numberUnlessZero("delay_ms", steps.delayMillis());
        amountUnlessZero(line, "final_reserve", limit, steps.finalReserve());
    }

    private static void amountUnlessZero(LineWriter line, String name, Limit limit, long amount) {
        if (amount != 0) {
            amount(line, name, limit, amount);
        }
    }

    private static void amount(LineWriter line, String name, Limit limit, long amount) {
        if (limit.meter() == Meter.COST) {
            line.dollars(name + "_usd", amount);
        } else {
            line.number(name, amount);
        }
    }

    static void write(LineWriter line, List<PassedStep> steps) {
        if (!steps.isEmpty()) {
            line.beginList("steps");
            for (PassedStep step : steps) {
                line.beginObject()
                        .text("kind", lower(step.kind()))
                        .text("scope", step.scope())
                        .textIfAny("session", step.session())
                        .text("limit", step.limit())
                        .number("reached", step.reached())
                        .number("step", step.step())
                        .endObject();
            }
            line.endList();
        }
    }

    static void write(LineWriter line, Notice notice) {
        NoticeFields fields = NoticeFields.of(notice);
        line.beginObject("notice")
                .text("kind", lower(fields.kind()))
                .text("scope", fields.scope())
                .textIfAny("session", fields.session())
                .textIfAny("model", fields.model())
                .textIfAny("hold", fields.holdId());
        if (fields.estimate() != null) {
            write(line, "estimate", fields.estimate());
        }
        if (fields.actual() != null) {
            write(line, "actual", fields.actual());
        }
        if (fields.onExpiry() != null) {
            line.text("on_expiry", lower(fields.onExpiry()));
        }
        line.numberUnlessZero("alert", fields.alert());
        line.beginList("limits");
        for (LimitState state : fields.limits()) {
            write(line, state);
        }
        line.endList().endObject();
    }

    /** Sums may be money, or larger than some readers of JSON take numbers for: they are text. */
    private static void write(LineWriter line, LimitState state) {
        line.beginObject()
                .text("scope", state.scope())
                .textIfAny("session", state.session())
                .textIfAny("loop_key", state.loopKey())
                .beginObject("limit");
        write(line, state.limit());
        line.endObject()
                .text("committed", Long.toString(state.committed()))
                .text("held", Long.toString(state.held()))
                .text("asked", Long.toString(state.asked()));
        if (state.reserved() != 0) {
            line.text("reserved", Long.toString(state.reserved()));
        }
        if (state.frees() != Window.NEVER) {
            line.time("frees", state.frees());
        }
        line.endObject();
    }

    static void write(LineWriter line, Set<NoticeKind> kinds) {
        line.beginList("kinds");
        kinds.stream().sorted().forEach(kind -> line.text(lower(kind)));
        line.endList();
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    // ---- reading; the parser stands on the value, and then on its end

    static long time(JsonParser json) throws IOException {
        return json.currentToken() == JsonToken.VALUE_STRING ? Texts.millis(json.getText()) : json.getLongValue();
    }

    static long bits(JsonParser json) throws IOException {
        return Long.parseUnsignedLong(json.getText(), 16);
    }

    static <E extends Enum<E>> E constant(Class<E> type, JsonParser json) throws IOException {
        return Enum.valueOf(type, json.getText().toUpperCase(Locale.ROOT));
    }

    /** Returns the nano-dollars, or the mark of a cost that nobody knows. */
    static long cost(JsonParser json) throws IOException {
        return json.currentToken() == JsonToken.VALUE_NULL ? Amounts.UNPRICED : Texts.nanos(json.getText());
    }

    static Amounts amounts(JsonParser json) throws IOException {
        long cost = 0;
        long input = 0;
        long output = 0;
        long calls = 0;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "cost_usd" -> cost = cost(json);
                case "input_tokens" -> input = json.getLongValue();
                case "output_tokens" -> output = json.getLongValue();
                case "calls" -> calls = json.getLongValue();
                default -> json.skipChildren();
            }
        }
        return new Amounts(cost, input, output, calls);
    }

    static Usage usage(JsonParser json) throws IOException {
        long input = 0;
        long cacheRead = 0;
        long cacheWriteShort = 0;
        long cacheWriteLong = 0;
        long output = 0;
        Usd extra = Usd.ZERO;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "input" -> input = json.getLongValue();
                case "cache_read" -> cacheRead = json.getLongValue();
                case "cache_write_short" -> cacheWriteShort = json.getLongValue();
                case "cache_write_long" -> cacheWriteLong = json.getLongValue();
                case "output" -> output = json.getLongValue();
                case "extra_cost_usd" -> extra = Usd.ofNanos(Texts.nanos(json.getText()));
                default -> json.skipChildren();
            }
        }
        return new Usage(input, cacheRead, cacheWriteShort, cacheWriteLong, output, extra);
    }

    static Map<String, String> tags(JsonParser json) throws IOException {
        Map<String, String> tags = new HashMap<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            tags.put(name, json.getText());
        }
        return tags;
    }

    static ScopeDefinition definition(JsonParser json) throws IOException {
        String scope = null;
        String parent = null;
        List<Limit> limits = new ArrayList<>();
        List<Ladder> ladders = new ArrayList<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "name" -> scope = json.getText();
                case "parent" -> parent = json.getText();
                case "limits" -> {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        limits.add(limit(json));
                    }
                }
                case "ladders" -> {
                    while (json.nextToken() == JsonToken.START_ARRAY) {
                        ladders.add(ladder(json));
                    }
                }
                default -> json.skipChildren();
            }
        }
        return new ScopeDefinition(required("name", scope), parent, limits, ladders);
    }

    private static Ladder ladder(JsonParser json) throws IOException {
        List<ModelPattern> rungs = new ArrayList<>();
        while (json.nextToken() == JsonToken.VALUE_STRING) {
            rungs.add(ModelPattern.of(json.getText()));
        }
        return new Ladder(rungs);
    }

    static List<PassedStep> steps(JsonParser json) throws IOException {
        List<PassedStep> steps = new ArrayList<>();
        while (json.nextToken() == JsonToken.START_OBJECT) {
            steps.add(step(json));
        }
        return steps;
    }

    private static PassedStep step(JsonParser json) throws IOException {
        PassedStep.Kind kind = null;
        String scope = null;
        String session = null;
        String limit = null;
        long reached = 0;
        long step = 0;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "kind" -> kind = constant(PassedStep.Kind.class, json);
                case "scope" -> scope = json.getText();
                case "session" -> session = json.getText();
                case "limit" -> limit = json.getText();
                case "reached" -> reached = json.getLongValue();
                case "step" -> step = json.getLongValue();
                default -> json.skipChildren();
            }
        }
        return new PassedStep(
                required("kind", kind), required("scope", scope), session, required("limit", limit), reached, step);
    }

    static Limit limit(JsonParser json) throws IOException {
        Meter meter = null;
        Window window = null;
        ModelPattern models = ModelPattern.ANY;
        Enforcement enforcement = Enforcement.HARD;
        long amount = -1;
        long downgradeAt = 0;
        long throttleAt = 0;
        long delay = 0;
        long finalReserve = 0;
        List<Integer> alerts = new ArrayList<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "meter" -> meter = constant(Meter.class, json);
                case "window" -> window = Window.parse(json.getText());
                case "models" -> models = ModelPattern.of(json.getText());
                case "enforcement" -> enforcement = constant(Enforcement.class, json);
                case "amount" -> amount = json.getLongValue();
                case "amount_usd" -> amount = Texts.nanos(json.getText());
                case "downgrade_at" -> downgradeAt = json.getLongValue();
                case "downgrade_at_usd" -> downgradeAt = Texts.nanos(json.getText());
                case "throttle_at" -> throttleAt = json.getLongValue();
                case "throttle_at_usd" -> throttleAt = Texts.nanos(json.getText());
                case "delay_ms" -> delay = json.getLongValue();
                case "final_reserve" -> finalReserve = json.getLongValue();
                case "final_reserve_usd" -> finalReserve = Texts.nanos(json.getText());
                case "alerts" -> {
                    while (json.nextToken() == JsonToken.VALUE_STRING) {
                        alerts.add(new BigDecimal(json.getText())
                                .movePointRight(ALERT_DECIMALS)
                                .intValueExact());
                    }
                }
                default -> json.skipChildren();
            }
        }
        Steps steps = new Steps(downgradeAt, throttleAt, delay, finalReserve);
        return new Limit(
                required("meter", meter), required("window", window), models, amount, enforcement, alerts, steps);
    }

    static Set<NoticeKind> kinds(JsonParser json) throws IOException {
        Set<NoticeKind> kinds = EnumSet.noneOf(NoticeKind.class);
        while (json.nextToken() == JsonToken.VALUE_STRING) {
            kinds.add(constant(NoticeKind.class, json));
        }
        return Set.copyOf(kinds);
    }

    static Notice notice(JsonParser json) throws IOException {
        NoticeKind kind = null;
        String scope = null;
        String session = null;
        String model = null;
        String hold = null;
        Amounts estimate = null;
        Amounts actual = null;
        OnExpiry onExpiry = null;
        int alert = 0;
        List<LimitState> limits = new ArrayList<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "kind" -> kind = constant(NoticeKind.class, json);
                case "scope" -> scope = json.getText();
                case "session" -> session = json.getText();
                case "model" -> model = json.getText();
                case "hold" -> hold = json.getText();
                case "estimate" -> estimate = amounts(json);
                case "actual" -> actual = amounts(json);
                case "on_expiry" -> onExpiry = constant(OnExpiry.class, json);
                case "alert" -> alert = json.getIntValue();
                case "limits" -> {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        limits.add(limitState(json));
                    }
                }
                default -> json.skipChildren();
            }
        }
        return new NoticeFields(
                        required("kind", kind),
                        required("scope", scope),
                        session,
                        model,
                        hold,
                        estimate,
                        actual,
                        onExpiry,
                        alert,
                        limits)
                .notice();
    }

    private static LimitState limitState(JsonParser json) throws IOException {
        String scope = null;
        String session = null;
        String loopKey = null;
        Limit limit = null;
        long committed = 0;
        long held = 0;
        long asked = 0;
        long reserved = 0;
        long frees = Window.NEVER;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "scope" -> scope = json.getText();
                case "session" -> session = json.getText();
                case "limit" -> limit = limit(json);
                case "committed" -> committed = Long.parseLong(json.getText());
                case "held" -> held = Long.parseLong(json.getText());
                case "asked" -> asked = Long.parseLong(json.getText());
                case "loop_key" -> loopKey = json.getText();
                case "reserved" -> reserved = Long.parseLong(json.getText());
                case "frees" -> frees = time(json);
                default -> json.skipChildren();
            }
        }
        return new LimitState(
                required("scope", scope),
                session,
                loopKey,
                required("limit", limit),
                committed,
                held,
                asked,
                reserved,
                frees);
    }

    static <T> T required(String name, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("there is no " + name);
        }
        return value;
    }
}
