package io.holdfast.webhooks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.LimitState;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes events as the bodies of webhooks. The same event gives the same text. Money is text, a number of US dollars; all
 * other amounts are whole numbers.
 */
final class EventJson {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int MOST_LIMITS = 20;

    private EventJson() {}

    /** Something that writes. */
    private interface Part {
        void write(JsonGenerator json) throws IOException;
    }

    static String body(BudgetEvent event, Instant at) {
        return body("budget." + type(event), at, json -> data(json, event));
    }

    /** Returns the body of a message that tells nothing but that it arrived. */
    static String test(Instant at) {
        return body("budget.test", at, json -> json.writeStringField("message", "a test: webhooks arrive here"));
    }

    private static String type(BudgetEvent event) {
        if (event instanceof BudgetEvent.AlertReached) {
            return "alert_reached";
        } else if (event instanceof BudgetEvent.CallRefused) {
            return "call_refused";
        } else if (event instanceof BudgetEvent.LoopDetected) {
            return "loop_detected";
        } else if (event instanceof BudgetEvent.CallOvershot) {
            return "call_overshot";
        } else if (event instanceof BudgetEvent.HoldExpired) {
            return "hold_expired";
        } else if (event instanceof BudgetEvent.CommittedLate) {
            return "committed_late";
        }
        throw new IllegalStateException("an event of an unknown kind: " + event);
    }

    private static String body(String type, Instant at, Part data) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("type", type);
            json.writeStringField("timestamp", at.toString());
            json.writeObjectFieldStart("data");
            data.write(json);
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory cannot fail", impossible);
        }
        return text.toString();
    }

    private static void data(JsonGenerator json, BudgetEvent event) throws IOException {
        json.writeStringField("scope", event.scope());
        if (event instanceof BudgetEvent.AlertReached alert) {
            text(json, "session", alert.state().session());
            json.writeStringField("fraction", alert.fraction().toPlainString());
            rest(json, event, List.of(alert.state()));
        } else if (event instanceof BudgetEvent.CallRefused refused) {
            text(json, "session", refused.session());
            json.writeStringField("model", refused.model());
            rest(json, event, refused.limits());
        } else if (event instanceof BudgetEvent.LoopDetected loop) {
            text(json, "session", loop.session());
            json.writeStringField("model", loop.model());
            rest(json, event, List.of(loop.guard()));
        } else if (event instanceof BudgetEvent.CallOvershot overshot) {
            call(json, overshot.session(), overshot.operationId(), overshot.estimate(), overshot.actual());
            rest(json, event, overshot.limits());
        } else if (event instanceof BudgetEvent.CommittedLate late) {
            call(json, late.session(), late.operationId(), late.estimate(), late.actual());
            rest(json, event, late.limits());
        } else if (event instanceof BudgetEvent.HoldExpired expired) {
            call(json, expired.session(), expired.operationId(), expired.estimate(), null);
            json.writeBooleanField("charged", expired.charged());
            rest(json, event, expired.limits());
        }
    }

    private static void call(
            JsonGenerator json, @Nullable String session, String call, Amounts estimate, @Nullable Amounts actual)
            throws IOException {
        text(json, "session", session);
        json.writeStringField("call", call);
        amounts(json, "estimate", estimate);
        if (actual != null) {
            amounts(json, "actual", actual);
        }
    }

    private static void amounts(JsonGenerator json, String name, Amounts amounts) throws IOException {
        json.writeObjectFieldStart(name);
        if (amounts.priced()) {
            json.writeStringField("cost_usd", Usd.ofNanos(amounts.cost()).toString());
        }
        json.writeNumberField("input_tokens", amounts.inputTokens());
        json.writeNumberField("output_tokens", amounts.outputTokens());
        json.writeNumberField("calls", amounts.calls());
        json.writeEndObject();
    }

    /** Writes the limits that are nearest to their end; a message should stay small. */
    private static void rest(JsonGenerator json, BudgetEvent event, List<LimitState> limits) throws IOException {
        List<LimitState> nearest = limits.stream()
                .sorted(Comparator.comparing(LimitState::percentUsed).reversed())
                .limit(MOST_LIMITS)
                .toList();
        json.writeArrayFieldStart("limits");
        for (LimitState state : nearest) {
            limit(json, state);
        }
        json.writeEndArray();
        json.writeStringField("message", event.message());
    }

    private static void limit(JsonGenerator json, LimitState state) throws IOException {
        Meter meter = state.limit().meter();
        json.writeStartObject();
        json.writeStringField("scope", state.scope());
        text(json, "session", state.session());
        json.writeStringField("key", state.limit().key());
        if (state.loopKey() != null) {
            json.writeStringField("loop_key", state.loopKey());
        }
        json.writeStringField("meter", meter.name().toLowerCase(Locale.ROOT));
        amount(json, "limit", meter, state.limit().amount());
        amount(json, "used", meter, state.committed());
        amount(json, "held", meter, state.held());
        if (state.asked() > 0) {
            amount(json, "asked", meter, state.asked());
        }
        text(json, "frees_at", state.freesAt().map(Instant::toString).orElse(null));
        json.writeEndObject();
    }

    private static void amount(JsonGenerator json, String name, Meter meter, long units) throws IOException {
        if (meter == Meter.COST) {
            json.writeStringField(name, Usd.ofNanos(units).toString());
        } else {
            json.writeNumberField(name, units);
        }
    }

    private static void text(JsonGenerator json, String name, @Nullable String text) throws IOException {
        if (text == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, text);
        }
    }
}
