package io.holdfast.benchmark;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/** The library on any store: a reserve against six caps, whose hold stays open. */
final class StoreLedger implements Subject {
    private static final Usage USAGE = Usage.of(812, 143);
    private static final int FILL = 512;
    private static final int AT_ONCE = 256;

    private final Ledgers.Empty place;
    private final LedgerStore store;
    private final BudgetManager budgets;
    private final List<Budget> scopes = new ArrayList<>();
    private final LongAdder acknowledged = new LongAdder();
    private final int threads;
    private final Figure figure;
    private final SplittableRandom random;

    /**
     * Makes the ledger and its scopes.
     *
     * @param place where
     * @param threads how many callers
     * @param scopes how many scopes, of which each call takes one at random
     * @param entries how many calls the journal has before the first that is measured
     * @param figure what is told
     * @param random where the choices come from
     */
    StoreLedger(Ledgers.Empty place, int threads, int scopes, int entries, Figure figure, SplittableRandom random) {
        this.place = place;
        this.threads = threads;
        this.figure = figure;
        this.random = random;
        this.store = LedgerStores.open(place.url());
        this.budgets = BudgetManager.builder()
                .store(store)
                .deadline(Duration.ofMinutes(5))
                .build();
        List<String> names =
                IntStream.range(0, scopes).mapToObj(i -> "scope-" + i).toList();
        register(names);
        names.forEach(name -> this.scopes.add(budgets.budget(name)));
        fill(entries);
    }

    /** Registers many at a time, as each waits for the disk. */
    private void register(List<String> names) {
        ExecutorService executor = Executors.newFixedThreadPool(Math.min(names.size(), AT_ONCE));
        try {
            CompletableFuture.allOf(names.stream()
                            .map(name -> CompletableFuture.runAsync(() -> budgets.register(sixCaps(name)), executor))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
        } finally {
            executor.shutdown();
        }
    }

    private void fill(int entries) {
        List<Operation> batch = new ArrayList<>(FILL);
        for (int done = 0; done < entries; done++) {
            batch.add(new Operation.Book(
                    OperationId.made(),
                    "scope-" + done % scopes.size(),
                    null,
                    "openai:gpt-4o",
                    new Amounts(3_460_000, USAGE.input(), USAGE.output(), 1),
                    new Detail(USAGE, Map.of())));
            if (batch.size() == FILL || done == entries - 1) {
                store.apply(List.copyOf(batch));
                batch.clear();
            }
        }
    }

    private static BudgetScope sixCaps(String name) {
        Usd much = Usd.ofDollars(9_000_000_000L);
        Window day = Window.rolling(Duration.ofHours(24));
        return BudgetScope.named(name)
                .limit(Limit.cost(much, day))
                .limit(Limit.tokens(1L << 60, day))
                .limit(Limit.cost(much, Window.rolling(Duration.ofDays(7))))
                .limit(Limit.tokens(1L << 60, Window.rolling(Duration.ofDays(7))))
                .limit(Limit.cost(much, Window.lifetime()))
                .limit(Limit.calls(1L << 60, Window.lifetime()))
                .build();
    }

    @Override
    public double run(Duration time) throws Exception {
        Call call = Call.to("gpt-4o").exactly(USAGE).ttl(Duration.ofDays(1));
        return figure.of(threads, time, () -> {
            SplittableRandom own = random.split();
            return () -> reserve(scopes.get(own.nextInt(scopes.size())), call);
        });
    }

    private Crew.Done reserve(Budget budget, Call call) {
        long start = System.nanoTime();
        budget.reserve(call);
        long nanos = System.nanoTime() - start;
        acknowledged.increment();
        return new Crew.Done(1, nanos);
    }

    /** What is held is what was acknowledged, to the last call, and the tables agree with the journal. */
    @Override
    public void audit() {
        Audit.equal(
                "holds", Audit.of(store, scope -> scope.startsWith("scope-")).held(), acknowledged.sum());
    }

    @Override
    public void close() {
        budgets.close();
        store.close();
        place.drop().run();
    }
}
