package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.StoreTraits;
import io.holdfast.unit.Usage;
import io.micrometer.core.instrument.AbstractTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** I24: a meter that hangs keeps no call waiting, nor the meters of other registries. */
@Timeout(120)
class HangingRegistryTest {
    private static final int CALLS = 6_000;

    private final CountDownLatch hang = new CountDownLatch(1);
    private final Set<String> hanging = ConcurrentHashMap.newKeySet();

    /** Hangs at whatever is timed. */
    private final class Hanging extends SimpleMeterRegistry {
        @Override
        protected Timer newTimer(Meter.Id id, DistributionStatisticConfig statistics, PauseDetector pauses) {
            return new AbstractTimer(id, clock, statistics, pauses, TimeUnit.SECONDS, false) {
                @Override
                protected void recordNonNegative(long amount, TimeUnit unit) {
                    hanging.add(Thread.currentThread().getName());
                    try {
                        hang.await();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                }

                @Override
                public long count() {
                    return 0;
                }

                @Override
                public double totalTime(TimeUnit unit) {
                    return 0;
                }

                @Override
                public double max(TimeUnit unit) {
                    return 0;
                }
            };
        }
    }

    /** Gathers callers into batches as a store on disk does. */
    private static final class Gathering extends ForwardingLedgerStore {
        Gathering() {
            super(LedgerStores.open("memory:"));
        }

        @Override
        public StoreTraits traits() {
            return new StoreTraits("gathering", super.traits().durability(), false, false, true);
        }
    }

    private static double admitted(MeterRegistry registry) {
        return registry.get("holdfast.calls")
                .tag("outcome", "admitted")
                .functionCounter()
                .count();
    }

    @Test
    @DisplayName("a registry that hangs holds up no call, no count and no other registry, whatever is left out of it")
    void hangs() {
        Hanging bad = new Hanging();
        SimpleMeterRegistry good = new SimpleMeterRegistry();
        try (Gathering store = new Gathering();
                HoldfastMetrics metrics = HoldfastMetrics.create()) {
            metrics.bindTo(bad);
            metrics.bindTo(good);
            try (BudgetManager budgets =
                    BudgetManager.builder().store(store).observer(metrics).build()) {
                budgets.register(BudgetScope.named("alice").build());
                for (int i = 0; i < CALLS; i++) {
                    budgets.budget("alice")
                            .reserve(Call.to("gpt-4o").input(1).maxOutput(1))
                            .commit(Usage.of(1, 1));
                }
                metrics.refresh();
            }
            assertThat(hang.getCount()).as("it still hangs").isEqualTo(1);
            assertThat(hanging).as("who hangs").containsExactly("holdfast-metrics-samples");
            assertThat(admitted(bad)).isEqualTo(CALLS);
            assertThat(admitted(good)).isEqualTo(CALLS);
            assertThat(good.get("holdfast.store.operation")
                            .tag("operation", "reserve")
                            .timer()
                            .count())
                    .isEqualTo(CALLS);
            hang.countDown();
        }
    }
}
