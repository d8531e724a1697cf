package io.holdfast.benchmark;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Verification;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/** The library on a database: a reserve against six caps, whose hold stays open. */
final class DatabaseLedger implements Subject {
    private final Databases.Empty database;
    private final LedgerStore store;
    private final BudgetManager budgets;
    private final List<Budget> scopes = new ArrayList<>();
    private final LongAdder acknowledged = new LongAdder();
    private final int threads;

    DatabaseLedger(Databases engine, int threads, int scopes) {
        this.threads = threads;
        this.database = Databases.fresh(engine);
        boolean separated = database.url().contains("?");
        this.store = LedgerStores.open(
                database.url() + (engine == Databases.H2 ? ";" : separated ? "&" : "?") + "holdfast.schema=if-missing");
        this.budgets = BudgetManager.builder()
                .store(store)
                .deadline(Duration.ofMinutes(5))
                .build();
        for (int i = 0; i < scopes; i++) {
            budgets.register(sixCaps("scope-" + i));
            this.scopes.add(budgets.budget("scope-" + i));
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
        Call call = Call.to("gpt-4o").exactly(Usage.of(812, 143)).ttl(Duration.ofDays(1));
        return Crew.run(threads, time, () -> () -> {
            Budget budget = scopes.get(ThreadLocalRandom.current().nextInt(scopes.size()));
            long start = System.nanoTime();
            budget.reserve(call);
            long nanos = System.nanoTime() - start;
            acknowledged.increment();
            return new Crew.Done(1, nanos);
        });
    }

    /** What is held is what was acknowledged, to the last call, and the tables agree with the journal. */
    @Override
    public void audit() {
        Verification verification = store.verify();
        if (!verification.clean()) {
            throw new IllegalStateException(verification.differences().toString());
        }
        long held = 0;
        for (Budget scope : scopes) {
            for (LimitState state : scope.summary().limits()) {
                held += state.limit().meter() == Meter.CALLS ? state.held() : 0;
            }
        }
        if (held != acknowledged.sum()) {
            throw new IllegalStateException(held + " calls held, " + acknowledged.sum() + " acknowledged");
        }
    }

    @Override
    public void close() {
        budgets.close();
        store.close();
        database.drop().run();
    }
}
