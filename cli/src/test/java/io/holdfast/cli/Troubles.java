package io.holdfast.cli;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.StoreException;
import io.holdfast.unit.Usage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** An application in which all goes wrong that alerts tell of, over and over, on a clock of its own. */
final class Troubles implements AutoCloseable {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T00:00:00Z"));
    private final SharedStoreProvider.Shared store =
            new SharedStoreProvider.Shared(LedgerStores.open("memory:", now::get));
    private final StringWriter err = new StringWriter();
    private final MetricsServer server =
            MetricsServer.start("--metrics-port", 0, new Console(new StringWriter(), new PrintWriter(err), false));
    private final BudgetManager budgets = server.observe(
                    BudgetManager.builder().store(store).clock(now::get).sweepEvery(Duration.ofDays(1)))
            .build();
    private final Budget wild;
    private final Budget soon;

    Troubles() {
        for (String name : new String[] {"wild", "warm", "soon"}) {
            long calls = name.equals("warm") ? 100 : name.equals("soon") ? 1_000 : 1_000_000;
            budgets.register(BudgetScope.named(name)
                    .limit(Limit.calls(calls, Window.lifetime()).alertAt(0.000001, 0.5))
                    .build());
        }
        wild = budgets.budget("wild");
        soon = budgets.budget("soon");
        for (int i = 0; i < 85; i++) {
            budgets.budget("warm").record(call(), Usage.of(1, 1));
        }
        wild.reserve(call().ttl(Duration.ofDays(31)));
        now.updateAndGet(before -> before.plus(Duration.ofHours(1)));
    }

    /** Returns the address that Prometheus scrapes. */
    String target() {
        String line = err.toString().trim();
        return line.substring(line.indexOf("//") + 2, line.lastIndexOf('/'));
    }

    /** Lets everything go wrong once more. */
    void again() {
        wild.reserve(Call.of("s", "gpt-4o").exactly(Usage.of(10, 10))).commit(Usage.of(10, 20));
        Reservation lost = wild.reserve(call().ttl(Duration.ofSeconds(1)));
        now.updateAndGet(before -> before.plus(Duration.ofSeconds(2)));
        wild.summary();
        lost.commit(Usage.of(10, 10));
        soon.record(call(), Usage.of(1, 1));
        store.failAfter = 0;
        try {
            wild.summary();
            throw new IllegalStateException("the store was to fail");
        } catch (StoreException expected) {
            store.failAfter = Long.MAX_VALUE;
        }
    }

    private static Call call() {
        return Call.of("s", "gpt-4o").input(100).maxOutput(100);
    }

    @Override
    public void close() {
        budgets.close();
        server.close();
    }
}
