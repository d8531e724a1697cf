package io.holdfast.metrics;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Removal;
import io.holdfast.spi.StoreException;
import io.holdfast.unit.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** A ledger on a clock of its own in which everything happens that a meter tells of. */
final class Incidents implements AutoCloseable {
    static final String MODEL = "gpt-4o";
    static final Usage USAGE = Usage.of(800, 20, 30, 40, 100);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T00:00:00Z"));
    private final Wayside store = new Wayside(now::get);
    private final BudgetManager budgets;

    Incidents(HoldfastMetrics metrics) {
        budgets = BudgetManager.builder()
                .store(store)
                .clock(now::get)
                .sweepEvery(Duration.ofHours(1))
                .observer(metrics)
                .build();
        Limit day = Limit.of(io.holdfast.unit.Meter.COST, 1_000_000_000L, Window.rolling(Duration.ofHours(24)));
        budgets.register(BudgetScope.named("team")
                .limit(day)
                .limit(Limit.tokens(10_000_000, Window.lifetime()).forModels("gpt-*"))
                .limit(Limit.calls(1_000, Window.lifetime()).alertOnly())
                .alertAt(0.001, 1.0)
                .build());
        budgets.register(BudgetScope.named("poor")
                .limit(Limit.calls(1, Window.lifetime()))
                .alertAt(1.0)
                .build());
    }

    Budget team() {
        return budgets.budget("team");
    }

    Budget poor() {
        return budgets.budget("poor");
    }

    static Call call() {
        return Call.of("session", MODEL).input(1_000).maxOutput(1_000);
    }

    /** One call that is admitted and commits its usage. */
    void settled() {
        team().reserve(call()).commit(USAGE);
    }

    /** One call that is left unsettled. */
    void abandoned() {
        team().reserve(call()).close();
    }

    /** One call that comes to more than it held. */
    void overshot() {
        team().reserve(Call.of("session", MODEL).exactly(Usage.of(100, 100))).commit(Usage.of(100, 300));
    }

    /** One call of which nobody hears again, or only late. */
    Reservation expired() {
        Reservation hold = team().reserve(call());
        pass(Duration.ofMinutes(11));
        team().summary();
        return hold;
    }

    /** One call of which nobody hears again, and whose caller wants nothing booked then. */
    void givenUp() {
        team().reserve(call().releaseOnExpiry());
        pass(Duration.ofMinutes(11));
        team().summary();
    }

    /** One call booked after the fact. */
    void recorded() {
        team().record(Call.of("session", MODEL), Usage.of(10, 10)).orThrow();
    }

    /** Two calls where one is allowed. */
    void refused() {
        poor().reserve(call()).commit(USAGE);
        if (poor().tryReserve(call()).allowed()) {
            throw new IllegalStateException("admitted beyond the limit");
        }
    }

    /** A call that cannot be carried out, and one of which nobody knows. */
    void failed() {
        for (RuntimeException failure : List.of(
                new StoreException("the disk is full", null), new AmbiguousOutcomeException("no answer", null))) {
            broken(failure, () -> {
                try {
                    team().reserve(call());
                    throw new IllegalStateException("reserved on a broken store");
                } catch (StoreException | AmbiguousOutcomeException expected) {
                    // As it should.
                }
            });
        }
    }

    /** Does something while every batch fails. */
    void broken(RuntimeException failure, Runnable meanwhile) {
        store.beforeBatch = () -> {
            throw failure;
        };
        meanwhile.run();
        store.beforeBatch = () -> {};
    }

    void beforeEachBatch(Runnable step) {
        store.beforeBatch = step;
    }

    /** One call as asked, one with a cheaper model, one that waits, one that is cut short, and one that is refused. */
    void onTheWay() {
        budgets.register(BudgetScope.named("ladder")
                .limit(Limit.of(io.holdfast.unit.Meter.OUTPUT_TOKENS, 1_000, Window.lifetime())
                        .downgradeAt(200)
                        .throttleAt(500, Duration.ofSeconds(2)))
                .ladder("gpt-4o", "gpt-4o-mini")
                .build());
        Budget ladder = budgets.budget("ladder");
        Call call = Call.of("s", MODEL).input(10);
        for (int output : new int[] {190, 200, 300}) {
            ladder.tryReserve(call.maxOutput(output)).orThrow();
        }
        Reservation clamped =
                ladder.tryReserve(call.maxOutput(1_000).clampOutput(100)).orThrow();
        if (!clamped.clamped() || ladder.tryReserve(call.maxOutput(1_000)).allowed()) {
            throw new IllegalStateException("not cut short, or admitted beyond the limit");
        }
    }

    /** Removes the scope whose calls these are. */
    void forgetTeam() {
        budgets.remove("team", Removal.FORCE);
    }

    void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    @Override
    public void close() {
        budgets.close();
        store.close();
    }
}
