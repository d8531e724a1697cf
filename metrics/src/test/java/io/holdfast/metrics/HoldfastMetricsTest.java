package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.holdfast.BudgetExceededException;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.BudgetSession;
import io.holdfast.Call;
import io.holdfast.Reservation;
import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.StoreException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The meters of budgets")
class HoldfastMetricsTest {
    private static final Offset<Double> EXACT = within(1e-12);

    private static final Set<MeterTag> FEW_VALUES = EnumSet.of(
            MeterTag.METER,
            MeterTag.WINDOW_TYPE,
            MeterTag.ENFORCEMENT,
            MeterTag.OUTCOME,
            MeterTag.KIND,
            MeterTag.THRESHOLD,
            MeterTag.OPERATION);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HoldfastMetrics metrics =
            HoldfastMetrics.builder().every(Duration.ofHours(1)).build();
    private final Incidents incidents = new Incidents(metrics);

    @AfterEach
    void close() {
        incidents.close();
        metrics.close();
    }

    private Scrape scrape() {
        metrics.refresh();
        return new Scrape(registry);
    }

    @Test
    @DisplayName("have in a scrape the names and types that the list tells, and no others")
    void names() {
        metrics.bindTo(registry);
        incidents.settled();
        Map<String, String> expected = new TreeMap<>();
        for (HoldfastMeter meter : HoldfastMeter.values()) {
            expected.putAll(PrometheusNames.types(meter));
        }
        assertThat(scrape().types()).containsExactlyInAnyOrderEntriesOf(expected);
        assertThat(expected)
                .containsKeys(
                        "holdfast_budget_remaining_usd",
                        "holdfast_budget_remaining_tokens",
                        "holdfast_budget_utilization_ratio",
                        "holdfast_calls_total",
                        "holdfast_spend_usd_total",
                        "holdfast_tokens_total",
                        "holdfast_store_operation_seconds",
                        "holdfast_holds_oldest_age_seconds");
    }

    @Test
    @DisplayName("have the tags that the list tells, and of a tag that has few values no others than it names")
    void tags() {
        metrics.bindTo(registry);
        incidents.settled();
        incidents.refused();
        Scrape scrape = scrape();
        for (HoldfastMeter meter : HoldfastMeter.values()) {
            Set<String> keys = meter.tags().stream()
                    .map(tag -> tag.key().replace('.', '_'))
                    .collect(Collectors.toSet());
            for (String name : PrometheusNames.of(meter)) {
                assertThat(scrape.series(name))
                        .as(name)
                        .isNotEmpty()
                        .allSatisfy(series -> assertThat(Scrape.labels(series).keySet())
                                .as(series)
                                .isEqualTo(keys));
                for (MeterTag tag : meter.tags()) {
                    if (FEW_VALUES.contains(tag)) {
                        String meaning = tag == MeterTag.KIND ? meter.description() : tag.meaning();
                        assertThat(scrape.series(name))
                                .allSatisfy(series -> assertThat(meaning)
                                        .as(series)
                                        .contains("`"
                                                + Scrape.labels(series)
                                                        .get(tag.key().replace('.', '_')) + "`"));
                    }
                }
            }
        }
    }

    @Test
    @DisplayName("show every limit with its scope, meter, window and models, in dollars, tokens and calls")
    void budgets() {
        metrics.bindTo(registry);
        incidents.settled();
        Reservation open = incidents.team().reserve(Incidents.call());
        Scrape scrape = scrape();
        double cost = 1.0 / 1e9 * incidents.team().summary().limits().get(0).committed();
        double held = 1.0 / 1e9 * open.estimate().amounts().cost();
        String day = "{enforcement=\"hard\",meter=\"cost\",models=\"*\",scope=\"team\",window=\"rolling(PT24H)\"}";
        assertThat(cost).isPositive();
        assertThat(scrape.value("holdfast_budget_limit_usd" + day)).isEqualTo(1.0);
        assertThat(scrape.value("holdfast_budget_committed_usd" + day)).isEqualTo(cost, EXACT);
        assertThat(scrape.value("holdfast_budget_held_usd" + day)).isEqualTo(held, EXACT);
        assertThat(scrape.value("holdfast_budget_remaining_usd" + day)).isEqualTo(1 - cost - held, EXACT);
        assertThat(scrape.value("holdfast_budget_utilization_ratio" + day)).isEqualTo(cost + held, EXACT);
        assertThat(
                        scrape.value(
                                "holdfast_budget_committed_tokens"
                                        + "{enforcement=\"hard\",meter=\"tokens\",models=\"gpt-*\",scope=\"team\",window=\"lifetime\"}"))
                .isEqualTo(990);
        assertThat(
                        scrape.value(
                                "holdfast_budget_remaining_calls"
                                        + "{enforcement=\"alert_only\",meter=\"calls\",models=\"*\",scope=\"team\",window=\"lifetime\"}"))
                .isEqualTo(998);
        assertThat(scrape.value("holdfast_holds_open")).isEqualTo(1);
        incidents.pass(Duration.ofMinutes(5));
        assertThat(scrape().value("holdfast_holds_oldest_age_seconds")).isEqualTo(300);
    }

