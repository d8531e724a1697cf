package io.holdfast.internal;

import io.holdfast.limit.Limit;
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

    private final ScopeState scope;
    private final @Nullable SessionState session;
    private @Nullable Definition bound;
    private @Nullable Counter[] counters = NONE;
    private @Nullable Map<String, Counter> unbound;

    CounterSet(ScopeState scope, @Nullable SessionState session) {
        this.scope = scope;
        this.session = session;
    }

    /** Returns the counter of the definition's limit at the index. */
    Counter at(Definition definition, int index) {
        follow(definition);
        Counter counter = counters[index];
        if (counter == null) {
            Limit limit = definition.limit(index);
            counter = new Counter(scope, session, limit);
            counters[index] = counter;
        }
        return counter;
    }

    /** Returns the counter of any limit that was ever bound here, made if need be. */
    Counter of(Limit limit) {
        String key = limit.key();
        for (int i = 0; bound != null && i < counters.length; i++) {
            if (bound.limit(i).key().equals(key)) {
                return at(bound, i);
            }
        }
        if (unbound == null) {
            unbound = new HashMap<>();
        }
        return unbound.computeIfAbsent(key, made -> new Counter(scope, session, limit));
    }

    void forEach(Consumer<Counter> reader) {
        for (Counter counter : counters) {
            if (counter != null) {
                reader.accept(counter);
            }
        }
        if (unbound != null) {
            unbound.values().forEach(reader);
        }
    }

    void clear() {
        forEach(counter -> {
            counter.committed.clear();
            counter.alertLevel = 0;
        });
    }

    /** Takes the limits of a definition in the place of those before. */
    void follow(Definition definition) {
        if (bound != definition) {
            bind(definition);
        }
    }

    private void bind(Definition definition) {
        Map<String, Counter> known = unbound == null ? new HashMap<>() : unbound;
        for (Counter counter : counters) {
            if (counter != null) {
                known.put(counter.limit().key(), counter);
            }
        }
        @Nullable Counter[] fresh = new Counter[definition.size()];
        for (int i = 0; i < fresh.length && !known.isEmpty(); i++) {
            Counter counter = known.remove(definition.limit(i).key());
            if (counter != null) {
                counter.adopt(definition.limit(i));
                fresh[i] = counter;
            }
        }
        counters = fresh;
        unbound = known.isEmpty() ? null : known;
        bound = definition;
    }
}
