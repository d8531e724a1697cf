package io.holdfast.benchmark;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.unit.Usd;
import java.time.Duration;

/** A ledger in memory with a team and as many users of it as asked, six caps on the path of each. */
final class MemoryScopes implements AutoCloseable {
    private static final Window DAY = Window.rolling(Duration.ofHours(24));
    private static final Usd MUCH = Usd.ofDollars(9_000_000_000L);

    private final LedgerStore store = LedgerStores.open("memory:");
    private final BudgetManager budgets = BudgetManager.builder().store(store).build();
    private final Budget[] users;

    MemoryScopes(int count) {
        budgets.register(BudgetScope.named("team")
                .limit(Limit.cost(MUCH, DAY))
                .limit(Limit.tokens(1L << 60, DAY))
                .build());
        budgets.register(BudgetScope.template("user-*")
                .parent("team")
                .limit(Limit.cost(MUCH, DAY))
                .limit(Limit.tokens(1L << 60, DAY))
                .limit(Limit.cost(MUCH, Window.session()))
                .limit(Limit.calls(1L << 60, Window.lifetime()))
                .build());
        users = new Budget[count];
        for (int i = 0; i < count; i++) {
            users[i] = budgets.budget("user-" + i);
        }
    }

    Budget budget(int user) {
        return users[user];
    }

    int count() {
        return users.length;
    }

    /** Throws if the ledger is at odds with its journal, anything is still held, or the calls are not so many. */
    void audit(long acknowledged) {
        Audit.Calls calls = Audit.of(store, scope -> scope.startsWith("user-"));
        Audit.equal("calls", calls.committed(), acknowledged);
        Audit.equal("holds", calls.held(), 0);
    }

    @Override
    public void close() {
        budgets.close();
        store.close();
    }
}
