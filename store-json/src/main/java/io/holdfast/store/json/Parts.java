package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Limit;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
        line.endList().endObject();
    }

    static void write(LineWriter line, Limit limit) {
        line.text("meter", lower(limit.meter())).text("window", limit.window().toString());
        if (!limit.models().equals(ModelPattern.ANY)) {
            line.text("models", limit.models().text());
        }
        if (limit.meter() == Meter.COST) {
            line.dollars("amount_usd", limit.amount());
        } else {
            line.number("amount", limit.amount());
        }
        if (!limit.hard()) {
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
                default -> json.skipChildren();
            }
        }
        return new ScopeDefinition(required("name", scope), parent, limits);
    }

    static Limit limit(JsonParser json) throws IOException {
        Meter meter = null;
        Window window = null;
        ModelPattern models = ModelPattern.ANY;
        Enforcement enforcement = Enforcement.HARD;
        long amount = -1;
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
        return new Limit(required("meter", meter), required("window", window), models, amount, enforcement, alerts);
    }

    static <T> T required(String name, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("there is no " + name);
        }
        return value;
    }
}
