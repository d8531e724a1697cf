package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.OutagePolicy;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.StoreUnavailableException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The meters of a ledger out of reach")
@Timeout(60)
class OutageMetricsTest {
    private static final Call CALL = Call.of("session", "gpt-4o").input(1_000).maxOutput(100);
    private static final Usage USAGE = Usage.of(1_000, 50);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HoldfastMetrics metrics =
            HoldfastMetrics.builder().every(Duration.ofHours(1)).build();
    private final Wayside store = new Wayside(null);

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        metrics.close();
        store.close();
    }

    private BudgetManager budgets(OutagePolicy policy) {
        metrics.bindTo(registry);
        BudgetManager budgets = BudgetManager.builder()
                .store(store)
                .sweepEvery(Duration.ofHours(1))
                .outages(policy.probeEvery(Duration.ofMillis(1)))
                .observer(metrics)
                .build();
        budgets.register(BudgetScope.named("alice")
                .limit(Limit.calls(3, Window.lifetime()))
                .limit(Limit.cost(Usd.of("100"), Window.lifetime()))
                .build());
        return budgets;
    }

    private void down() {
        store.beforeBatch = () -> {
            throw new StoreUnavailableException("connection refused", null);
        };
    }

    private void back(BudgetManager budgets) {
        store.beforeBatch = () -> {};
        while (!budgets.outage().available() || budgets.outage().spooled() > 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private double calls(String outcome) {
        return new Scrape(registry).value("holdfast_calls_total{outcome=\"" + outcome + "\"}");
    }

    private double spent(Budget budget) {
        metrics.refresh();
        double spent = new Scrape(registry).sum("holdfast_spend_usd_total");
        assertThat(spent).isEqualTo(budget.summary().limits().get(1).committed() / 1e9);
        return spent;
    }

    @Test
    @DisplayName("count every call that is refused meanwhile as failed, and what is spooled when it is booked")
    void failClosed() {
        try (BudgetManager budgets = budgets(OutagePolicy.failClosed(directory.resolve("spool")))) {
            Budget alice = budgets.budget("alice");
            Reservation hold = alice.reserve(CALL);
            down();
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> alice.reserve(CALL)).isInstanceOf(StoreUnavailableException.class);
            }
            assertThatThrownBy(() -> alice.async().reserve(CALL).join())
                    .hasCauseInstanceOf(StoreUnavailableException.class);
            hold.commit(USAGE);
            alice.record(CALL, USAGE).orThrow();
            assertThat(new Scrape(registry).value("holdfast_spool_records")).isEqualTo(2);
            assertThat(new Scrape(registry).value("holdfast_store_errors_total{kind=\"failed\"}"))
                    .isPositive();
            assertThat(calls("failed")).isEqualTo(6);
            assertThat(calls("admitted")).isEqualTo(1);
            back(budgets);
            assertThat(calls("failed")).isEqualTo(6);
            assertThat(calls("admitted")).isEqualTo(2);
            assertThat(new Scrape(registry).value("holdfast_spool_records")).isZero();
            assertThat(spent(alice)).isPositive();
        }
    }

    @Test
    @DisplayName(
            "count calls that go ahead meanwhile when the ledger hears of them, and as denied where it had no room")
    void failOpen() {
        try (BudgetManager budgets =
                budgets(OutagePolicy.failOpen(directory.resolve("spool"), Usd.of("10"), Duration.ofMinutes(5)))) {
            Budget alice = budgets.budget("alice");
            alice.reserve(CALL).commit(USAGE);
            down();
            for (int i = 0; i < 3; i++) {
                alice.reserve(CALL).commit(USAGE);
            }
            alice.record(CALL, USAGE).orThrow();
            assertThat(calls("failed")).isZero();
            back(budgets);
            assertThat(calls("failed")).isZero();
            assertThat(calls("admitted")).isEqualTo(3);
            assertThat(calls("denied")).isEqualTo(2);
            assertThat(new Scrape(registry).value("holdfast_denials_total{meter=\"calls\",window_type=\"lifetime\"}"))
                    .isEqualTo(2);
            assertThat(spent(alice)).isPositive();
        }
    }
}
