package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.spi.StoreException;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("The gauges of a ledger")
@Timeout(60)
class RefreshTest {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Wayside store = new Wayside(null);

    @AfterEach
    void close() {
        store.close();
    }

    private BudgetManager observed(HoldfastMetrics metrics) {
        return BudgetManager.builder()
                .store(store)
                .sweepEvery(Duration.ofHours(1))
                .observer(metrics)
                .build();
    }

    private static void register(BudgetManager budgets, String scope) {
        budgets.register(BudgetScope.named(scope).maxCostPerDay("1.00").build());
    }

    private static HoldfastMetrics onRequest() {
        return HoldfastMetrics.builder().every(Duration.ofHours(1)).build();
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    @DisplayName("are read by themselves, over and over")
    void onSchedule() {
        try (HoldfastMetrics metrics =
                        HoldfastMetrics.builder().every(Duration.ofMillis(1)).build();
                BudgetManager budgets = observed(metrics)) {
            metrics.bindTo(registry);
            for (String scope : new String[] {"first", "second"}) {
                register(budgets, scope);
                await(() -> new Scrape(registry)
                        .series("holdfast_budget_limit_usd").stream()
                                .anyMatch(series -> series.contains("scope=\"" + scope + "\"")));
            }
            int before = store.surveys.get();
            await(() -> store.surveys.get() > before + 5);
        }
    }

    @Test
    @DisplayName("are read in one read of the ledger, whatever the managers, registries and scrapes")
    void oneRead() {
        try (HoldfastMetrics metrics = onRequest();
                BudgetManager one = observed(metrics);
                BudgetManager other = observed(metrics)) {
            metrics.bindTo(registry);
            PrometheusMeterRegistry second = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            metrics.bindTo(second);
            register(one, "alice");
            await(() -> store.surveys.get() == 4);
            int operations = store.operations.get();
            for (int i = 1; i <= 10; i++) {
                metrics.refresh();
                new Scrape(registry);
                new Scrape(second);
                assertThat(store.surveys.get()).isEqualTo(4 + i);
            }
            assertThat(store.operations.get()).isEqualTo(operations);
            assertThat(store.otherReads).hasValue(0);
            assertThat(other.outage().available()).isTrue();
        }
    }

    @Test
    @DisplayName("are shown until the last manager of the ledger is closed")
    void severalManagers() {
        try (HoldfastMetrics metrics = onRequest()) {
            metrics.bindTo(registry);
            BudgetManager one = observed(metrics);
            BudgetManager other = observed(metrics);
            register(one, "alice");
            one.close();
            metrics.refresh();
            assertThat(new Scrape(registry).series("holdfast_budget_limit_usd")).hasSize(1);
            other.close();
            metrics.refresh();
            assertThat(new Scrape(registry).series("holdfast_budget_limit_usd")).isEmpty();
        }
    }

    @Test
    @DisplayName("hold up no manager that closes while they are read, which is no failure")
    void closedMeanwhile() throws Exception {
        try (HoldfastMetrics metrics = onRequest()) {
            metrics.bindTo(registry);
            BudgetManager budgets = observed(metrics);
            register(budgets, "alice");
            CountDownLatch reading = new CountDownLatch(1);
            CountDownLatch closed = new CountDownLatch(1);
            store.beforeLimit = () -> {
                reading.countDown();
                try {
                    closed.await();
                } catch (InterruptedException stop) {
                    throw new IllegalStateException(stop);
                }
            };
            FutureTask<Void> refresh = new FutureTask<>(metrics::refresh, null);
            Thread thread = new Thread(refresh, "refresh");
            thread.start();
            reading.await();
            budgets.close();
            closed.countDown();
            refresh.get();
            assertThat(new Scrape(registry).series("holdfast_budget_limit_usd")).isEmpty();
        }
    }

    @Test
    @DisplayName("stay as they were while it cannot be read, and are read again when it can")
    void unreadable() {
        try (HoldfastMetrics metrics = onRequest();
                BudgetManager budgets = observed(metrics)) {
            metrics.bindTo(registry);
            register(budgets, "alice");
            metrics.refresh();
            register(budgets, "bob");
            store.beforeLimit = () -> {
                throw new StoreException("the disk is gone", null);
            };
            assertThatThrownBy(metrics::refresh).hasMessage("the disk is gone");
            assertThat(new Scrape(registry).series("holdfast_budget_limit_usd")).hasSize(1);
            store.beforeLimit = () -> {};
            metrics.refresh();
            assertThat(new Scrape(registry).series("holdfast_budget_limit_usd")).hasSize(2);
        }
    }
}
