package io.holdfast.internal;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One session of a scope: a counter for each limit per session that the scope or an ancestor has. */
final class SessionState {
    final ScopeState owner;
    final String id;
    int resets;
    /** Whether its scope knows it, or it is only thought of. */
    boolean kept;

    @Nullable
    Plan latestPlan;

    private final @Nullable CounterSet[] byDepth;

    SessionState(ScopeState owner, String id) {
        this.owner = owner;
        this.id = id;
        this.byDepth = new CounterSet[owner.depth + 1];
    }

    /** Returns the session's counters for the limits of the owner or one of its ancestors. */
    CounterSet counters(ScopeState scope) {
        CounterSet set = byDepth[scope.depth];
        if (set == null) {
            set = new CounterSet(scope, this);
            byDepth[scope.depth] = set;
        }
        return set;
    }

    /** Returns the session's name as seen from a scope: an ancestor sees whose session it is. */
    String nameFor(ScopeState scope) {
        return scope == owner ? id : owner.name + "/" + id;
    }

    /** Lets its counters take the limits that hold now. */
    void follow() {
        for (ScopeState at = owner; at != null; at = at.parent) {
            CounterSet set = byDepth[at.depth];
            if (set != null) {
                at.follow(set);
            }
        }
    }

    void reset() {
        resets++;
        for (CounterSet set : byDepth) {
            if (set != null) {
                set.clear();
            }
        }
    }

    void forEachCounter(Consumer<Counter> reader) {
        for (CounterSet set : byDepth) {
            if (set != null) {
                set.forEach(reader);
            }
        }
    }
}