    @Test
    @DisplayName("count calls by what came of them, refusals by the kind of limit, and errors of the store")
    void calls() {
        incidents.settled();
        incidents.abandoned();
        incidents.recorded();
        incidents.refused();
        incidents.failed();
        metrics.bindTo(registry);
        Scrape scrape = scrape();
        assertThat(scrape.value("holdfast_calls_total{outcome=\"admitted\"}")).isEqualTo(4);
        assertThat(scrape.value("holdfast_calls_total{outcome=\"denied\"}")).isEqualTo(1);
        assertThat(scrape.value("holdfast_calls_total{outcome=\"failed\"}")).isEqualTo(2);
        assertThat(scrape.value("holdfast_denials_total{meter=\"calls\",window_type=\"lifetime\"}"))
                .isEqualTo(1);
        assertThat(scrape.value("holdfast_denials_total{meter=\"cost\",window_type=\"rolling\"}"))
                .isZero();
        assertThat(scrape.value("holdfast_store_errors_total{kind=\"failed\"}")).isEqualTo(1);
        assertThat(scrape.value("holdfast_store_errors_total{kind=\"unknown\"}"))
                .isEqualTo(1);
        assertThat(scrape.value("holdfast_alerts_total{meter=\"cost\",threshold=\"below\"}"))
                .isEqualTo(1);
        assertThat(scrape.value("holdfast_alerts_total{meter=\"calls\",threshold=\"limit\"}"))
                .isEqualTo(1);
    }

    @Test
    @DisplayName("tell calls that go to a cheaper model, wait, or are cut short from those that go as asked")
    void onTheWay() {
        metrics.bindTo(registry);
        incidents.onTheWay();
        Scrape scrape = scrape();
        for (String outcome : new String[] {"admitted", "downgraded", "throttled", "clamped", "denied"}) {
            assertThat(scrape.value("holdfast_calls_total{outcome=\"" + outcome + "\"}"))
                    .as(outcome)
                    .isEqualTo(1);
        }
        assertThat(scrape.value("holdfast_denials_total{meter=\"output_tokens\",window_type=\"lifetime\"}"))
                .isEqualTo(1);
    }

    @Test
    @DisplayName("count the same call once, however often it is asked for")
    void repeated() {
        metrics.bindTo(registry);
        Reservation hold = incidents.team().reserve(Incidents.call().id("once"));
        incidents.team().reserve(Incidents.call().id("once"));
        hold.commit(Incidents.USAGE);
        hold.commit(Incidents.USAGE);
        incidents.team().record(Call.of("s", Incidents.MODEL).id("book"), Usage.of(7, 0));
        incidents.team().record(Call.of("s", Incidents.MODEL).id("book"), Usage.of(7, 0));
        Scrape scrape = scrape();
        assertThat(scrape.value("holdfast_calls_total{outcome=\"admitted\"}")).isEqualTo(2);
        assertThat(scrape.value("holdfast_tokens_total{kind=\"input\",model=\"gpt\",provider=\"openai\"}"))
                .isEqualTo(807);
        incidents.poor().record(Call.of("s", Incidents.MODEL).id("first"), Usage.of(7, 0));
        for (int i = 0; i < 3; i++) {
            assertThat(incidents
                            .poor()
                            .record(Call.of("s", Incidents.MODEL).id("beyond"), Usage.of(7, 0))
                            .allowed())
                    .isFalse();
        }
        scrape = scrape();
        assertThat(scrape.value("holdfast_calls_total{outcome=\"denied\"}")).isEqualTo(1);
        assertThat(scrape.sum("holdfast_denials_total")).isEqualTo(1);
        assertThat(scrape.sum("holdfast_calls_total")).isEqualTo(4);
    }

