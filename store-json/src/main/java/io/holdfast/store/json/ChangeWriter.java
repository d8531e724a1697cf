package io.holdfast.store.json;

import io.holdfast.spi.Change;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import java.util.List;

/** Writes batches of changes as lines of the journal; {@link ChangeReader} reads them. */
final class ChangeWriter {
    static final String CLOSED = "closed";

    private final LineWriter line;

    ChangeWriter(LineWriter line) {
        this.line = line;
    }

    /**
     * Writes a batch, which readers take as a whole or not at all.
     *
     * @param batch at least one change
     * @param synced the length of the file that is known to be on the disk
     */
    void write(List<Change> batch, long synced) {
        for (int i = 0; i < batch.size(); i++) {
            write(batch.get(i));
            if (i == 0) {
                line.numberUnlessZero("batch", batch.size() == 1 ? 0 : batch.size());
                line.number("synced", synced);
            }
            line.end();
        }
    }

    /** Writes the last line of a segment. */
    void close(long time, long nextSegment, long synced) {
        line.begin(CLOSED)
                .time("time", time)
                .number("next_segment", nextSegment)
                .number("synced", synced)
                .end();
    }

    private void write(Change change) {
        if (change instanceof Change.Held held) {
            write(held);
        } else if (change instanceof Change.Allotted allotted) {
            write(allotted);
        } else if (change instanceof Change.Committed committed) {
            write(committed);
        } else if (change instanceof Change.Released released) {
            begin("released", released.at()).text("hold", released.holdId()).text("scope", released.scope());
        } else if (change instanceof Change.Expired expired) {
            write(expired);
        } else if (change instanceof Change.Extended extended) {
            begin("extended", extended.at()).text("hold", extended.holdId()).text("scope", extended.scope());
            operation("operation", extended.id());
            line.time("expires", extended.expiresAt()).number("ttl_ms", extended.ttlMillis());
        } else if (change instanceof Change.Booked booked) {
            write(booked);
        } else if (change instanceof Change.SessionReset reset) {
            begin("session_reset", reset.at());
            operation("operation", reset.id());
            line.text("scope", reset.scope()).text("session", reset.session());
        } else if (change instanceof Change.Defined defined) {
            begin("defined", defined.at());
            Parts.write(line, "scope_definition", defined.definition());
        } else if (change instanceof Change.Removed removed) {
            begin("removed", removed.at()).text("scope", removed.scope()).flagIfSet("draining", removed.draining());
        } else if (change instanceof Change.OfOutbox ofOutbox) {
            write(ofOutbox);
        } else if (change instanceof Change.ImportBegun begun) {
            begin("import_begun", begun.at()).text("copy", begun.copy());
        } else if (change instanceof Change.ImportEnded ended) {
            begin("import_ended", ended.at());
        }
    }

    private void write(Change.OfOutbox change) {
        if (change instanceof Change.Queued queued) {
            begin("queued", change).text("message", queued.messageId());
            Parts.write(line, queued.notice());
        } else if (change instanceof Change.Dequeued dequeued) {
            begin("dequeued", change)
                    .text("message", dequeued.messageId())
                    .flagIfSet("given_up", !dequeued.delivered());
        } else if (change instanceof Change.Claimed claimed) {
            begin("claimed", change).text("worker", claimed.worker()).time("until", claimed.until());
        } else if (change instanceof Change.Dropped) {
            begin("dropped", change);
        } else if (change instanceof Change.Subscribed subscribed) {
            begin("subscribed", change);
            Parts.write(line, subscribed.kinds());
        } else if (change instanceof Change.Unsubscribed unsubscribed) {
            begin("unsubscribed", change).flagIfSet("disabled", unsubscribed.disabled());
        }
    }

    private LineWriter begin(String type, Change.OfOutbox change) {
        return begin(type, change.at()).text("subscription", change.subscription());
    }

    private void write(Change.Held held) {
        begin("held", held.at());
        operation("hold", held.id());
        line.text("scope", held.scope()).textIfAny("session", held.session()).text("model", held.model());
        Parts.write(line, held.amounts());
        line.numberUnlessZero("delay_ms", held.delayMillis()).time("expires", held.expiresAt());
        if (held.onExpiry() != OnExpiry.CHARGE) {
            line.text("on_expiry", Parts.lower(held.onExpiry()));
        }
        Parts.write(line, held.steps());
        line.textIfAny("loop_key", held.loopKey())
                .textIfAny("allotment", held.allotment())
                .bits("fingerprint", held.fingerprint());
        Parts.write(line, held.detail());
    }

    private void write(Change.Allotted allotted) {
        begin("allotted", allotted.at());
        operation("hold", allotted.id());
        line.text("scope", allotted.scope())
                .text("session", allotted.session())
                .textIfAny("allotment", allotted.from())
                .text("child", allotted.name())
                .dollars("cost_usd", allotted.cost())
                .time("expires", allotted.expiresAt())
                .bits("fingerprint", allotted.fingerprint());
    }

    private void write(Change.Committed committed) {
        begin("committed", committed.at())
                .text("hold", committed.holdId())
                .text("scope", committed.scope())
                .textIfAny("session", committed.session())
                .text("model", committed.model());
        if (committed.kind() != EntryKind.COMMITTED) {
            line.text("kind", Parts.lower(committed.kind()));
        }
        Parts.write(line, committed.amounts());
        if (committed.reversed() != null) {
            Parts.write(line, "reversed", committed.reversed());
        }
        Parts.write(line, committed.detail());
    }

    private void write(Change.Expired expired) {
        begin("expired", expired.at())
                .text("hold", expired.holdId())
                .text("scope", expired.scope())
                .textIfAny("session", expired.session())
                .text("model", expired.model())
                .time("due", expired.due());
        if (expired.booked() != null) {
            Parts.write(line, expired.booked());
        }
        Parts.write(line, expired.detail());
    }

    private void write(Change.Booked booked) {
        begin("booked", booked.at());
        operation("operation", booked.id());
        line.text("scope", booked.scope())
                .textIfAny("session", booked.session())
                .text("model", booked.model());
        Parts.write(line, booked.amounts());
        line.textIfAny("loop_key", booked.loopKey())
                .textIfAny("allotment", booked.allotment())
                .bits("fingerprint", booked.fingerprint());
        Parts.write(line, booked.detail());
    }

    private LineWriter begin(String type, long time) {
        return line.begin(type).time("time", time);
    }

    private void operation(String name, OperationId id) {
        line.text(name, id.value()).flagIfSet("given", id.given());
    }
}
