package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the lines that {@link ChangeWriter} wrote, one after the other. */
final class ChangeReader {
    private @Nullable String type;
    private @Nullable String hold;
    private @Nullable String operation;
    private @Nullable String scope;
    private @Nullable String session;
    private @Nullable String model;
    private @Nullable ScopeDefinition definition;
    private @Nullable Amounts reversed;
    private @Nullable Usage usage;
    private Map<String, String> tags = Map.of();
    private EntryKind kind = EntryKind.COMMITTED;
    private OnExpiry onExpiry = OnExpiry.CHARGE;
    private boolean given;
    private boolean draining;
    private boolean amounts;
    private long time;
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
        session = null;
        model = null;
        definition = null;
        reversed = null;
        usage = null;
        tags = Map.of();
        kind = EntryKind.COMMITTED;
        onExpiry = OnExpiry.CHARGE;
        given = false;
        draining = false;
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
            case "expires" -> expires = Parts.time(json);
            case "on_expiry" -> onExpiry = Parts.constant(OnExpiry.class, json);
            case "due" -> due = Parts.time(json);
            case "ttl_ms" -> ttl = json.getLongValue();
            case "fingerprint" -> fingerprint = Parts.bits(json);
            case "usage" -> usage = Parts.usage(json);
            case "tags" -> tags = Parts.tags(json);
            case "scope_definition" -> definition = Parts.definition(json);
            case "draining" -> draining = json.getBooleanValue();
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
                        expires,
                        onExpiry,
                        fingerprint,
                        detail());
            case "committed" ->
                new Change.Committed(time, hold(), scope(), session, model(), kind, amounts(), reversed, detail());
            case "released" -> new Change.Released(time, hold(), scope());
            case "expired" ->
                new Change.Expired(time, hold(), scope(), session, model(), due, amounts ? amounts() : null, detail());
            case "extended" -> new Change.Extended(time, id("operation", operation), hold(), scope(), expires, ttl);
            case "booked" ->
                new Change.Booked(
                        time, id("operation", operation), scope(), session, model(), amounts(), fingerprint, detail());
            case "session_reset" ->
                new Change.SessionReset(time, id("operation", operation), scope(), Parts.required("session", session));
            case "defined" -> new Change.Defined(time, Parts.required("scope_definition", definition));
            case "removed" -> new Change.Removed(time, scope(), draining);
            default -> throw new IllegalArgumentException("'" + kindOfLine + "' is no type of line known here");
        };
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
