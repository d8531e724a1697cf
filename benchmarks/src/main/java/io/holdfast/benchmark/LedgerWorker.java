package io.holdfast.benchmark;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A process of its own that works on a shared ledger: for each line "run MILLIS" it reads, it works that long and answers
 * with its operations per second and all the calls that were acknowledged so far. One operation is one durable step
 * of the ledger: for the library a reserve or a commit, for the naive ledger one read-modify-write, and otherwise one record
 * appended.
 */
final class LedgerWorker {
    static final long COST = 1_000;

    private LedgerWorker() {}

    /** Arguments: holdfast, naive or append; its URL or directory; scope, sessions, threads, seed. */
    public static void main(String[] args) throws Exception {
        int sessions = Integer.parseInt(args[3]);
        int threads = Integer.parseInt(args[4]);
        SplittableRandom random = new SplittableRandom(Long.parseLong(args[5]));
        switch (args[0]) {
            case "naive" -> naive(Path.of(args[1]), sessions, threads, random);
            case "append" -> append(Path.of(args[1]), threads);
            default -> holdfast(args[1], args[2], sessions, threads, random);
        }
    }

    private static void holdfast(String url, String scope, int sessions, int threads, SplittableRandom random)
            throws Exception {
        PriceBook prices = PriceBook.empty()
                .register(ModelPrice.of("bench", "model").input("1").output("1").build());
        try (BudgetManager budgets =
                BudgetManager.builder().store(url).prices(prices).build()) {
            budgets.register(scope(scope));
            Budget budget = budgets.budget(scope);
            Usage usage = Usage.of(1, 0);
            serve(threads, 2, () -> {
                SplittableRandom own = random.split();
                return () -> budget.reserve(
                                Call.of(session(own, sessions), "model").exactly(usage))
                        .commit(usage);
            });
        }
    }

    private static void naive(Path directory, int sessions, int threads, SplittableRandom random) throws Exception {
        try (NaiveJsonLedger ledger = new NaiveJsonLedger(directory)) {
            serve(threads, 1, () -> {
                SplittableRandom own = random.split();
                return () -> {
                    if (!ledger.add(session(own, sessions), COST, Long.MAX_VALUE / 2)) {
                        throw new IllegalStateException("refused");
                    }
                };
            });
        }
    }

    private static void append(Path directory, int threads) throws Exception {
        try (AppendLoop loop = new AppendLoop(directory)) {
            serve(threads, 1, () -> loop::append);
        }
    }

    private static BudgetScope scope(String name) {
        return BudgetScope.named(name)
                .limit(Limit.cost(Usd.ofDollars(9_000_000_000L), Window.session()))
                .limit(Limit.cost(Usd.ofDollars(9_000_000_000L), Window.rolling(Duration.ofHours(24))))
                .limit(Limit.cost(Usd.ofDollars(9_000_000_000L), Window.lifetime()))
                .build();
    }

    private static String session(SplittableRandom random, int sessions) {
        return "session-" + random.nextInt(sessions);
    }

    /** A call, which is acknowledged when it returns. */
    private interface Step {
        void run() throws Exception;
    }

    private static void serve(int threads, int operations, Supplier<Step> maker) throws Exception {
        AtomicLong acknowledged = new AtomicLong();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null && line.startsWith("run "); line = in.readLine()) {
            double rate = Crew.run(threads, Duration.ofMillis(Long.parseLong(line.substring(4))), () -> {
                Step step = maker.get();
                return () -> {
                    long start = System.nanoTime();
                    step.run();
                    acknowledged.incrementAndGet();
                    return new Crew.Done(operations, System.nanoTime() - start);
                };
            });
            System.out.println(rate + " " + acknowledged.get());
        }
    }
}
