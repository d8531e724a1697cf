package io.holdfast.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The ledger on JSON files, beside the naive one, the disk, and itself when there is more of something. */
final class JsonRows {
    private static final String SYNC = "a disk sync before each acknowledgement on both sides";

    private JsonRows() {}

    static List<Row> all(Plan plan) {
        List<Row> rows = new ArrayList<>();
        for (int threads : new int[] {1, 32}) {
            for (int sessions : new int[] {10, 1_000}) {
                rows.add(new Row(
                        "json-4x" + threads + "-" + sessions,
                        "JSON, 4 processes x " + threads + " thread(s), " + sessions + " sessions",
                        "corrected naive ledger",
                        threads == 1 ? (sessions == 10 ? 4 : 15) : (sessions == 10 ? 8 : 30),
                        threads == 1 ? (sessions == 10 ? 10 : 100) : (sessions == 10 ? 50 : 500),
                        SYNC,
                        () -> processes(plan, "holdfast", plan.processes(4), threads, sessions),
                        () -> processes(plan, "naive", plan.processes(4), threads, sessions)));
            }
        }
        rows.add(new Row(
                "json-4x1-append",
                "JSON, 4 processes x 1 thread(s), 10 sessions",
                "4 processes that lock, append 200 bytes and sync",
                0,
                1,
                SYNC,
                () -> processes(plan, "holdfast", plan.processes(4), 1, 10),
                () -> processes(plan, "append", plan.processes(4), 1, 10)));
        rows.add(new Row(
                "json-sessions",
                "JSON, 1 process x 8 threads, 10,000 sessions",
                "itself with 10 sessions",
                0.8,
                0.95,
                SYNC,
                () -> processes(plan, "holdfast", 1, 8, 10_000),
                () -> processes(plan, "holdfast", 1, 8, 10)));
        rows.add(new Row(
                "json-64",
                "JSON, 1 process x 64 threads",
                "sync loop, 64 records of 200 bytes at a time",
                0.3,
                0.8,
                SYNC,
                () -> processes(plan, "holdfast", 1, 64, 10),
                () -> new SyncLoop(64)));
        rows.add(new Row(
                "json-contested",
                "JSON, new scopes with room for half of all reserves, 64 threads",
                "itself with room for all",
                0,
                1,
                SYNC,
                () -> new ContestedCap(Ledgers.json(), 64, ContestedCap.ASKED / 2),
                () -> new ContestedCap(Ledgers.json(), 64, ContestedCap.ASKED)));
        rows.addAll(growth(plan));
        return rows;
    }

    private static List<Row> growth(Plan plan) {
        List<Row> rows = new ArrayList<>();
        for (int scopes : new int[] {1_000, 1_000_000}) {
            Row row = new Row(
                    "json-scopes-" + scopes,
                    String.format("JSON, 6-cap reserve with a hold, %,d scopes at random, 64 threads", scopes),
                    "itself with 10 scopes",
                    0,
                    1,
                    SYNC,
                    () -> ledger(plan, 64, scopes, 0),
                    () -> ledger(plan, 64, 10, 0));
            rows.add(scopes > 1_000 ? row.onlyInFull() : row);
        }
        for (int entries : new int[] {1_000_000, 10_000_000}) {
            Row row = new Row(
                    "json-entries-" + entries,
                    String.format("JSON, 6-cap reserve with a hold, 64 threads, after %,d entries", entries),
                    "itself after 1,000 entries",
                    0,
                    1,
                    SYNC,
                    () -> ledger(plan, 64, 10, entries),
                    () -> ledger(plan, 64, 10, 1_000));
            rows.add(entries > 1_000_000 ? row.onlyInFull() : row);
        }
        rows.add(new Row(
                "json-threads-1000",
                "JSON, 6-cap reserve with a hold, hot scope, 1,000 threads" + MemoryRows.kind(),
                "itself with 1 thread",
                0,
                1,
                SYNC,
                () -> ledger(plan, 1_000, 1, 0),
                () -> ledger(plan, 1, 1, 0)));
        return rows;
    }

    private static Subject processes(Plan plan, String kind, int processes, int threads, int sessions)
            throws IOException {
        return new LedgerProcesses(
                kind, Ledgers.json(), new LedgerProcesses.Load(processes, threads, 1, sessions), plan.random());
    }

    private static Subject ledger(Plan plan, int threads, int scopes, int entries) {
        return new StoreLedger(
                Ledgers.json(), threads, plan.size(scopes), plan.size(entries), Figure.RATE, plan.random());
    }
}
