package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.Limit;
import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.PassedStep;
import io.holdfast.spi.QueuedNotice;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the lines that {@link ItemWriter} wrote, one after the other, and the last line of a snapshot. */
final class ItemReader {
    /** The type of the last line. */
    static final String END = "end";

    private @Nullable String type;
    private @Nullable String hold;
    private @Nullable String operation;
    private @Nullable String scope;
    private @Nullable String owner;
    private @Nullable String parent;
    private @Nullable String template;
    private @Nullable String copy;
    private @Nullable String session;
    private @Nullable String model;
    private @Nullable String loopKey;
    private @Nullable String allotment;
    private @Nullable String child;
    private long left;
    private long spent;
    private @Nullable String subscription;
    private @Nullable String message;
    private @Nullable String worker;
    private @Nullable String refused;
    private @Nullable Notice notice;
    private Set<NoticeKind> kinds = Set.of();
    private @Nullable ScopeDefinition definition;
    private @Nullable ScopeDefinition shared;
    private @Nullable Limit limit;
    private HoldState state = HoldState.ACTIVE;
    private OnExpiry onExpiry = OnExpiry.CHARGE;
    private Amounts booked = Amounts.NONE;
    private @Nullable Usage usage;
    private Map<String, String> tags = Map.of();
    private List<PassedStep> steps = List.of();
    private List<Long> buckets = List.of();
    private List<Long> committed = List.of();
    private List<Long> heldBuckets = List.of();
    private List<Long> held = List.of();
    private List<StateItem.CounterRef> counters = List.of();
    private boolean given;
    private boolean removed;
    private boolean draining;
    private boolean disabled;
    private long queued;
    private long dropped;
    private long until;
    private boolean ended;
    private int resets;
    private int sessionResets;
    private int alertLevel;
    private long time;
    private long admitted;
    private long delay;
    private long expires;
    private long settled;
    private long fingerprint;
    private long cost;
    private long inputTokens;
    private long outputTokens;
    private long calls;
    private long changes;
    private long items;

    /** Tells whether the line read last is the last one of a snapshot. */
    boolean ended() {
        return END.equals(type);
    }

    /** Returns how many items the last line says there are. */
    long items() {
        return items;
    }

