package io.holdfast.store.jdbc;

import io.holdfast.internal.CounterTotals;
import io.holdfast.spi.Change;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Changes that are in the journal of a lane and not yet in the tables that people query. */
final class Backlog {
    private final long from;
    /** When the first change came, or what is here was left by others. */
    private long since;

    private final List<Change> changes = new ArrayList<>();
    private final IdentityHashMap<Object, Balance> balances = new IdentityHashMap<>();
    private final Map<String, Drained> drained = new LinkedHashMap<>();

    /**
     * What a counter adds up to.
     *
     * @param totals the sums
     * @param at the time of its last change
     * @param seq the version at which it had them
     */
    record Balance(CounterTotals totals, long at, long seq) {}

    /**
     * A scope that went with its last hold.
     *
     * @param scope its name
     * @param at the time of the change that settled the hold, or of a later one of its batch
     * @param seq the version at which it was gone
     */
    record Drained(String scope, long at, long seq) {}

    /** Makes an empty backlog after a version. */
    Backlog(long from) {
        this.from = from;
    }

    void add(Change change) {
        if (changes.isEmpty()) {
            since = System.nanoTime();
        }
        changes.add(change);
    }

    /** Takes what a counter adds up to after the last change added. */
    void add(Object counter, CounterTotals totals, long at) {
        balances.put(counter, new Balance(totals, at, to()));
    }

    /** Takes a scope that is gone after the last change added, and not defined again. */
    void addDrained(String scope, long at) {
        drained.put(scope, new Drained(scope, at, to()));
    }

    /** The version that the tables show. */
    long from() {
        return from;
    }

    /** The version that they come to show. */
    long to() {
        return from + changes.size();
    }

    int size() {
        return changes.size();
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Tells whether what is here has waited for so long. */
    boolean isOlderThan(long millis) {
        return System.nanoTime() - since >= TimeUnit.MILLISECONDS.toNanos(millis);
    }

    List<Change> changes() {
        return changes;
    }

    Iterable<Balance> balances() {
        return balances.values();
    }

    Iterable<Drained> drained() {
        return drained.values();
    }

    /** Returns what is left once the tables show a version within this backlog; it waits from now on. */
    Backlog after(long version) {
        Backlog rest = new Backlog(version);
        rest.since = System.nanoTime();
        rest.changes.addAll(changes.subList(Math.toIntExact(version - from), changes.size()));
        rest.balances.putAll(balances);
        rest.drained.putAll(drained);
        rest.drained.values().removeIf(each -> each.seq <= version);
        return rest;
    }

    /** Returns this backlog and the one that goes on where it ends as one, which has waited for as long as the later one. */
    Backlog and(Backlog later) {
        since = later.isEmpty() ? since : later.since;
        changes.addAll(later.changes);
        balances.putAll(later.balances);
        drained.putAll(later.drained);
        return this;
    }
}
