package io.holdfast;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The rungs that the ledger wanted for a scope and model, so that the next call can offer them at once. */
final class LadderMemory {
    private static final int MOST = 10_000;

    private final Map<Key, List<String>> rungs = new ConcurrentHashMap<>();

    private record Key(String scope, String model) {}

    List<String> remembered(String scope, String model) {
        return rungs.isEmpty() ? List.of() : rungs.getOrDefault(new Key(scope, model), List.of());
    }

    /** Forgets all when there are too many: to ask once more costs little. */
    void remember(String scope, String model, List<String> wanted) {
        if (rungs.size() >= MOST) {
            rungs.clear();
        }
        rungs.put(new Key(scope, model), List.copyOf(wanted));
    }
}
