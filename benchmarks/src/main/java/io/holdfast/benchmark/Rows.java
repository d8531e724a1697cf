package io.holdfast.benchmark;

import java.util.ArrayList;
import java.util.List;

/** The rows of the goal table that are measured so far. */
final class Rows {
    private static final String NONE = "none on both sides";
    private static final String SYNC = "a disk sync before each acknowledgement on both sides";

    private static final String COMMIT = "a durable commit before each acknowledgement on both sides";
    private static final String WRITTEN = "written to the file before each acknowledgement on both sides, not synced";

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
        rows.add(new Row(
                "memory-check",
                "memory, the whole check of a call, 99th percentile",
                "11 us, published by Bifrost",
                5,
                20,
                NONE,
                CheckLatency::new,
                () -> new Published(1e9 / 11_000)));
        rows.add(new Row(
                "memory-contested",
                "memory, reserve+release, half of all reserves refused",
                "itself with room for all",
                0,
                1,
                NONE,
                () -> new ContestedCap(1),
                () -> new ContestedCap(2)));
        for (int scopes : new int[] {1_000, 100_000}) {
            rows.add(new Row(
                    "memory-scopes-" + scopes,
                    "memory, reserve+commit, " + scopes + " scopes at random",
                    "itself with one scope",
                    0,
                    1,
                    NONE,
                    () -> new RandomScopes(scopes, 1),
                    () -> new RandomScopes(1, 1)));
        }
        rows.add(new Row(
                "memory-threads-4",
                "memory, reserve+commit, 1,000 scopes at random, 4 threads",
                "itself with 1 thread",
                0,
                1,
                NONE,
                () -> new RandomScopes(1_000, 4),
                () -> new RandomScopes(1_000, 1)));
        for (int scopes : new int[] {0, 1_000_000}) {
            rows.add(new Row(
                    "memory-pair-metrics" + (scopes == 0 ? "" : "-scopes"),
                    "memory, reserve+commit, 6 caps, 1 thread, with meters"
                            + (scopes == 0 ? "" : ", a million other scopes"),
                    "itself without meters",
                    0.85,
                    0.95,
                    NONE,
                    () -> MemoryBudget.pairs(true, scopes),
                    () -> MemoryBudget.pairs(false, scopes)));
        }
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
        rows.addAll(postgresql());
        rows.addAll(oneCommitPerCall());
        return rows;
    }

    private static List<Row> postgresql() {
        List<Row> rows = new ArrayList<>();
        for (int threads : new int[] {1, 8, 64}) {
            rows.add(new Row(
                    "postgresql-hot-" + threads,
                    "PostgreSQL, 6-cap reserve with a hold, hot scope, " + threads + " thread(s)",
                    "Bucket4j-postgresql, SELECT FOR UPDATE, 6 bandwidths",
                    threads == 1 ? 1.5 : threads == 8 ? 2 : 30,
                    threads == 1 ? 2 : threads == 8 ? 8 : 100,
                    COMMIT,
                    () -> new DatabaseLedger(Databases.POSTGRESQL, threads, 1),
                    () -> new BucketPostgres(threads, 1)));
        }
        rows.add(new Row(
                "postgresql-hot-1000",
                "PostgreSQL, 6-cap reserve with a hold, hot scope, 1,000 threads",
                "SELECT FOR UPDATE, UPDATE, INSERT, COMMIT for each call",
                100,
                300,
                COMMIT,
                () -> new DatabaseLedger(Databases.POSTGRESQL, 1_000, 1),
                () -> new PerCallLedger(Databases.POSTGRESQL, 1_000, 1)));
        rows.add(new Row(
                "postgresql-scopes-bucket",
                "PostgreSQL, 6-cap reserve with a hold, 1,000 random scopes, 64 threads",
                "Bucket4j-postgresql, SELECT FOR UPDATE, 6 bandwidths",
                2,
                8,
                COMMIT,
                () -> new DatabaseLedger(Databases.POSTGRESQL, 64, 1_000),
                () -> new BucketPostgres(64, 1_000)));
        rows.add(new Row(
                "postgresql-scopes-call",
                "PostgreSQL, 6-cap reserve with a hold, 1,000 random scopes, 64 threads",
                "SELECT FOR UPDATE, UPDATE, INSERT, COMMIT for each call",
                1.2,
                3,
                COMMIT,
                () -> new DatabaseLedger(Databases.POSTGRESQL, 64, 1_000),
                () -> new PerCallLedger(Databases.POSTGRESQL, 64, 1_000)));
        rows.add(new Row(
                "postgresql-rows",
                "PostgreSQL, 6-cap reserve with a hold, hot scope, 64 threads",
                "loop of one UPDATE and 64 inserted rows per transaction",
                0.4,
                0.9,
                COMMIT,
                () -> new DatabaseLedger(Databases.POSTGRESQL, 64, 1),
                () -> new RowsLoop(64)));
        return rows;
    }

    private static List<Row> oneCommitPerCall() {
        List<Row> rows = new ArrayList<>();
        for (Databases engine : List.of(Databases.SQLITE, Databases.MARIADB, Databases.H2)) {
            rows.add(new Row(
                    engine.name().toLowerCase(java.util.Locale.ROOT) + "-hot-64",
                    engine + ", 6-cap reserve with a hold, hot scope, 64 threads",
                    "one commit for each call",
                    20,
                    50,
                    engine == Databases.H2 ? WRITTEN : COMMIT,
                    () -> new DatabaseLedger(engine, 64, 1),
                    () -> new PerCallLedger(engine, 64, 1)));
        }
        return rows;
    }
}
