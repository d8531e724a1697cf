package io.holdfast.internal;

import io.holdfast.limit.Limit;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one loop guard, one for each key. One that has become empty is forgotten: each time a counter is asked for,
 * the two that were asked for longest ago are looked at.
 */
final class LoopCounters {
    private static final int LOOKED_AT = 2;

    private final CounterSet set;
    private final Map<String, Counter> byKey = new LinkedHashMap<>(16, 0.75f, true);
    private Limit limit;
    private boolean bound = true;

    LoopCounters(CounterSet set, Limit limit) {
        this.set = set;
        this.limit = limit;
    }

    Counter of(String key, long now) {
        forgetEmpty(key, now);
        Counter counter = byKey.get(key);
        if (counter == null) {
            counter = new Counter(set, limit, key);
            if (!bound) {
                counter.unbind();
            }
            byKey.put(key, counter);
        }
        return counter;
    }

    /** Returns the counter with most calls, or an empty one that is not kept. */
    Counter fullest(long now) {
        Counter fullest = null;
        for (Counter counter : byKey.values()) {
            counter.roll(now);
            if (counter.used() > 0 && (fullest == null || fuller(counter, fullest))) {
                fullest = counter;
            }
        }
        return fullest == null ? new Counter(set, limit, null) : fullest;
    }

    private static boolean fuller(Counter one, Counter other) {
        return one.used() > other.used()
                || (one.used() == other.used()
                        && String.valueOf(one.loopKey).compareTo(String.valueOf(other.loopKey)) < 0);
    }

    /** Follows a definition: takes its limit of the same key, or goes on counting without one. */
    void bind(@Nullable Limit replacement) {
        bound = replacement != null;
        limit = replacement == null ? limit : replacement;
        byKey.values().forEach(this::follow);
    }

    /** Gives a counter the limit as it is now, or none. */
    void follow(Counter counter) {
        if (bound) {
            counter.adopt(limit);
        } else {
            counter.unbind();
        }
    }

    void forEach(Consumer<Counter> reader) {
        byKey.values().forEach(reader);
    }

    int size() {
        return byKey.size();
    }

    private void forgetEmpty(String wanted, long now) {
        for (int i = 0; i < LOOKED_AT && !byKey.isEmpty(); i++) {
            Iterator<Map.Entry<String, Counter>> eldest = byKey.entrySet().iterator();
            Map.Entry<String, Counter> entry = eldest.next();
            if (entry.getKey().equals(wanted)) {
                return;
            }
            entry.getValue().roll(now);
            if (entry.getValue().empty()) {
                eldest.remove();
            } else {
                byKey.get(entry.getKey());
            }
        }
    }
}