    @Test
    @DisplayName("count the calls of those who do not wait alike, and no child session as a call")
    void otherWays() {
        metrics.bindTo(registry);
        incidents
                .team()
                .async()
                .reserve(Incidents.call())
                .thenCompose(hold -> hold.commitAsync(Incidents.USAGE))
                .join();
        assertThat(incidents.poor().async().tryReserve(Incidents.call()).join().allowed())
                .isTrue();
        assertThat(incidents.poor().async().tryReserve(Incidents.call()).join().allowed())
                .isFalse();
        incidents.broken(
                new StoreException("the disk is full", null),
                () -> assertThatThrownBy(() -> incidents
                                .team()
                                .async()
                                .reserve(Incidents.call())
                                .join())
                        .hasRootCauseMessage("the disk is full"));
        BudgetSession parent = incidents.team().session("parent");
        BudgetSession child = parent.child("child", Usd.of("0.01"), Duration.ofHours(1));
        assertThatThrownBy(() -> parent.child("too much", Usd.of("5.00"), Duration.ofHours(1)))
                .isInstanceOf(BudgetExceededException.class);
        child.close();
        Scrape scrape = scrape();
        assertThat(scrape.value("holdfast_calls_total{outcome=\"admitted\"}")).isEqualTo(2);
        assertThat(scrape.value("holdfast_calls_total{outcome=\"denied\"}")).isEqualTo(1);
        assertThat(scrape.value("holdfast_calls_total{outcome=\"failed\"}")).isEqualTo(1);
        assertThat(scrape.value("holdfast_store_errors_total{kind=\"failed\"}")).isEqualTo(1);
        assertThat(scrape.sum("holdfast_denials_total")).isEqualTo(1);
    }

    @Test
    @DisplayName("add up spend by kind, provider and family, to what the ledger has booked")
    void spend() {
        metrics.bindTo(registry);
        incidents.settled();
        incidents.abandoned();
        incidents.overshot();
        incidents.recorded();
        Reservation late = incidents.expired();
        incidents.expired();
        incidents.givenUp();
        late.commit(Incidents.USAGE);
        Scrape scrape = scrape();
        double sum = 0;
        for (String kind : new String[] {"committed", "estimated", "recorded", "in_doubt", "reversed", "late"}) {
            double value =
                    scrape.value("holdfast_spend_usd_total{kind=\"" + kind + "\",model=\"gpt\",provider=\"openai\"}");
            assertThat(value).as(kind).isPositive();
            sum += kind.equals("reversed") ? -value : value;
        }
        double booked = incidents.team().summary().limits().get(0).committed() / 1e9;
        assertThat(sum).isEqualTo(booked, EXACT);
        assertThat(scrape.value("holdfast_tokens_total{kind=\"cache_write_long\",model=\"gpt\",provider=\"openai\"}"))
                .isEqualTo(80);
        assertThat(scrape.value("holdfast_overshoot_calls_total")).isEqualTo(1);
        assertThat(scrape.value("holdfast_overshoot_usd_total")).isEqualTo(0.002, EXACT);
        assertThat(scrape.value("holdfast_holds_expired_total")).isEqualTo(3);
        assertThat(scrape.value("holdfast_holds_in_doubt_total")).isEqualTo(2);
        assertThat(scrape.value("holdfast_commits_late_total")).isEqualTo(1);
    }

    @Test
    @DisplayName("time every operation of a store that gathers, and show its batches and queue")
    void store() {
        metrics.bindTo(registry);
        incidents.settled();
        incidents.settled();
        Scrape scrape = scrape();
        assertThat(scrape.value("holdfast_store_operation_seconds_count{operation=\"reserve\"}"))
                .isEqualTo(2);
        assertThat(scrape.value("holdfast_store_operation_seconds_bucket{operation=\"commit\",le=\"+Inf\"}"))
                .isEqualTo(2);
        assertThat(scrape.value("holdfast_store_batch_operations_sum")).isEqualTo(4);
        assertThat(scrape.value("holdfast_store_waiting_operations")).isZero();
        assertThat(scrape.value("holdfast_survey_age_seconds")).isBetween(0.0, 3600.0);
    }

