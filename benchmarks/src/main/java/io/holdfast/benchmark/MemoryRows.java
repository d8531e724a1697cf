package io.holdfast.benchmark;

import java.util.ArrayList;
import java.util.List;

/** The ledger in memory, beside other libraries, a lock, and itself when there is more of something. */
final class MemoryRows {
    private static final String NONE = "none on both sides";

    private MemoryRows() {}

    static List<Row> all(Plan plan) {
        List<Row> rows = new ArrayList<>(peers());
        rows.addAll(metered(plan));
        rows.addAll(contested());
        rows.addAll(growth(plan));
        return rows;
    }

    private static List<Row> peers() {
        List<Row> rows = new ArrayList<>();
        for (int threads : new int[] {1, 4}) {
            rows.add(new Row(
                    "memory-reserve-" + threads,
                    "memory, 6-cap reserve with a hold, hot, " + threads + " thread(s)",
                    "Bucket4j, 6 bandwidths",
                    threads == 1 ? 4 : 5,
                    10,
                    NONE,
                    () -> MemoryBudget.reserves(threads),
                    () -> new BucketSixCaps(threads)));
        }
        rows.add(new Row(
                "memory-resilience4j",
                "memory, 6-cap reserve with a hold, hot, 1 thread",
                "Resilience4j, 6 rate limiters in turn",
                0,
                1,
                NONE,
                () -> MemoryBudget.reserves(1),
                SixLimiters::new));
        rows.add(new Row(
                "memory-pair-1",
                "memory, reserve+commit, 6 caps, 1 thread",
                "half the rate of a lock around six longs",
                0.2,
                0.6,
                NONE,
                () -> MemoryBudget.pairs(1),
                LockedLongs::new));
        rows.add(new Row(
                "memory-check",
                "memory, the whole check of a call, 99th percentile",
                "11 us, published by Bifrost",
                5,
                20,
                NONE,
                CheckLatency::new,
                () -> new Published(1e9 / 11_000)));
        return rows;
    }

    private static List<Row> metered(Plan plan) {
        List<Row> rows = new ArrayList<>();
        for (int scopes : new int[] {0, 1_000_000}) {
            rows.add(new Row(
                    "memory-pair-metrics" + (scopes == 0 ? "" : "-scopes"),
                    "memory, reserve+commit, 6 caps, 1 thread, with meters"
                            + (scopes == 0 ? "" : ", a million other scopes"),
                    "itself without meters",
                    0.85,
                    0.95,
                    NONE,
                    () -> MemoryBudget.pairs(true, plan.size(scopes)),
                    () -> MemoryBudget.pairs(false, plan.size(scopes))));
        }
        return rows;
    }

    private static List<Row> contested() {
        List<Row> rows = new ArrayList<>();
        for (int threads : new int[] {1, 4}) {
            rows.add(new Row(
                    "memory-contested-" + threads,
                    "memory, new scopes with room for half of all reserves, " + threads + " thread(s)",
                    "itself with room for all",
                    0,
                    1,
                    NONE,
                    () -> new ContestedCap(Ledgers.memory(), threads, ContestedCap.ASKED / 2),
                    () -> new ContestedCap(Ledgers.memory(), threads, ContestedCap.ASKED)));
        }
        return rows;
    }

    private static List<Row> growth(Plan plan) {
        List<Row> rows = new ArrayList<>();
        for (int scopes : new int[] {1_000, 100_000, 1_000_000}) {
            rows.add(new Row(
                    "memory-scopes-" + scopes,
                    String.format("memory, reserve+commit, %,d scopes at random", scopes),
                    "itself with 10 scopes",
                    0,
                    1,
                    NONE,
                    () -> new RandomScopes(plan.size(scopes), 1, plan.random()),
                    () -> new RandomScopes(10, 1, plan.random())));
        }
        for (int calls : new int[] {1_000_000, 10_000_000}) {
            Row row = new Row(
                    "memory-entries-" + calls,
                    String.format("memory, reserve+commit, after %,d calls", calls),
                    "itself after 1,000 calls",
                    0,
                    1,
                    NONE,
                    () -> MemoryBudget.pairsAfter(plan.size(calls)),
                    () -> MemoryBudget.pairsAfter(plan.size(1_000)));
            rows.add(calls > 1_000_000 ? row.onlyInFull() : row);
        }
        for (int threads : new int[] {4, 1_000}) {
            rows.add(new Row(
                    "memory-threads-" + threads,
                    String.format("memory, reserve+commit, 1,000 scopes at random, %,d threads", threads)
                            + (threads == 4 ? "" : kind()),
                    "itself with 1 thread",
                    0,
                    1,
                    NONE,
                    () -> new RandomScopes(plan.size(1_000), threads, plan.random()),
                    () -> new RandomScopes(plan.size(1_000), 1, plan.random())));
        }
        return rows;
    }

    /** Tells of what kind a thousand threads are here. */
    static String kind() {
        return Crew.virtual() ? " (virtual)" : " (of the system)";
    }
}
