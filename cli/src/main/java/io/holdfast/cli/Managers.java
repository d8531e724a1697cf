package io.holdfast.cli;

import io.holdfast.BudgetManager;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.LedgerStore;
import java.time.Duration;

/** Makes managers for commands that only look. */
final class Managers {
    private static final Duration NEVER = Duration.ofDays(1);

    private Managers() {}

    /** Returns a manager that does not write by itself. */
    static BudgetManager looking(LedgerStore ledger, PriceBook prices) {
        return BudgetManager.builder()
                .store(ledger)
                .prices(prices)
                .sweepEvery(NEVER)
                .build();
    }
}
