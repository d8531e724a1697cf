package io.holdfast.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The ledger in databases, beside other libraries on the same ones, a transaction per call, and loops of SQL. */
final class DatabaseRows {
    private static final String COMMIT = "a durable commit before each acknowledgement on both sides";
    private static final String WRITTEN = "written to the file before each acknowledgement on both sides, not synced";
    private static final String ASYNC = "a durable commit before each acknowledgement on our side, none on the other";
    private static final int PGBENCH_CLIENTS = 8;

    private DatabaseRows() {}

    static List<Row> all(Plan plan) {
        List<Row> rows = new ArrayList<>(hot(plan));
        rows.addAll(manyScopes(plan));
        rows.addAll(loops(plan));
        rows.addAll(oneCommitPerCall(plan));
        rows.addAll(contested());
        rows.addAll(severalProcesses(plan));
        rows.addAll(growth(plan));
        return rows;
    }

    private static Subject ledger(Plan plan, Databases engine, int threads, int scopes, Figure figure) {
        return new StoreLedger(Ledgers.of(engine), threads, plan.size(scopes), 0, figure, plan.random());
    }

    private static List<Row> hot(Plan plan) {
        List<Row> rows = new ArrayList<>();
        for (int threads : new int[] {1, 8, 64}) {
            rows.add(new Row(
                    "postgresql-hot-" + threads,
                    "PostgreSQL, 6-cap reserve with a hold, hot scope, " + threads + " thread(s)",
                    "Bucket4j-postgresql, SELECT FOR UPDATE, 6 bandwidths",
                    threads == 1 ? 1.5 : threads == 8 ? 2 : 30,
                    threads == 1 ? 2 : threads == 8 ? 8 : 100,
                    COMMIT,
                    () -> ledger(plan, Databases.POSTGRESQL, threads, 1, Figure.RATE),
                    () -> new BucketPostgres(threads, 1, Figure.RATE, plan.random())));
        }
        rows.add(new Row(
                "postgresql-p99-64",
                "PostgreSQL, 6-cap reserve with a hold, hot scope, 64 threads, 99th percentile",
                "Bucket4j-postgresql, SELECT FOR UPDATE, 6 bandwidths",
                30,
                200,
                COMMIT,
                () -> ledger(plan, Databases.POSTGRESQL, 64, 1, Figure.P99),
                () -> new BucketPostgres(64, 1, Figure.P99, plan.random())));
        rows.add(new Row(
                "postgresql-hot-1000",
                "PostgreSQL, 6-cap reserve with a hold, hot scope, 1,000 threads" + MemoryRows.kind(),
                "SELECT FOR UPDATE, UPDATE, INSERT, COMMIT for each call",
                100,
                300,
                COMMIT,
                () -> ledger(plan, Databases.POSTGRESQL, 1_000, 1, Figure.RATE),
                () -> new PerCallLedger(Databases.POSTGRESQL, 1_000, 1, plan.random())));
        return rows;
    }

