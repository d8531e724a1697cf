package io.holdfast.store.jdbc;

import com.fasterxml.jackson.core.JsonGenerator;
import io.holdfast.spi.Change;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Amounts;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes changes as they stand in a row of the journal: a JSON list of objects, which {@link ChangeReader} reads. What is
 * empty is left out, and so is what the row {@linkplain Said has said} already.
 */
final class ChangeWriter {
    private static final int USUAL_LENGTH = 96;

    private final JsonGenerator json;
    private final Said said = new Said();

    private ChangeWriter(JsonGenerator json) {
        this.json = json;
    }

    /**
     * A text, and how many changes are in it.
     *
     * @param text the list of changes
     * @param count how many they are
     */
    record Part(String text, int count) {}

    /** Returns the text of the first changes: it ends with the one that makes it longer than so many characters. */
    static Part first(List<Change> changes, int characters) {
        StringWriter text = new StringWriter(changes.size() * USUAL_LENGTH);
        int count = 0;
        try (JsonGenerator json = Json.generator(text)) {
            ChangeWriter writer = new ChangeWriter(json);
            json.writeStartArray();
            while (count < changes.size() && text.getBuffer().length() + json.getOutputBuffered() <= characters) {
                writer.write(changes.get(count++));
            }
            json.writeEndArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return new Part(text.toString(), count);
    }

    private void write(Change change) throws IOException {
        json.writeStartObject();
        String kind = kind(change);
        if (!kind.equals(said.kind)) {
            said.kind = kind;
            json.writeStringField("kind", kind);
        }
        if (said.at == null || said.at != change.at()) {
            said.at = change.at();
            json.writeNumberField("at", change.at());
        }
        writeFields(change);
        json.writeEndObject();
    }

    private static String kind(Change change) {
        if (change instanceof Change.Held) {
            return "held";
        } else if (change instanceof Change.Committed) {
            return "committed";
        } else if (change instanceof Change.Booked) {
            return "booked";
        } else if (change instanceof Change.Released) {
            return "released";
        } else if (change instanceof Change.Expired) {
            return "expired";
        } else if (change instanceof Change.Extended) {
            return "extended";
        } else if (change instanceof Change.Allotted) {
            return "allotted";
        } else if (change instanceof Change.SessionReset) {
            return "session_reset";
        } else if (change instanceof Change.Defined) {
            return "defined";
        } else if (change instanceof Change.Removed) {
            return "removed";
        } else if (change instanceof Change.OfOutbox ofOutbox) {
            return kind(ofOutbox);
        } else if (change instanceof Change.ImportBegun) {
            return "import_begun";
        } else if (change instanceof Change.ImportEnded) {
            return "import_ended";
        }
        throw new IllegalStateException("a change of an unknown kind: " + change);
    }

    private static String kind(Change.OfOutbox change) {
        if (change instanceof Change.Queued) {
            return "queued";
        } else if (change instanceof Change.Dequeued dequeued) {
            return dequeued.delivered() ? "delivered" : "given_up";
        } else if (change instanceof Change.Claimed) {
            return "claimed";
        } else if (change instanceof Change.Dropped) {
            return "dropped";
        } else if (change instanceof Change.Subscribed) {
            return "subscribed";
        } else if (change instanceof Change.Unsubscribed unsubscribed) {
            return unsubscribed.disabled() ? "disabled" : "unsubscribed";
        }
        throw new IllegalStateException("a change of an unknown kind: " + change);
    }

    private void writeFields(Change change) throws IOException {
        if (change instanceof Change.Held held) {
            write(held.id());
            write(held.scope(), held.session(), held.model());
            write(held.amounts());
            Fields.write(json, held.detail());
            writeExpires(held.expiresAt());
            write(held.onExpiry());
            if (held.delayMillis() != 0) {
                json.writeNumberField("delay_ms", held.delayMillis());
            }
            if (!held.steps().isEmpty()) {
                Fields.write(json, "steps", Json.of(held.steps()));
            }
            Fields.write(json, "loop_key", held.loopKey());
            Fields.write(json, "allotment", held.allotment());
            writeFingerprint(held.fingerprint());
        } else if (change instanceof Change.Allotted allotted) {
            write(allotted.id());
            json.writeStringField("scope", allotted.scope());
            json.writeStringField("session", allotted.session());
            Fields.write(json, "allotment", allotted.from());
            json.writeStringField("child", allotted.name());
            json.writeNumberField("cost", allotted.cost());
            writeExpires(allotted.expiresAt());
            writeFingerprint(allotted.fingerprint());
        } else if (change instanceof Change.Committed committed) {
            json.writeStringField("hold", committed.holdId());
            write(committed.scope(), committed.session(), committed.model());
            write(committed.kind());
            write(committed.amounts());
            if (committed.reversed() != null) {
                Fields.write(json, "reversed", committed.reversed());
            }
            Fields.write(json, committed.detail());
        } else if (change instanceof Change.Released released) {
            json.writeStringField("hold", released.holdId());
            json.writeStringField("scope", released.scope());
        } else if (change instanceof Change.Expired expired) {
            json.writeStringField("hold", expired.holdId());
            write(expired.scope(), expired.session(), expired.model());
            json.writeNumberField("due", expired.due());
            if (expired.booked() != null) {
                Fields.write(json, "amounts", expired.booked());
            }
            Fields.write(json, expired.detail());
        } else if (change instanceof Change.Extended extended) {
            write(extended.id());
            json.writeStringField("hold", extended.holdId());
            json.writeStringField("scope", extended.scope());
            writeExpires(extended.expiresAt());
            json.writeNumberField("ttl_ms", extended.ttlMillis());
        } else if (change instanceof Change.Booked booked) {
            write(booked.id());
            write(booked.scope(), booked.session(), booked.model());
            write(booked.amounts());
            Fields.write(json, booked.detail());
            Fields.write(json, "loop_key", booked.loopKey());
            Fields.write(json, "allotment", booked.allotment());
            writeFingerprint(booked.fingerprint());
        } else if (change instanceof Change.SessionReset reset) {
            write(reset.id());
            json.writeStringField("scope", reset.scope());
            json.writeStringField("session", reset.session());
        } else if (change instanceof Change.Defined defined) {
            Fields.write(json, "definition", Json.of(defined.definition()));
        } else if (change instanceof Change.Removed removed) {
            json.writeStringField("scope", removed.scope());
            json.writeBooleanField("draining", removed.draining());
        } else if (change instanceof Change.OfOutbox ofOutbox) {
            write(ofOutbox);
        } else if (change instanceof Change.ImportBegun begun) {
            json.writeStringField("copy", begun.copy());
        }
    }

    private void write(Change.OfOutbox change) throws IOException {
        json.writeStringField("subscription", change.subscription());
        if (change instanceof Change.Queued queued) {
            json.writeStringField("message", queued.messageId());
            Fields.write(json, "notice", Json.of(queued.notice()));
        } else if (change instanceof Change.Dequeued dequeued) {
            json.writeStringField("message", dequeued.messageId());
        } else if (change instanceof Change.Claimed claimed) {
            json.writeStringField("worker", claimed.worker());
            json.writeNumberField("until", claimed.until());
        } else if (change instanceof Change.Subscribed subscribed) {
            Fields.write(json, "kinds", Json.of(subscribed.kinds()));
        }
    }

    private void write(OperationId id) throws IOException {
        json.writeStringField("id", id.value());
        if (id.given()) {
            json.writeBooleanField("given", true);
        }
    }

    private void write(String scope, @Nullable String session, String model) throws IOException {
        Said.Call call = new Said.Call(scope, session, model);
        if (!call.equals(said.call)) {
            said.call = call;
            json.writeStringField("scope", scope);
            Fields.write(json, "session", session);
            json.writeStringField("model", model);
        }
    }

    private void write(Amounts amounts) throws IOException {
        if (!amounts.equals(said.amounts)) {
            said.amounts = amounts;
            Fields.write(json, "amounts", amounts);
        }
    }

    private void write(OnExpiry onExpiry) throws IOException {
        if (onExpiry != said.onExpiry) {
            said.onExpiry = onExpiry;
            json.writeStringField("on_expiry", Json.lower(onExpiry));
        }
    }

    private void write(EntryKind entry) throws IOException {
        if (entry != said.entry) {
            said.entry = entry;
            json.writeStringField("entry", Json.lower(entry));
        }
    }

    private void writeExpires(long time) throws IOException {
        if (said.expires == null || said.expires != time) {
            said.expires = time;
            json.writeNumberField("expires", time);
        }
    }

    private void writeFingerprint(long fingerprint) throws IOException {
        if (fingerprint != 0) {
            json.writeNumberField("fingerprint", fingerprint);
        }
    }
}
