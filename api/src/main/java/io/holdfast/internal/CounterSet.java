package io.holdfast.internal;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one scope, or of one scope in one session. A counter is made when it is first needed, and outlives its
 * limit: a limit of the same key that comes back finds it again.
 */
final class CounterSet {
    private static final Counter[] NONE = {};

    final ScopeState scope;
    final @Nullable SessionState session;
    private @Nullable Definition bound;
    private @Nullable Counter[] counters = NONE;
    private @Nullable Map<String, Counter> unbound;
    private @Nullable Map<String, LoopCounters> loops;

    CounterSet(ScopeState scope, @Nullable SessionState session) {
        this.scope = scope;
        this.session = session;
    }

    /** Returns the counter of the definition's limit at the index. */
    Counter at(Definition definition, int index) {
        if (bound != definition) {
            bind(definition);
        }
        Counter counter = counters[index];
        if (counter == null) {
            Limit limit = definition.limit(index);
            counter = new Counter(this, limit);
            counters[index] = counter;
        }
        return counter;
    }

    /** Returns the counter of a key under the definition's loop guard at the index. */
    Counter loop(Definition definition, int index, String key, long now) {
        return loops(definition, index).of(key, now);
    }

    /** Returns the counter of a key under a loop guard that is or was bound here. */
    Counter loop(Limit limit, String key, long now) {
        refresh();
        return loops(limit).of(key, now);
    }

    /** Returns the counter of the key that is used most under the definition's loop guard at the index. */
    Counter fullestLoop(Definition definition, int index, long now) {
        return loops(definition, index).fullest(now);
    }

    /** Lets a loop guard's counter that was forgotten meanwhile, and that an open hold still names, have the limit as it is now. */
    void follow(Counter counter) {
        LoopCounters guard = counter.loopKey == null || loops == null ? null : loops.get(counter.key());
        if (guard != null) {
            guard.follow(counter);
        }
    }

    /** The scope may be one that was removed and that its template is about to bring back. */
    private LoopCounters loops(Definition definition, int index) {
        if (bound != definition) {
            bind(definition);
        }
        return loops(definition.limit(index));
    }

    private LoopCounters loops(Limit limit) {
        if (loops == null) {
            loops = new HashMap<>();
        }
        return loops.computeIfAbsent(limit.key(), made -> {
            LoopCounters fresh = new LoopCounters(this, limit);
            fresh.bind(bound == null ? null : bound.limit(limit.key()));
            return fresh;
        });
    }

    /** Returns how the definition's limit at the index stands; makes no counter where nothing was ever counted. */
    LimitState state(Definition definition, int index, long now) {
        if (bound != definition && (bound != null || unbound != null || loops != null)) {
            bind(definition);
        }
        Counter counter = bound == definition ? counters[index] : null;
        if (counter == null) {
            Limit limit = definition.limit(index);
            Window window = limit.window();
            long frees = window.startsAnew() ? window.endOf(window.oldestBucket(now)) : Window.NEVER;
            return new LimitState(
                    scope.name, null, null, limit, 0, 0, 0, limit.steps().finalReserve(), frees);
        }
        counter.roll(now);
        return counter.state(0, false, now);
    }

    /** Returns the counter of any limit that was ever bound here, made if need be. */
    Counter of(Limit limit) {
        refresh();
        String key = limit.key();
        for (int i = 0; bound != null && i < counters.length; i++) {
            if (bound.limit(i).key().equals(key)) {
                return at(bound, i);
            }
        }
        if (unbound == null) {
            unbound = new HashMap<>();
        }
        return unbound.computeIfAbsent(key, made -> {
            Counter counter = new Counter(this, limit);
            counter.unbind();
            return counter;
        });
    }

    /** Follows the scope's definition, so that it makes no difference who looked at a counter when. */
    void refresh() {
        Definition current = scope.removed ? null : scope.definitionIfAny();
        if (bound != current) {
            bind(current);
        }
    }

    void forEach(Consumer<Counter> reader) {
        refresh();
        for (Counter counter : counters) {
            if (counter != null) {
                reader.accept(counter);
            }
        }
        if (unbound != null) {
            unbound.values().forEach(reader);
        }
        if (loops != null) {
            loops.values().forEach(each -> each.forEach(reader));
        }
    }

    void clear() {
        forEach(Counter::clear);
    }

    private void bind(@Nullable Definition definition) {
        Map<String, Counter> known = unbound == null ? new HashMap<>() : unbound;
        for (Counter counter : counters) {
            if (counter != null) {
                known.put(counter.key(), counter);
            }
        }
        @Nullable Counter[] fresh = definition == null ? NONE : new Counter[definition.size()];
        for (int i = 0; definition != null && i < fresh.length && !known.isEmpty(); i++) {
            Counter counter = known.remove(definition.limit(i).key());
            if (counter != null) {
                counter.adopt(definition.limit(i));
                fresh[i] = counter;
            }
        }
        known.values().forEach(Counter::unbind);
        counters = fresh;
        unbound = known.isEmpty() ? null : known;
        bound = definition;
        if (loops != null) {
            loops.forEach((key, each) -> each.bind(definition == null ? null : definition.limit(key)));
        }
    }
}
