package io.holdfast;

import io.holdfast.spi.Entry;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sums up the entries of one session. Costs are nano-dollars. */
final class SessionSums {
    static final String TOOL_TAG = "tool";

    private final Map<String, Long> byModel = new HashMap<>();
    private final Map<String, Long> byTool = new HashMap<>();
    private long total;
    private long calls;
    private long tokens;
    private @Nullable Instant began;
    private @Nullable Instant latest;

    void add(Entry entry) {
        int sign = entry.kind().sign();
        long cost = sign * Math.max(0, entry.amounts().cost());
        total = Math.addExact(total, cost);
        calls += sign * entry.amounts().calls();
        tokens = Math.addExact(tokens, sign * entry.amounts().on(Meter.TOKENS));
        String tool = entry.detail().tags().get(TOOL_TAG);
        if (tool != null) {
            byTool.merge(tool, cost, Math::addExact);
        }
        if (!entry.model().startsWith(Estimator.TOOL)) {
            byModel.merge(entry.model(), cost, Math::addExact);
        }
        began = began == null ? entry.time() : began;
        latest = entry.time();
    }

    Usd total() {
        return Usd.ofNanos(Math.max(0, total));
    }

    long calls() {
        return calls;
    }

    long tokens() {
        return tokens;
    }

    Map<String, Usd> byModel() {
        return dearestFirst(byModel);
    }

    Map<String, Usd> byTool() {
        return dearestFirst(byTool);
    }

    Optional<Instant> began() {
        return Optional.ofNullable(began);
    }

    Optional<Instant> latest() {
        return Optional.ofNullable(latest);
    }

    private static Map<String, Usd> dearestFirst(Map<String, Long> sums) {
        Map<String, Usd> sorted = new LinkedHashMap<>();
        sums.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())))
                .forEach(sum -> sorted.put(sum.getKey(), Usd.ofNanos(Math.max(0, sum.getValue()))));
        return Collections.unmodifiableMap(sorted);
    }
}
