package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.Notice;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.PassedStep;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the lines that {@link ChangeWriter} wrote, one after the other. */
final class ChangeReader {
    private @Nullable String type;
    private @Nullable String hold;
    private @Nullable String operation;
    private @Nullable String scope;
    private @Nullable String copy;
    private @Nullable String session;
    private @Nullable String model;
    private @Nullable String subscription;
    private @Nullable String message;
    private @Nullable String worker;
    private @Nullable Notice notice;
    private Set<NoticeKind> kinds = Set.of();
    private @Nullable ScopeDefinition definition;
    private @Nullable Amounts reversed;
    private @Nullable Usage usage;
    private Map<String, String> tags = Map.of();
    private List<PassedStep> steps = List.of();
    private @Nullable String loopKey;
    private @Nullable String allotment;
    private @Nullable String child;
    private EntryKind kind = EntryKind.COMMITTED;
    private OnExpiry onExpiry = OnExpiry.CHARGE;
    private boolean given;
    private boolean draining;
    private boolean disabled;
    private boolean givenUp;
    private boolean amounts;
    private long until;
    private long time;
    private long delay;
    private long expires;
    private long due;
    private long ttl;
    private long fingerprint;
    private long cost;
    private long inputTokens;
    private long outputTokens;
    private long calls;
    private long batch;
    private long synced;

    /** Returns how many lines the batch has that the line read last begins, or 1. */
    long batch() {
        return batch;
    }

    /** Returns what the line read last says was known to be on the disk, or 0. */
    long synced() {
        return synced;
    }

    /** Tells whether the line read last ends its segment. */
    boolean closed() {
        return ChangeWriter.CLOSED.equals(type);
    }

