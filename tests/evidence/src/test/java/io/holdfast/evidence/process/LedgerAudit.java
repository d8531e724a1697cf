package io.holdfast.evidence.process;

import io.holdfast.BudgetManager;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Verification;
import io.holdfast.unit.Usd;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A fresh look at a ledger that other processes have worked on. */
final class LedgerAudit implements AutoCloseable {
    private final LedgerStore store;
    private final BudgetManager budgets;

    private LedgerAudit(LedgerStore store) {
        this.store = store;
        this.budgets = BudgetManager.builder().store(store).build();
    }

    static LedgerAudit open(String url) {
        return new LedgerAudit(LedgerStores.open(url));
    }

    Verification verify() {
        return store.verify();
    }

    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        store.entries(Instant.EPOCH, Instant.parse("9999-01-01T00:00:00Z"), entries::add);
        return entries;
    }

    /** Returns the sum of all entries. */
    Usd spent() {
        return Usd.ofNanos(entries().stream()
                .mapToLong(entry -> entry.kind().sign() * entry.amounts().cost())
                .sum());
    }

    /** Returns the cost of each operation that was committed in time, and fails where one stands twice. */
    Map<String, Usd> committed() {
        Map<String, Usd> costs = new HashMap<>();
        for (Entry entry : entries()) {
            if (entry.kind() == io.holdfast.spi.EntryKind.COMMITTED
                    && costs.put(
                                    entry.operationId(),
                                    Usd.ofNanos(entry.amounts().cost()))
                            != null) {
                throw new AssertionError("booked twice: " + entry);
            }
        }
        return costs;
    }

    /** Returns every limit of every scope. */
    List<LimitState> limits() {
        List<LimitState> limits = new ArrayList<>();
        budgets.summaries(summary -> limits.addAll(summary.limits()));
        return limits;
    }

    @Override
    public void close() {
        budgets.close();
        store.close();
    }
}
