package io.holdfast.benchmark;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Decision;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Callers who race for caps that do not have room for all. The reserves are dealt out in order, so many to a scope that none
 * has touched before; its cap on calls has room for some of them. Reserves and commits are counted as operations.
 */
final class ContestedCap implements Subject {
    /** How many reserves each scope is asked for. */
    static final int ASKED = 64;

    private final Ledgers.Empty place;
    private final LedgerStore store;
    private final BudgetManager budgets;
    private final int threads;
    private final int room;
    private final AtomicLong reserves = new AtomicLong();
    private final LongAdder admitted = new LongAdder();
    private final Usage usage = Usage.of(812, 143);
    private final Call call = Call.to("gpt-4o").exactly(usage);

    /**
     * Makes the ledger.
     *
     * @param place where
     * @param threads how many callers
     * @param room how many of the 64 reserves of a scope its cap admits
     */
    ContestedCap(Ledgers.Empty place, int threads, int room) {
        this.place = place;
        this.threads = threads;
        this.room = room;
        this.store = LedgerStores.open(place.url());
        this.budgets = BudgetManager.builder()
                .store(store)
                .deadline(Duration.ofMinutes(5))
                .build();
        budgets.register(BudgetScope.template("contested-*")
                .limit(Limit.calls(room, Window.lifetime()))
                .limit(Limit.tokens(1L << 60, Window.rolling(Duration.ofHours(24))))
                .build());
    }

    @Override
    public double run(Duration time) throws Exception {
        return Crew.run(threads, time, () -> this::ask);
    }

    private Crew.Done ask() {
        Budget budget = budgets.budget("contested-" + reserves.getAndIncrement() / ASKED);
        long start = System.nanoTime();
        Decision<Reservation> decision = budget.tryReserve(call);
        if (decision instanceof Decision.Allowed<Reservation> allowed) {
            allowed.value().commit(usage);
            long nanos = System.nanoTime() - start;
            admitted.increment();
            return new Crew.Done(2, nanos);
        }
        return new Crew.Done(1, System.nanoTime() - start);
    }

    /** Each cap was used up exactly, by the calls that were told so: none too many, none refused that fitted. */
    @Override
    public void audit() {
        Audit.Calls calls = Audit.of(store, scope -> scope.startsWith("contested-"));
        Audit.equal("calls", calls.committed(), admitted.sum());
        Audit.equal("holds", calls.held(), 0);
        long full = reserves.get() / ASKED;
        Audit.equal("admitted", admitted.sum(), full * room + Math.min(room, reserves.get() % ASKED));
        store.survey(state -> {
            if (state.limit().meter() == Meter.CALLS
                    && state.committed() != room
                    && !state.scope().equals("contested-" + full)) {
                throw new IllegalStateException("not used up: " + state.describe());
            }
        });
    }

    @Override
    public void close() {
        budgets.close();
        store.close();
        place.drop().run();
    }
}
