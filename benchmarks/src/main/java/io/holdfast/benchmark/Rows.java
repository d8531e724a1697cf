package io.holdfast.benchmark;

import java.util.ArrayList;
import java.util.List;

/** The rows of the goal table that are measured so far. */
final class Rows {
    private static final String NONE = "none on both sides";
    private static final String SYNC = "a disk sync before each acknowledgement on both sides";

    private Rows() {}

    static List<Row> all() {
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
                "memory-pair-1",
                "memory, reserve+commit, 6 caps, 1 thread",
                "half the rate of a lock around six longs",
                0.2,
                0.6,
                NONE,
                () -> MemoryBudget.pairs(1),
                LockedLongs::new));
        for (int threads : new int[] {1, 32}) {
            for (int sessions : new int[] {10, 1_000}) {
                rows.add(new Row(
                        "json-4x" + threads + "-" + sessions,
                        "JSON, 4 processes x " + threads + " thread(s), " + sessions + " sessions",
                        "corrected naive ledger",
                        threads == 1 ? (sessions == 10 ? 4 : 15) : (sessions == 10 ? 8 : 30),
                        threads == 1 ? (sessions == 10 ? 10 : 100) : (sessions == 10 ? 50 : 500),
                        SYNC,
                        () -> new JsonProcesses("holdfast", 4, threads, sessions),
                        () -> new JsonProcesses("naive", 4, threads, sessions)));
            }
        }
        rows.add(new Row(
                "json-sessions",
                "JSON, 1 process x 8 threads, 10,000 sessions",
                "itself with 10 sessions",
                0.8,
                0.95,
                SYNC,
                () -> new JsonProcesses("holdfast", 1, 8, 10_000),
                () -> new JsonProcesses("holdfast", 1, 8, 10)));
        rows.add(new Row(
                "json-64",
                "JSON, 1 process x 64 threads",
                "sync loop, 64 records of 200 bytes at a time",
                0.3,
                0.8,
                SYNC,
                () -> new JsonProcesses("holdfast", 1, 64, 10),
                () -> new SyncLoop(64)));
        return rows;
    }
}