    @Test
    @DisplayName("time each kind of operation by itself, in a histogram")
    void everyOperation() {
        metrics.bindTo(registry);
        Reservation hold = incidents.team().reserve(Incidents.call());
        hold.extend(Duration.ofMinutes(20));
        hold.release();
        incidents.settled();
        incidents.recorded();
        incidents.team().check(Incidents.call());
        incidents.team().summary();
        incidents.team().resetSession("session");
        Scrape scrape = scrape();
        Map<String, Integer> expected = Map.of(
                "reserve", 2, "extend", 1, "release", 1, "commit", 1, "record", 1, "check", 1, "inspect", 1, "define",
                1, "sweep", 0);
        expected.forEach((operation, count) -> {
            String tag = "{operation=\"" + operation + "\"";
            assertThat(scrape.value("holdfast_store_operation_seconds_count" + tag + "}"))
                    .as(operation)
                    .isEqualTo((double) count);
            assertThat(scrape.value("holdfast_store_operation_seconds_bucket" + tag + ",le=\"10.0\"}"))
                    .as(operation)
                    .isEqualTo((double) count);
            assertThat(scrape.series("holdfast_store_operation_seconds_bucket" + tag))
                    .hasSizeGreaterThan(10);
        });
        assertThat(expected.keySet())
                .isEqualTo(Stream.of(OperationType.values())
                        .map(type -> type.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet()));
    }