    /**
     * Reads the next line.
     *
     * @param json stands before the line
     * @return the change, or nothing for the last line of a segment
     * @throws IOException if it is no JSON
     * @throws RuntimeException if it is no change that this version can read
     */
    @Nullable
    Change read(JsonParser json) throws IOException {
        clear();
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("there is no JSON object");
        }
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            member(name, json);
        }
        return closed() ? null : change();
    }

    private void clear() {
        type = null;
        hold = null;
        operation = null;
        scope = null;
        copy = null;
        session = null;
        model = null;
        subscription = null;
        message = null;
        worker = null;
        notice = null;
        kinds = Set.of();
        definition = null;
        reversed = null;
        usage = null;
        tags = Map.of();
        steps = List.of();
        loopKey = null;
        allotment = null;
        child = null;
        delay = 0;
        kind = EntryKind.COMMITTED;
        onExpiry = OnExpiry.CHARGE;
        given = false;
        draining = false;
        disabled = false;
        givenUp = false;
        amounts = false;
        batch = 1;
        synced = 0;
    }

    private void member(String name, JsonParser json) throws IOException {
        switch (name) {
            case "type" -> type = json.getText();
            case "time" -> time = Parts.time(json);
            case "hold" -> hold = json.getText();
            case "operation" -> operation = json.getText();
            case "given" -> given = json.getBooleanValue();
            case "scope" -> scope = json.getText();
            case "copy" -> copy = json.getText();
            case "session" -> session = json.getText();
            case "model" -> model = json.getText();
            case "kind" -> kind = Parts.constant(EntryKind.class, json);
            case "cost_usd" -> {
                cost = Parts.cost(json);
                amounts = true;
            }
            case "input_tokens" -> inputTokens = json.getLongValue();
            case "output_tokens" -> outputTokens = json.getLongValue();
            case "calls" -> calls = json.getLongValue();
            case "reversed" -> reversed = Parts.amounts(json);
            case "delay_ms" -> delay = json.getLongValue();
            case "steps" -> steps = Parts.steps(json);
            case "allotment" -> allotment = json.getText();
            case "child" -> child = json.getText();
            case "loop_key" -> loopKey = json.getText();
            case "expires" -> expires = Parts.time(json);
            case "on_expiry" -> onExpiry = Parts.constant(OnExpiry.class, json);
            case "due" -> due = Parts.time(json);
            case "ttl_ms" -> ttl = json.getLongValue();
            case "fingerprint" -> fingerprint = Parts.bits(json);
            case "usage" -> usage = Parts.usage(json);
            case "tags" -> tags = Parts.tags(json);
            case "scope_definition" -> definition = Parts.definition(json);
            case "draining" -> draining = json.getBooleanValue();
            case "subscription" -> subscription = json.getText();
            case "message" -> message = json.getText();
            case "notice" -> notice = Parts.notice(json);
            case "kinds" -> kinds = Parts.kinds(json);
            case "worker" -> worker = json.getText();
            case "until" -> until = Parts.time(json);
            case "disabled" -> disabled = json.getBooleanValue();
            case "given_up" -> givenUp = json.getBooleanValue();
            case "batch" -> batch = json.getLongValue();
            case "synced" -> synced = json.getLongValue();
            default -> json.skipChildren();
        }
    }

    private Change change() {
        String kindOfLine = Parts.required("type", type);
        return switch (kindOfLine) {
            case "held" ->
                new Change.Held(
                        time,
                        id("hold", hold),
                        scope(),
                        session,
                        model(),
                        amounts(),
                        delay,
                        expires,
                        onExpiry,
                        steps,
                        loopKey,
                        allotment,
                        fingerprint,
                        detail());
            case "allotted" ->
                new Change.Allotted(
                        time,
                        id("hold", hold),
                        scope(),
                        Parts.required("session", session),
                        allotment,
                        Parts.required("child", child),
                        cost,
                        expires,
                        fingerprint);
            case "committed" ->
                new Change.Committed(time, hold(), scope(), session, model(), kind, amounts(), reversed, detail());
            case "released" -> new Change.Released(time, hold(), scope());
            case "expired" ->
                new Change.Expired(time, hold(), scope(), session, model(), due, amounts ? amounts() : null, detail());
            case "extended" -> new Change.Extended(time, id("operation", operation), hold(), scope(), expires, ttl);
            case "booked" ->
                new Change.Booked(
                        time,
                        id("operation", operation),
                        scope(),
                        session,
                        model(),
                        amounts(),
                        loopKey,
                        allotment,
                        fingerprint,
                        detail());
            case "session_reset" ->
                new Change.SessionReset(time, id("operation", operation), scope(), Parts.required("session", session));
            case "defined" -> new Change.Defined(time, Parts.required("scope_definition", definition));
            case "removed" -> new Change.Removed(time, scope(), draining);
            case "queued" -> new Change.Queued(time, subscription(), message(), Parts.required("notice", notice));
            case "dequeued" -> new Change.Dequeued(time, subscription(), message(), !givenUp);
            case "claimed" -> new Change.Claimed(time, subscription(), Parts.required("worker", worker), until);
            case "dropped" -> new Change.Dropped(time, subscription());
            case "subscribed" -> new Change.Subscribed(time, subscription(), kinds);
            case "unsubscribed" -> new Change.Unsubscribed(time, subscription(), disabled);
            case "import_begun" -> new Change.ImportBegun(time, Parts.required("copy", copy));
            case "import_ended" -> new Change.ImportEnded(time);
            default -> throw new IllegalArgumentException("'" + kindOfLine + "' is no type of line known here");
        };
    }

    private String subscription() {
        return Parts.required("subscription", subscription);
    }

    private String message() {
        return Parts.required("message", message);
    }

    private String scope() {
        return Parts.required("scope", scope);
    }

    private String model() {
        return Parts.required("model", model);
    }

    private String hold() {
        return Parts.required("hold", hold);
    }

    private OperationId id(String name, @Nullable String value) {
        return new OperationId(Parts.required(name, value), given);
    }

    private Amounts amounts() {
        if (!amounts) {
            throw new IllegalArgumentException("there are no amounts");
        }
        return new Amounts(cost, inputTokens, outputTokens, calls);
    }

    private Detail detail() {
        return usage == null && tags.isEmpty() ? Detail.NONE : new Detail(usage == null ? Usage.NONE : usage, tags);
    }
}
