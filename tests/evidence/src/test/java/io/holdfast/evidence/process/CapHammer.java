package io.holdfast.evidence.process;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Decision;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A child: reserves and commits with many threads until each has been refused, and prints how many calls were admitted. */
final class CapHammer {
    private CapHammer() {}

    public static void main(String[] args) throws Exception {
        PriceBook prices = PriceBook.empty()
                .register(ModelPrice.of("acme", "lean").input("1").output("1").build());
        try (BudgetManager budgets =
                BudgetManager.builder().store(args[0]).prices(prices).build()) {
            budgets.register(BudgetScope.named("shared")
                    .limit(Limit.cost(Usd.of("1.0005"), Window.lifetime()))
                    .build());
            waitForAll(Path.of(args[3]), Integer.parseInt(args[2]));
            System.out.println(hammer(budgets.budget("shared"), Integer.parseInt(args[1])));
        }
    }

    /** Begins when every child is ready, so that they meet at the cap. */
    private static void waitForAll(Path ready, int children) throws Exception {
        Files.createDirectories(ready);
        Files.createFile(ready.resolve(Long.toString(ProcessHandle.current().pid())));
        long present = 0;
        while (present < children) {
            Thread.sleep(1);
            try (var files = Files.list(ready)) {
                present = files.count();
            }
        }
    }

    private static long hammer(Budget budget, int threads) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Long>> crew = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                crew.add(executor.submit(() -> untilRefused(budget)));
            }
            long admitted = 0;
            for (Future<Long> each : crew) {
                admitted += each.get();
            }
            return admitted;
        } finally {
            executor.shutdownNow();
        }
    }

    /** Every call uses all it held, so that a refusal is final. */
    private static long untilRefused(Budget budget) {
        Usage usage = Usage.of(1_000, 0);
        Call call = Call.to("lean").exactly(usage);
        long admitted = 0;
        while (budget.tryReserve(call) instanceof Decision.Allowed<Reservation> allowed) {
            allowed.value().commit(usage);
            admitted++;
        }
        return admitted;
    }
}
