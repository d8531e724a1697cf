package io.holdfast.store.jdbc;

import io.holdfast.internal.CounterTotals;
import io.holdfast.spi.Change;
import java.util.ArrayList;
import java.util.List;

/** What a batch of operations changed, decided on one version of a lane. */
final class Batch {
    private final int lane;
    private final long from;
    private final List<Change> changes = new ArrayList<>();
    private final List<Object> counters = new ArrayList<>();
    private final List<CounterTotals> totals = new ArrayList<>();
    private final List<String> drained = new ArrayList<>();
    private long lastAt = Long.MIN_VALUE;

    Batch(int lane, long from) {
        this.lane = lane;
        this.from = from;
    }

    void add(Change change) {
        changes.add(change);
        lastAt = Math.max(lastAt, change.at());
    }

    /** Takes what a counter that was touched adds up to after the batch. */
    void add(Object counter, CounterTotals after) {
        counters.add(counter);
        totals.add(after);
    }

    /** Takes a scope whose removal waited for a hold that the batch settled. */
    void addDrained(String scope) {
        drained.add(scope);
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }

    int lane() {
        return lane;
    }

    /** The version the batch was decided on. */
    long from() {
        return from;
    }

    /** The version it leads to. */
    long to() {
        return from + changes.size();
    }

    /** The time of its last change. */
    long lastAt() {
        return lastAt;
    }

    List<JournalRow> rows() {
        return JournalRow.of(from, changes);
    }

    void addTo(Backlog backlog) {
        changes.forEach(backlog::add);
        for (int i = 0; i < counters.size(); i++) {
            backlog.add(counters.get(i), totals.get(i), lastAt);
        }
        drained.forEach(scope -> backlog.addDrained(scope, lastAt));
    }
}
