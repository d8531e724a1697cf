package io.holdfast.store.json;

import io.holdfast.internal.StateItem;
import io.holdfast.spi.OnExpiry;
import io.holdfast.unit.Amounts;
import java.util.List;

/** Writes items of a state as lines of a snapshot; {@link ItemReader} reads them. */
final class ItemWriter {
    private final LineWriter line;

    ItemWriter(LineWriter line) {
        this.line = line;
    }

    void write(StateItem item) {
        if (item instanceof StateItem.Held held) {
            write(held);
        } else if (item instanceof StateItem.Answered answered) {
            line.begin("answer")
                    .text("scope", answered.root())
                    .text("operation", answered.id())
                    .flagIfSet("given", answered.given())
                    .bits("fingerprint", answered.fingerprint())
                    .time("time", answered.at());
        } else if (item instanceof StateItem.Counted counted) {
            write(counted);
        } else if (item instanceof StateItem.Scope scope) {
            write(scope);
        } else if (item instanceof StateItem.Session session) {
            line.begin("session")
                    .text("scope", session.owner())
                    .text("session", session.id())
                    .number("resets", session.resets());
        } else if (item instanceof StateItem.Template template) {
            line.begin("template");
            Parts.write(line, "scope_definition", template.definition());
        } else if (item instanceof StateItem.Subscription subscription) {
            line.begin("subscription").text("subscription", subscription.name());
            Parts.write(line, subscription.kinds());
            line.flagIfSet("disabled", subscription.disabled())
                    .number("queued", subscription.queued())
                    .number("dropped", subscription.dropped())
                    .textIfAny("worker", subscription.worker())
                    .number("until", subscription.leaseUntil());
        } else if (item instanceof StateItem.Queued queued) {
            line.begin("queued")
                    .time("time", queued.message().at())
                    .text("subscription", queued.subscription())
                    .text("message", queued.message().id());
            Parts.write(line, queued.message().notice());
        } else if (item instanceof StateItem.Refusal refusal) {
            line.begin("refusal").text("refused", refusal.limit()).time("time", refusal.at());
        } else if (item instanceof StateItem.Clock clock) {
            line.begin("clock").time("time", clock.at());
        } else if (item instanceof StateItem.Imported imported) {
            line.begin("imported")
                    .text("copy", imported.copy())
                    .number("changes", imported.changes())
                    .flagIfSet("ended", imported.ended());
        }
        line.end();
    }

    private void write(StateItem.Scope scope) {
        line.begin("scope").text("scope", scope.name()).textIfAny("parent", scope.parent());
        if (scope.own() != null) {
            Parts.write(line, "scope_definition", scope.own());
        }
        line.textIfAny("template", scope.template());
        if (scope.shared() != null) {
            Parts.write(line, "shared_definition", scope.shared());
        }
        line.flagIfSet("removed", scope.removed()).flagIfSet("draining", scope.draining());
    }

    private void write(StateItem.Counted counted) {
        line.begin("counter")
                .text("scope", counted.scope())
                .textIfAny("owner", counted.owner())
                .textIfAny("session", counted.session())
                .textIfAny("loop_key", counted.loopKey());
        line.beginObject("limit");
        Parts.write(line, counted.limit());
        line.endObject();
        numbers("buckets", counted.buckets());
        texts("committed", counted.committed());
        numbers("held_buckets", counted.heldBuckets());
        texts("held", counted.held());
        line.numberUnlessZero("alert_level", counted.alertLevel());
    }

    private void write(StateItem.Held held) {
        line.begin("hold")
                .text("hold", held.id())
                .flagIfSet("given", held.given())
                .text("scope", held.scope())
                .textIfAny("session", held.session())
                .text("model", held.model());
        Parts.write(line, held.amounts());
        line.time("admitted", held.admittedAt())
                .numberUnlessZero("delay_ms", held.delayMillis())
                .time("expires", held.expiresAt());
        if (held.onExpiry() != OnExpiry.CHARGE) {
            line.text("on_expiry", Parts.lower(held.onExpiry()));
        }
        Parts.write(line, held.steps());
        line.bits("fingerprint", held.fingerprint()).text("state", Parts.lower(held.state()));
        if (held.settledAt() != 0) {
            line.time("settled", held.settledAt());
        }
        if (!held.booked().equals(Amounts.NONE)) {
            Parts.write(line, "booked", held.booked());
        }
        line.numberUnlessZero("session_resets", held.sessionResets()).textIfAny("allotment", held.drawsOn());
        StateItem.Allotted allotted = held.allotted();
        if (allotted != null) {
            line.text("child", allotted.name())
                    .dollars("left_usd", allotted.left())
                    .dollars("spent_usd", allotted.spent());
        }
        Parts.write(line, held.detail());
        if (!held.counters().isEmpty()) {
            line.beginList("counters");
            for (StateItem.CounterRef counter : held.counters()) {
                line.beginObject()
                        .text("scope", counter.scope())
                        .textIfAny("loop_key", counter.loopKey())
                        .beginObject("limit");
                Parts.write(line, counter.limit());
                line.endObject().endObject();
            }
            line.endList();
        }
    }

    private void numbers(String name, List<Long> values) {
        if (!values.isEmpty()) {
            line.beginList(name);
            values.forEach(line::number);
            line.endList();
        }
    }

    /** Sums may be money, or larger than some readers of JSON take numbers for. */
    private void texts(String name, List<Long> values) {
        if (!values.isEmpty()) {
            line.beginList(name);
            values.forEach(value -> line.text(Long.toString(value)));
            line.endList();
        }
    }
}