    private static List<Row> manyScopes(Plan plan) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(
                "postgresql-scopes-bucket",
                "PostgreSQL, 6-cap reserve with a hold, 1,000 random scopes, 64 threads",
                "Bucket4j-postgresql, SELECT FOR UPDATE, 6 bandwidths",
                2,
                8,
                COMMIT,
                () -> ledger(plan, Databases.POSTGRESQL, 64, 1_000, Figure.RATE),
                () -> new BucketPostgres(64, plan.size(1_000), Figure.RATE, plan.random())));
        rows.add(new Row(
                "postgresql-scopes-call",
                "PostgreSQL, 6-cap reserve with a hold, 1,000 random scopes, 64 threads",
                "SELECT FOR UPDATE, UPDATE, INSERT, COMMIT for each call",
                1.2,
                3,
                COMMIT,
                () -> ledger(plan, Databases.POSTGRESQL, 64, 1_000, Figure.RATE),
                () -> new PerCallLedger(Databases.POSTGRESQL, 64, plan.size(1_000), plan.random())));
        return rows;
    }

    private static List<Row> loops(Plan plan) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(
                "postgresql-rows",
                "PostgreSQL, 6-cap reserve with a hold, hot scope, 64 threads",
                "loop of one UPDATE and 64 inserted rows per transaction",
                0.4,
                0.9,
                COMMIT,
                () -> ledger(plan, Databases.POSTGRESQL, 64, 1, Figure.RATE),
                () -> new RowsLoop(64)));
        rows.add(new Row(
                "postgresql-async",
                "PostgreSQL, 6-cap reserve with a hold, hot scope, 64 threads",
                "loop of one UPDATE per call, 8 connections, synchronous_commit=off",
                1,
                5,
                ASYNC,
                () -> ledger(plan, Databases.POSTGRESQL, 64, 1, Figure.RATE),
                () -> new CallLoop(PGBENCH_CLIENTS)));
        return rows;
    }

    private static List<Row> oneCommitPerCall(Plan plan) {
        List<Row> rows = new ArrayList<>();
        for (Databases engine : List.of(Databases.SQLITE, Databases.MARIADB, Databases.H2)) {
            rows.add(new Row(
                    name(engine) + "-hot-64",
                    engine + ", 6-cap reserve with a hold, hot scope, 64 threads",
                    "one commit for each call",
                    20,
                    50,
                    engine == Databases.H2 ? WRITTEN : COMMIT,
                    () -> ledger(plan, engine, 64, 1, Figure.RATE),
                    () -> new PerCallLedger(engine, 64, 1, plan.random())));
        }
        return rows;
    }

    private static List<Row> contested() {
        List<Row> rows = new ArrayList<>();
        for (Databases engine : List.of(Databases.POSTGRESQL, Databases.SQLITE)) {
            rows.add(new Row(
                    name(engine) + "-contested",
                    engine + ", new scopes with room for half of all reserves, 64 threads",
                    "itself with room for all",
                    0,
                    1,
                    COMMIT,
                    () -> new ContestedCap(Ledgers.of(engine), 64, ContestedCap.ASKED / 2),
                    () -> new ContestedCap(Ledgers.of(engine), 64, ContestedCap.ASKED)));
        }
        return rows;
    }

    /** As many callers in all, on one side in several processes that have a scope each. */
    private static List<Row> severalProcesses(Plan plan) {
        List<Row> rows = new ArrayList<>();
        for (int processes : new int[] {2, 4}) {
            int threads = 64 / processes;
            rows.add(new Row(
                    "postgresql-processes-" + processes,
                    "PostgreSQL, " + processes + " processes x " + threads + " threads, a scope each",
                    "itself, 1 process x 64 threads",
                    0,
                    1,
                    COMMIT,
                    () -> processes(plan, plan.processes(processes), threads),
                    () -> processes(plan, 1, 64)));
        }
        return rows;
    }

    private static Subject processes(Plan plan, int processes, int threads) throws IOException {
        return new LedgerProcesses(
                "holdfast",
                Ledgers.of(Databases.POSTGRESQL),
                new LedgerProcesses.Load(processes, threads, processes, 10),
                plan.random());
    }

    private static List<Row> growth(Plan plan) {
        List<Row> rows = new ArrayList<>();
        for (int entries : new int[] {100_000, 1_000_000}) {
            Row row = new Row(
                    "postgresql-entries-" + entries,
                    String.format("PostgreSQL, 6-cap reserve with a hold, 64 threads, after %,d entries", entries),
                    "itself after 1,000 entries",
                    0,
                    1,
                    COMMIT,
                    () -> filled(plan, entries),
                    () -> filled(plan, 1_000));
            rows.add(entries > 100_000 ? row.onlyInFull() : row);
        }
        return rows;
    }

    private static Subject filled(Plan plan, int entries) {
        return new StoreLedger(
                Ledgers.of(Databases.POSTGRESQL), 64, 10, plan.size(entries), Figure.RATE, plan.random());
    }

    private static String name(Databases engine) {
        return engine.name().toLowerCase(Locale.ROOT);
    }
}
