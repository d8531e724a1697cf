package io.holdfast.benchmark;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Decision;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import java.time.Duration;

/** Two reserves in memory and the release of what they hold, where a cap on calls has room for the first only, or for both. */
final class ContestedCap implements Subject {
    private static final int BURST = 256;

    private final BudgetManager budgets = BudgetManager.builder().build();
    private final Budget budget;
    private final int room;
    private final Call call = Call.to("gpt-4o").input(812).maxOutput(1024);

    ContestedCap(int room) {
        this.room = room;
        budgets.register(BudgetScope.named("contested")
                .limit(Limit.calls(room, Window.lifetime()))
                .limit(Limit.tokens(1L << 60, Window.rolling(Duration.ofHours(24))))
                .build());
        this.budget = budgets.budget("contested");
    }

    @Override
    public double run(Duration time) throws Exception {
        return Crew.run(1, time, () -> this::burst);
    }

    private Crew.Done burst() {
        long start = System.nanoTime();
        for (int i = 0; i < BURST; i++) {
            try (Held first = new Held(budget.tryReserve(call));
                    Held second = new Held(budget.tryReserve(call))) {
                if (!first.decision.allowed() || second.decision.allowed() != (room > 1)) {
                    throw new IllegalStateException("the cap has room for " + room + " and did not show it");
                }
            }
        }
        return new Crew.Done(2 * BURST, System.nanoTime() - start);
    }

    /** A decision whose hold, if any, is given back. */
    private record Held(Decision<Reservation> decision) implements AutoCloseable {
        @Override
        public void close() {
            if (decision instanceof Decision.Allowed<Reservation> allowed) {
                allowed.value().release();
            }
        }
    }

    @Override
    public void audit() {
        for (LimitState state : budget.summary().limits()) {
            if (state.held() != 0 || state.committed() != 0) {
                throw new IllegalStateException("something is left: " + state);
            }
        }
    }

    @Override
    public void close() {
        budgets.close();
    }
}
