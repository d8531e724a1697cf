package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.unit.Usage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** While calls are delayed nobody is kept from the database, though it has a single connection. */
@DisplayName("A delayed call")
@Timeout(120)
class DelayedCallTest {
    private static final int CALLERS = 16;

    private final CountDownLatch waiting = new CountDownLatch(CALLERS);
    private final CountDownLatch over = new CountDownLatch(1);

    private static Call token() {
        return Call.to("acme:model").exactly(Usage.of(1, 0));
    }

    @ParameterizedTest
    @EnumSource(names = {"H2", "SQLITE"})
    @DisplayName("holds no connection while it waits")
    void holdsNoConnection(TestServer server) throws Exception {
        TestDatabase database = server.fresh();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (JdbcStore store = Spec.of(server).pool(1).open(database, InstantSource.system());
                BudgetManager budgets = BudgetManager.builder()
                        .store(store)
                        .sleeper(time -> {
                            waiting.countDown();
                            over.await();
                        })
                        .build()) {
            budgets.register(BudgetScope.named("s")
                    .limit(Limit.tokens(1_000, Window.lifetime()).throttleAt(1L, Duration.ofSeconds(2)))
                    .build());
            Budget budget = budgets.budget("s");
            budget.reserve(token()).commit(Usage.of(1, 0));
            List<Future<Reservation>> delayed = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                delayed.add(callers.submit(() -> budget.reserve(token())));
            }
            waiting.await();
            CompletableFuture<Reservation> scheduled = budget.async().reserve(token());
            for (int i = 0; i < 10; i++) {
                budget.tryReserve(token()).orThrow().release();
            }
            assertThat(delayed).noneMatch(Future::isDone);
            assertThat(budget.summary().limits().get(0).held()).isGreaterThanOrEqualTo(CALLERS);
            over.countDown();
            for (Future<Reservation> each : delayed) {
                each.get().commit(Usage.of(1, 0));
            }
            scheduled.get().release();
            assertThat(budget.summary().limits().get(0).committed()).isEqualTo(CALLERS + 1);
        } finally {
            over.countDown();
            callers.shutdownNow();
            database.drop();
        }
    }
}
