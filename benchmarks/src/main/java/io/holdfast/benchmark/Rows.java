package io.holdfast.benchmark;

import java.util.ArrayList;
import java.util.List;

/** All rows: those of the goal table, and how cost grows. */
final class Rows {
    private Rows() {}

    static List<Row> all(Plan plan) {
        List<Row> rows = new ArrayList<>(MemoryRows.all(plan));
        rows.addAll(JsonRows.all(plan));
        rows.addAll(DatabaseRows.all(plan));
        return rows;
    }

    /** Returns the rows of the goal table that cannot be measured yet, or here. */
    static List<NotRun> missing() {
        String noRedis = "there is no store for Redis yet";
        return List.of(
                new NotRun(
                        "memory-agent-budget",
                        "memory, reserve+commit, 1 thread",
                        "agent-budget, check+record",
                        150,
                        400,
                        "the peer is written in Python and not part of the build"),
                new NotRun("redis-hot-64", "Redis, hot scope, 64 threads", "Bucket4j-lettuce", 50, 200, noRedis),
                new NotRun(
                        "redis-hot-64-call",
                        "Redis, hot scope, 64 threads",
                        "one EVALSHA for each call",
                        1.5,
                        4,
                        noRedis),
                new NotRun(
                        "redis-pipeline",
                        "Redis, hot scope, 64 threads",
                        "redis-benchmark, the same script, pipeline 16",
                        0.8,
                        2,
                        noRedis),
                new NotRun(
                        "escrow-1000",
                        "escrow, slices of 1,000",
                        "Bucket4j-postgresql, SELECT FOR UPDATE, 64 threads",
                        500,
                        10_000,
                        "there is no leasing of slices yet"),
                new NotRun(
                        "service-64",
                        "service form over HTTP, 64 clients",
                        "Cycles server on the same Redis",
                        5,
                        20,
                        "there is no service form yet, and Cycles is not part of the build"));
    }
}
