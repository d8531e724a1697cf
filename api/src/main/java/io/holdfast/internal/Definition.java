package io.holdfast.internal;

import io.holdfast.limit.Limit;
import io.holdfast.limit.ModelPattern;
import io.holdfast.spi.ScopeDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The limits of a scope or template, and which of them each model meets. */
final class Definition {
    private static final int MOST_MODELS_REMEMBERED = 256;

    final ScopeDefinition source;
    private final List<Limit> limits;
    private final int @Nullable [] all;
    private @Nullable Map<String, int[]> byModel;

    /** Keeps each limit that is the same as before as the very one, and makes every other one anew. */
    Definition(ScopeDefinition source, @Nullable Definition before) {
        this.source = source;
        this.limits = source.limits().stream().map(limit -> same(limit, before)).toList();
        boolean anyModel = limits.stream().allMatch(limit -> limit.models().equals(ModelPattern.ANY));
        this.all = anyModel ? IntStream.range(0, limits.size()).toArray() : null;
    }

    int size() {
        return limits.size();
    }

    Limit limit(int index) {
        return limits.get(index);
    }

    /** Returns the limit of a key, if there is one. */
    @Nullable
    Limit limit(String key) {
        for (Limit limit : limits) {
            if (limit.key().equals(key)) {
                return limit;
            }
        }
        return null;
    }

    private static Limit same(Limit limit, @Nullable Definition before) {
        int index = before == null ? -1 : before.limits.indexOf(limit);
        return before != null && index >= 0
                ? before.limits.get(index)
                : new Limit(
                        limit.meter(),
                        limit.window(),
                        limit.models(),
                        limit.amount(),
                        limit.enforcement(),
                        limit.alerts(),
                        limit.steps());
    }

    /** Returns the places of the limits that count calls of the model. */
    int[] matching(String model) {
        if (all != null) {
            return all;
        }
        if (byModel == null || byModel.size() >= MOST_MODELS_REMEMBERED) {
            byModel = new HashMap<>();
        }
        return byModel.computeIfAbsent(
                model,
                name -> IntStream.range(0, limits.size())
                        .filter(index -> limits.get(index).models().matches(name))
                        .toArray());
    }
}
