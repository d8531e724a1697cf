package io.holdfast.benchmark;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.metrics.HoldfastMetrics;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;

/** The library in memory: six caps on a path of two scopes, through the public API. */
final class MemoryBudget implements Subject {
    private static final Window DAY = Window.rolling(Duration.ofHours(24));
    private static final int BURST = 256;

    private final LedgerStore store;
    private final LongAdder acknowledged = new LongAdder();
    private final HoldfastMetrics metrics = HoldfastMetrics.create();
    private final BudgetManager budgets;
    private final Budget alice;
    private final Call call = Call.of("session", "gpt-4o").input(812).maxOutput(1024);
    private final Usage usage = Usage.of(812, 143);
    private final int threads;
    private final boolean pairs;

    MemoryBudget(LedgerStore store, int threads, boolean pairs, boolean metered, int otherScopes) {
        this.store = store;
        this.threads = threads;
        this.pairs = pairs;
        BudgetManager.Builder builder = BudgetManager.builder().store(store);
        if (metered) {
            metrics.bindTo(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
            builder.observer(metrics);
        }
        this.budgets = builder.build();
        budgets.register(BudgetScope.named("team")
                .limit(Limit.cost(Usd.ofDollars(9_000_000_000L), DAY))
                .limit(Limit.tokens(1L << 60, DAY))
                .build());
        budgets.register(BudgetScope.named("alice")
                .parent("team")
                .limit(Limit.cost(Usd.ofDollars(9_000_000_000L), DAY))
                .limit(Limit.tokens(1L << 60, DAY))
                .limit(Limit.cost(Usd.ofDollars(9_000_000_000L), Window.session()))
                .limit(Limit.calls(1L << 60, Window.lifetime()))
                .build());
        this.alice = budgets.budget("alice");
        budgets.register(BudgetScope.template("other-*")
                .limit(Limit.calls(10, Window.lifetime()))
                .build());
        for (int i = 0; i < otherScopes; i++) {
            budgets.budget("other-" + i).record(call, usage);
        }
    }

    /** Times reserves alone; what they hold is settled between the timed bursts. */
    static Subject reserves(int threads) {
        return new MemoryBudget(LedgerStores.open("memory:"), threads, false, false, 0);
    }

    /** Times reserve and commit together as one operation. */
    static Subject pairs(int threads) {
        return new MemoryBudget(LedgerStores.open("memory:"), threads, true, false, 0);
    }

    /** Times reserve and commit together in a ledger that has seen so many calls before. */
    static Subject pairsAfter(int calls) {
        MemoryBudget subject = new MemoryBudget(LedgerStores.open("memory:"), 1, true, false, 0);
        for (int done = 0; done < calls; done++) {
            subject.alice.reserve(subject.call).commit(subject.usage);
        }
        subject.acknowledged.add(calls);
        return subject;
    }

    /** Times reserve and commit together in a ledger with other scopes, with meters or without. */
    static Subject pairs(boolean metered, int otherScopes) {
        return new MemoryBudget(LedgerStores.open("memory:"), 1, true, metered, otherScopes);
    }

    @Override
    public double run(Duration time) throws Exception {
        return Crew.run(threads, time, () -> pairs ? this::pairBurst : this::reserveBurst);
    }

    private Crew.Done pairBurst() {
        long start = System.nanoTime();
        for (int i = 0; i < BURST; i++) {
            alice.reserve(call).commit(usage);
        }
        long nanos = System.nanoTime() - start;
        acknowledged.add(BURST);
        return new Crew.Done(BURST, nanos);
    }

    private Crew.Done reserveBurst() {
        ArrayDeque<Reservation> open = new ArrayDeque<>(BURST);
        long start = System.nanoTime();
        for (int i = 0; i < BURST; i++) {
            open.add(alice.reserve(call));
        }
        long nanos = System.nanoTime() - start;
        open.forEach(hold -> hold.commit(usage));
        acknowledged.add(BURST);
        return new Crew.Done(BURST, nanos);
    }

    @Override
    public void audit() {
        Audit.Calls calls = Audit.of(store, "alice"::equals);
        Audit.equal("calls", calls.committed(), acknowledged.sum());
        Audit.equal("holds", calls.held(), 0);
    }

    @Override
    public void close() {
        metrics.close();
        budgets.close();
        store.close();
    }
}