    /**
     * Reads the next line.
     *
     * @param json stands before the line
     * @return the item, or nothing for the last line
     * @throws IOException if it is no JSON
     * @throws RuntimeException if it is no item that this version can read
     */
    @Nullable
    StateItem read(JsonParser json) throws IOException {
        clear();
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("there is no JSON object");
        }
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            member(name, json);
        }
        return ended() ? null : item();
    }

    private void clear() {
        type = null;
        hold = null;
        operation = null;
        scope = null;
        owner = null;
        parent = null;
        template = null;
        copy = null;
        ended = false;
        session = null;
        model = null;
        loopKey = null;
        allotment = null;
        child = null;
        subscription = null;
        message = null;
        worker = null;
        refused = null;
        notice = null;
        kinds = Set.of();
        definition = null;
        shared = null;
        limit = null;
        state = HoldState.ACTIVE;
        onExpiry = OnExpiry.CHARGE;
        booked = Amounts.NONE;
        usage = null;
        tags = Map.of();
        steps = List.of();
        delay = 0;
        buckets = List.of();
        committed = List.of();
        heldBuckets = List.of();
        held = List.of();
        counters = List.of();
        given = false;
        removed = false;
        draining = false;
        disabled = false;
        sessionResets = 0;
        alertLevel = 0;
        settled = 0;
    }

    private void member(String name, JsonParser json) throws IOException {
        switch (name) {
            case "type" -> type = json.getText();
            case "time" -> time = Parts.time(json);
            case "hold" -> hold = json.getText();
            case "operation" -> operation = json.getText();
            case "given" -> given = json.getBooleanValue();
            case "scope" -> scope = json.getText();
            case "owner" -> owner = json.getText();
            case "parent" -> parent = json.getText();
            case "template" -> template = json.getText();
            case "copy" -> copy = json.getText();
            case "changes" -> changes = json.getLongValue();
            case "ended" -> ended = json.getBooleanValue();
            case "session" -> session = json.getText();
            case "allotment" -> allotment = json.getText();
            case "child" -> child = json.getText();
            case "left_usd" -> left = Texts.nanos(json.getText());
            case "spent_usd" -> spent = Texts.nanos(json.getText());
            case "loop_key" -> loopKey = json.getText();
            case "model" -> model = json.getText();
            case "cost_usd" -> cost = Parts.cost(json);
            case "input_tokens" -> inputTokens = json.getLongValue();
            case "output_tokens" -> outputTokens = json.getLongValue();
            case "calls" -> calls = json.getLongValue();
            case "admitted" -> admitted = Parts.time(json);
            case "delay_ms" -> delay = json.getLongValue();
            case "steps" -> steps = Parts.steps(json);
            case "expires" -> expires = Parts.time(json);
            case "settled" -> settled = Parts.time(json);
            case "on_expiry" -> onExpiry = Parts.constant(OnExpiry.class, json);
            case "fingerprint" -> fingerprint = Parts.bits(json);
            case "state" -> state = Parts.constant(HoldState.class, json);
            case "booked" -> booked = Parts.amounts(json);
            case "session_resets" -> sessionResets = json.getIntValue();
            case "usage" -> usage = Parts.usage(json);
            case "tags" -> tags = Parts.tags(json);
            case "counters" -> counters = counters(json);
            case "scope_definition" -> definition = Parts.definition(json);
            case "shared_definition" -> shared = Parts.definition(json);
            case "removed" -> removed = json.getBooleanValue();
            case "draining" -> draining = json.getBooleanValue();
            case "resets" -> resets = json.getIntValue();
            case "limit" -> limit = Parts.limit(json);
            case "buckets" -> buckets = longs(json);
            case "committed" -> committed = longs(json);
            case "held_buckets" -> heldBuckets = longs(json);
            case "held" -> held = longs(json);
            case "alert_level" -> alertLevel = json.getIntValue();
            case "subscription" -> subscription = json.getText();
            case "message" -> message = json.getText();
            case "worker" -> worker = json.getText();
            case "refused" -> refused = json.getText();
            case "notice" -> notice = Parts.notice(json);
            case "kinds" -> kinds = Parts.kinds(json);
            case "disabled" -> disabled = json.getBooleanValue();
            case "queued" -> queued = json.getLongValue();
            case "dropped" -> dropped = json.getLongValue();
            case "until" -> until = json.getLongValue();
            case "items" -> items = json.getLongValue();
            default -> json.skipChildren();
        }
    }

    private static List<Long> longs(JsonParser json) throws IOException {
        List<Long> longs = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            longs.add(Long.parseLong(json.getText()));
        }
        return longs;
    }

    private static List<StateItem.CounterRef> counters(JsonParser json) throws IOException {
        List<StateItem.CounterRef> counters = new ArrayList<>();
        while (json.nextToken() == JsonToken.START_OBJECT) {
            String scope = null;
            Limit limit = null;
            String loopKey = null;
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                json.nextToken();
                switch (name) {
                    case "scope" -> scope = json.getText();
                    case "limit" -> limit = Parts.limit(json);
                    case "loop_key" -> loopKey = json.getText();
                    default -> json.skipChildren();
                }
            }
            counters.add(
                    new StateItem.CounterRef(Parts.required("scope", scope), Parts.required("limit", limit), loopKey));
        }
        return counters;
    }

    private StateItem item() {
        String kind = Parts.required("type", type);
        return switch (kind) {
            case "clock" -> new StateItem.Clock(time);
            case "imported" -> new StateItem.Imported(Parts.required("copy", copy), changes, ended);
            case "template" -> new StateItem.Template(Parts.required("scope_definition", definition));
            case "scope" -> new StateItem.Scope(scope(), parent, definition, template, shared, removed, draining);
            case "session" -> new StateItem.Session(scope(), Parts.required("session", session), resets);
            case "counter" ->
                new StateItem.Counted(
                        scope(),
                        owner,
                        session,
                        loopKey,
                        Parts.required("limit", limit),
                        buckets,
                        committed,
                        heldBuckets,
                        held,
                        alertLevel);
            case "hold" -> hold();
            case "answer" ->
                new StateItem.Answered(scope(), Parts.required("operation", operation), given, fingerprint, time);
            case "subscription" ->
                new StateItem.Subscription(subscription(), kinds, disabled, queued, dropped, worker, until);
            case "queued" ->
                new StateItem.Queued(
                        subscription(),
                        new QueuedNotice(Parts.required("message", message), time, Parts.required("notice", notice)));
            case "refusal" -> new StateItem.Refusal(Parts.required("refused", refused), time);
            default -> throw new IllegalArgumentException("'" + kind + "' is no type of item known here");
        };
    }

    private StateItem hold() {
        return new StateItem.Held(
                Parts.required("hold", hold),
                given,
                scope(),
                session,
                Parts.required("model", model),
                new Amounts(cost, inputTokens, outputTokens, calls),
                admitted,
                delay,
                expires,
                onExpiry,
                steps,
                fingerprint,
                detail(),
                counters,
                state,
                settled,
                booked,
                sessionResets,
                allotment,
                child == null ? null : new StateItem.Allotted(child, left, spent));
    }

    private Detail detail() {
        return usage == null && tags.isEmpty() ? Detail.NONE : new Detail(usage == null ? Usage.NONE : usage, tags);
    }

    private String subscription() {
        return Parts.required("subscription", subscription);
    }

    private String scope() {
        return Parts.required("scope", scope);
    }
}
