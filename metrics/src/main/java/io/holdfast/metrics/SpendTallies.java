package io.holdfast.metrics;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The tallies of all families of models, at most so many; the families that come later share one. */
final class SpendTallies {
    private static final int MOST_NAMES = 10_000;

    private final int most;
    private final Runnable onNew;
    private final Map<ModelFamily, SpendTally> families = new ConcurrentHashMap<>();
    /** The families by the full name of a model, so that a call need not take it apart. */
    private final Map<String, SpendTally> names = new ConcurrentHashMap<>();

    /** Takes the most families to tell apart, and what to do off the caller's thread when there is a new one. */
    SpendTallies(int most, Runnable onNew) {
        this.most = most;
        this.onNew = onNew;
    }

    SpendTally of(String model) {
        SpendTally known = names.get(model);
        return known != null ? known : named(model);
    }

    Collection<SpendTally> all() {
        return families.values();
    }

    private SpendTally named(String model) {
        SpendTally tally = family(ModelFamily.of(model));
        if (names.size() < MOST_NAMES) {
            names.put(model, tally);
        }
        return tally;
    }

    private synchronized SpendTally family(ModelFamily asked) {
        ModelFamily family = families.containsKey(asked) || families.size() < most - 1 ? asked : ModelFamily.OTHER;
        SpendTally known = families.get(family);
        if (known != null) {
            return known;
        }
        SpendTally tally = new SpendTally(family);
        families.put(family, tally);
        onNew.run();
        return tally;
    }
}
