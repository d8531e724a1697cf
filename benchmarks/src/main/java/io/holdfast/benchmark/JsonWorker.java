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

/**
 * A process of its own that works on a shared ledger: for each line "run MILLIS" it reads, it works that long and answers
 * with its operations per second and all the operations that were acknowledged so far. One operation is one durable step
 * of the ledger: for the library a reserve or a commit, for the naive ledger one read-modify-write.
 */
final class JsonWorker {
    static final long COST = 1_000;

    private JsonWorker() {}

    /** Arguments: holdfast or naive, the directory, sessions, threads, seed. */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[1]);
        int sessions = Integer.parseInt(args[2]);
        int threads = Integer.parseInt(args[3]);
        SplittableRandom random = new SplittableRandom(Long.parseLong(args[4]));
        AtomicLong acknowledged = new AtomicLong();
        if (args[0].equals("naive")) {
            try (NaiveJsonLedger ledger = new NaiveJsonLedger(directory)) {
                serve(
                        threads,
                        () -> {
                            SplittableRandom own = random.split();
                            return () -> {
                                String session = session(own, sessions);
                                long start = System.nanoTime();
                                if (!ledger.add(session, COST, Long.MAX_VALUE / 2)) {
                                    throw new IllegalStateException("refused");
                                }
                                acknowledged.incrementAndGet();
                                return new Crew.Done(1, System.nanoTime() - start);
                            };
                        },
                        acknowledged);
            }
            return;
        }
        PriceBook prices = PriceBook.empty()
                .register(ModelPrice.of("bench", "model").input("1").output("1").build());
        try (BudgetManager budgets = BudgetManager.builder()
                .store("json:" + directory)
                .prices(prices)
                .build()) {
            budgets.register(scope());
            Budget budget = budgets.budget("bench");
            Usage usage = Usage.of(1, 0);
            serve(
                    threads,
                    () -> {
                        SplittableRandom own = random.split();
                        return () -> {
                            Call call = Call.of(session(own, sessions), "model").exactly(usage);
                            long start = System.nanoTime();
                            budget.reserve(call).commit(usage);
                            acknowledged.incrementAndGet();
                            return new Crew.Done(2, System.nanoTime() - start);
                        };
                    },
                    acknowledged);
        }
    }

    static BudgetScope scope() {
        return BudgetScope.named("bench")
                .limit(Limit.cost(Usd.ofDollars(9_000_000_000L), Window.session()))
                .limit(Limit.cost(Usd.ofDollars(9_000_000_000L), Window.rolling(Duration.ofHours(24))))
                .limit(Limit.cost(Usd.ofDollars(9_000_000_000L), Window.lifetime()))
                .build();
    }

    private static String session(SplittableRandom random, int sessions) {
        return "session-" + random.nextInt(sessions);
    }

    private static void serve(int threads, java.util.concurrent.Callable<Crew.Work> maker, AtomicLong acknowledged)
            throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null && line.startsWith("run "); line = in.readLine()) {
            double rate = Crew.run(threads, Duration.ofMillis(Long.parseLong(line.substring(4))), maker);
            System.out.println(rate + " " + acknowledged.get());
        }
    }
}