    @Test
    @DisplayName("show how many operations are on their way, and gather those into one batch")
    void queue() throws Exception {
        metrics.bindTo(registry);
        CountDownLatch under = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        List<CompletableFuture<Reservation>> calls = new ArrayList<>();
        incidents.beforeEachBatch(() -> {
            under.countDown();
            try {
                go.await();
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
        });
        calls.add(incidents.team().async().reserve(Incidents.call()));
        under.await();
        for (int i = 0; i < 7; i++) {
            calls.add(incidents.team().async().reserve(Incidents.call()));
        }
        assertThat(new Scrape(registry).value("holdfast_store_waiting_operations"))
                .isEqualTo(8);
        go.countDown();
        calls.forEach(CompletableFuture::join);
        Scrape scrape = scrape();
        assertThat(scrape.value("holdfast_store_waiting_operations")).isZero();
        assertThat(scrape.value("holdfast_store_batch_operations_bucket{le=\"4.0\"}"))
                .isEqualTo(1);
        assertThat(scrape.value("holdfast_store_batch_operations_bucket{le=\"8.0\"}"))
                .isEqualTo(2);
        assertThat(scrape.value("holdfast_store_batch_operations_sum")).isEqualTo(8);
        assertThat(scrape.value("holdfast_holds_open")).isEqualTo(8);
    }

    @Test
    @DisplayName("can be scraped at any time, also while they are read, and follow the limits that come and go")
    void scrapedWhileRead() throws Exception {
        metrics.bindTo(registry);
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            while (!done.get()) {
                metrics.refresh();
            }
        });
        reader.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
        reader.start();
        for (int i = 0; i < 300; i++) {
            incidents.settled();
            assertThat(new Scrape(registry).types()).containsKey("holdfast_calls_total");
        }
        done.set(true);
        reader.join();
        assertThat(failure).hasNullValue();
        assertThat(scrape().series("holdfast_budget_limit_usd")).hasSize(1);
        incidents.forgetTeam();
        assertThat(scrape().series("holdfast_budget_limit_usd")).isEmpty();
        assertThat(scrape().series("holdfast_budget_limit_calls")).hasSize(1);
    }

    @Test
    @DisplayName("bound to two registries are the same in both")
    void twoRegistries() {
        SimpleMeterRegistry simple = new SimpleMeterRegistry();
        metrics.bindTo(registry);
        metrics.bindTo(simple);
        incidents.settled();
        metrics.refresh();
        assertThat(simple.get("holdfast.calls")
                        .tag("outcome", "admitted")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(scrape().value("holdfast_calls_total{outcome=\"admitted\"}")).isEqualTo(1);
    }

    @Test
    @DisplayName("stay as they were where the ledger cannot be read, and are read no more once it is closed")
    void closedLedger() {
        metrics.bindTo(registry);
        incidents.settled();
        metrics.refresh();
        incidents.close();
        metrics.refresh();
        assertThat(new Scrape(registry).value("holdfast_calls_total{outcome=\"admitted\"}"))
                .isEqualTo(1);
        assertThat(new Scrape(registry).series("holdfast_budget_limit_usd")).isEmpty();
    }

    @Test
    @DisplayName("in a registry that throws at every turn change no outcome and lose no count")
    void throwingRegistry() {
        Throwing throwing = new Throwing();
        metrics.bindTo(throwing);
        throwing.throwing = true;
        incidents.settled();
        incidents.refused();
        incidents.overshot();
        for (int i = 0; throwing.thrown == 0; i++) {
            assertThat(i).as("milliseconds until it throws").isLessThan(60_000);
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
        metrics.bindTo(registry);
        Scrape scrape = new Scrape(registry);
        assertThat(scrape.value("holdfast_calls_total{outcome=\"admitted\"}")).isEqualTo(3);
        assertThat(scrape.value("holdfast_calls_total{outcome=\"denied\"}")).isEqualTo(1);
        assertThat(incidents.team().summary().openHolds()).isZero();
        assertThat(incidents.poor().summary().limits().get(0).committed()).isEqualTo(1);
    }

    @Test
    @DisplayName("in a registry that throws are right in the others, and come back once it throws no more")
    void oneThrowingRegistry() {
        Throwing throwing = new Throwing();
        metrics.bindTo(throwing);
        metrics.bindTo(registry);
        throwing.throwing = true;
        incidents.settled();
        assertThatThrownBy(metrics::refresh).hasMessage("this registry throws");
        Scrape scrape = new Scrape(registry);
        assertThat(scrape.value("holdfast_store_operation_seconds_count{operation=\"reserve\"}"))
                .isEqualTo(1);
        assertThat(scrape.series("holdfast_budget_limit_usd")).hasSize(1);
        assertThat(scrape.sum("holdfast_spend_usd_total")).isPositive();
        throwing.throwing = false;
        metrics.refresh();
        assertThat(throwing.get("holdfast.budget.limit").gauges()).hasSize(4);
        assertThat(throwing.get("holdfast.spend").functionCounters()).hasSize(6);
        assertThat(throwing.get("holdfast.tokens").functionCounters()).hasSize(5);
    }

    @Test
    @DisplayName("refuse to be bounded or read in a way that makes no sense")
    void badInput() {
        assertThatThrownBy(() -> HoldfastMetrics.builder().mostSeries(19))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("19");
        assertThatThrownBy(() -> HoldfastMetrics.builder().every(Duration.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> HoldfastMetrics.builder().always("")).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("time some operations of a ledger in memory, and count all")
    void memory() {
        PrometheusMeterRegistry memoryRegistry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (HoldfastMetrics other = HoldfastMetrics.create();
                BudgetManager budgets = BudgetManager.builder().observer(other).build()) {
            other.bindTo(memoryRegistry);
            budgets.register(BudgetScope.named("alice").maxCostPerDay("1000.00").build());
            for (int i = 0; i < 2_000; i++) {
                budgets.budget("alice").reserve(Incidents.call()).commit(Incidents.USAGE);
            }
        }
        Scrape scrape = new Scrape(memoryRegistry);
        assertThat(scrape.value("holdfast_calls_total{outcome=\"admitted\"}")).isEqualTo(2_000);
        assertThat(scrape.value("holdfast_store_operation_seconds_count{operation=\"reserve\"}"))
                .isBetween(1.0, 500.0);
    }

    /** Throws from every timer, summary and registration, once it has begun to. */
    private static final class Throwing extends SimpleMeterRegistry {
        volatile boolean throwing;
        volatile long thrown;

        Throwing() {
            config().meterFilter(new MeterFilter() {
                @Override
                public Meter.Id map(Meter.Id id) {
                    fail();
                    return id;
                }
            });
        }

        @Override
        protected Timer newTimer(Meter.Id id, DistributionStatisticConfig statistics, PauseDetector pauses) {
            Timer timer = super.newTimer(id, statistics, pauses);
            return new io.micrometer.core.instrument.AbstractTimer(
                    id, clock, statistics, pauses, TimeUnit.SECONDS, false) {
                @Override
                protected void recordNonNegative(long amount, TimeUnit unit) {
                    fail();
                    timer.record(amount, unit);
                }

                @Override
                public long count() {
                    return timer.count();
                }

                @Override
                public double totalTime(TimeUnit unit) {
                    return timer.totalTime(unit);
                }

                @Override
                public double max(TimeUnit unit) {
                    return timer.max(unit);
                }
            };
        }

        private void fail() {
            if (throwing) {
                thrown++;
                throw new IllegalStateException("this registry throws");
            }
        }
    }
}
