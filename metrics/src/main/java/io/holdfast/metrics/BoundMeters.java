package io.holdfast.metrics;

import io.holdfast.spi.EntryKind;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All meters in one registry. */
final class BoundMeters {
    private static final double NANOS = 1e9;
    private static final String KIND = MeterTag.KIND.key();
    private static final Duration[] BUCKETS = Stream.of(
                    10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
            .map(micros -> Duration.ofNanos(micros * 1_000L))
            .toArray(Duration[]::new);
    private static final double[] BATCHES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

    private final MeterRegistry registry;
    private final Tallies tallies;
    private final Samples samples = new Samples();
    private final Map<OperationType, Timer> timers = new EnumMap<>(OperationType.class);
    private final DistributionSummary batches;
    private final BudgetGauges gauges;
    private final Set<ModelFamily> families = new HashSet<>();

    BoundMeters(MeterRegistry registry, Tallies tallies, Ledgers ledgers) {
        this.registry = registry;
        this.tallies = tallies;
        this.gauges = new BudgetGauges(registry);
        for (OperationType type : OperationType.values()) {
            timers.put(type, timer(type));
        }
        this.batches = DistributionSummary.builder(HoldfastMeter.STORE_BATCH.meterName())
                .description(HoldfastMeter.STORE_BATCH.description())
                .baseUnit(unit(HoldfastMeter.STORE_BATCH))
                .serviceLevelObjectives(BATCHES)
                .register(registry);
        gauge(HoldfastMeter.HOLDS_OPEN, ledgers, Ledgers::openHolds);
        gauge(HoldfastMeter.HOLDS_OLDEST, ledgers, Ledgers::oldestAgeSeconds);
        gauge(HoldfastMeter.STORE_WAITING, ledgers, Ledgers::waiting);
        gauge(HoldfastMeter.SPOOL, ledgers, Ledgers::spooled);
        gauge(HoldfastMeter.SURVEY_AGE, ledgers, Ledgers::surveyAgeSeconds);
        counters();
        spend();
    }

    void record(OperationType type, long nanos) {
        samples.add(() -> Objects.requireNonNull(timers.get(type)).record(nanos, TimeUnit.NANOSECONDS));
    }

    void gathered(int operations) {
        samples.add(() -> batches.record(operations));
    }

    /** Tells what was measured and is not told yet, and takes no more. */
    void close() {
        samples.close();
    }

    void show(TopLimits top) {
        samples.await();
        spend();
        gauges.show(top);
    }

    /** Registers the families of models that came since this was last called. */
    synchronized void spend() {
        for (SpendTally tally : tallies.spend.all()) {
            if (!families.contains(tally.family)) {
                spend(tally);
                families.add(tally.family);
            }
        }
    }

    private void spend(SpendTally tally) {
        Tags model = Tags.of(
                MeterTag.PROVIDER.key(), tally.family.provider(),
                MeterTag.MODEL.key(), tally.family.family());
        for (EntryKind kind : EntryKind.values()) {
            counter(HoldfastMeter.SPEND, model.and(KIND, text(kind)), tally, sums -> sums.nanos(kind) / NANOS);
        }
        for (SpendTally.TokenKind kind : SpendTally.TokenKind.values()) {
            counter(HoldfastMeter.TOKENS, model.and(KIND, text(kind)), tally, sums -> sums.tokens(kind));
        }
    }

    private void counters() {
        tallies.calls.forEach(
                (outcome, sum) -> counter(HoldfastMeter.CALLS, Tags.of(MeterTag.OUTCOME.key(), text(outcome)), sum, 1));
        tallies.denials.forEach((meter, byWindow) -> byWindow.forEach((window, sum) -> counter(
                HoldfastMeter.DENIALS,
                Tags.of(MeterTag.METER.key(), text(meter), MeterTag.WINDOW_TYPE.key(), text(window)),
                sum,
                1)));
        tallies.alerts.forEach((meter, byThreshold) -> byThreshold.forEach((threshold, sum) -> counter(
                HoldfastMeter.ALERTS,
                Tags.of(MeterTag.METER.key(), text(meter), MeterTag.THRESHOLD.key(), text(threshold)),
                sum,
                1)));
        counter(HoldfastMeter.OVERSHOOT, Tags.empty(), tallies.overshootNanos, NANOS);
        counter(HoldfastMeter.OVERSHOOT_CALLS, Tags.empty(), tallies.overshootCalls, 1);
        counter(HoldfastMeter.HOLDS_EXPIRED, Tags.empty(), tallies.expired, 1);
        counter(HoldfastMeter.HOLDS_IN_DOUBT, Tags.empty(), tallies.inDoubt, 1);
        counter(HoldfastMeter.COMMITS_LATE, Tags.empty(), tallies.late, 1);
        counter(HoldfastMeter.STORE_ERRORS, Tags.of(KIND, "failed"), tallies.storeFailed, 1);
        counter(HoldfastMeter.STORE_ERRORS, Tags.of(KIND, "unknown"), tallies.storeUnknown, 1);
    }

    private void counter(HoldfastMeter meter, Tags tags, LongAdder tally, double scale) {
        counter(meter, tags, tally, sum -> sum.sum() / scale);
    }

    private <T> void counter(HoldfastMeter meter, Tags tags, T tally, ToDoubleFunction<T> value) {
        FunctionCounter.builder(meter.meterName(), tally, value)
                .description(meter.description())
                .baseUnit(unit(meter))
                .tags(tags)
                .register(registry);
    }

    private void gauge(HoldfastMeter meter, Ledgers ledgers, ToDoubleFunction<Ledgers> value) {
        Gauge.builder(meter.meterName(), ledgers, value)
                .description(meter.description())
                .baseUnit(unit(meter))
                .strongReference(true)
                .register(registry);
    }

    private Timer timer(OperationType type) {
        return Timer.builder(HoldfastMeter.STORE_OPERATION.meterName())
                .description(HoldfastMeter.STORE_OPERATION.description())
                .tag(MeterTag.OPERATION.key(), text(type))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private static @Nullable String unit(HoldfastMeter meter) {
        return meter.baseUnits().isEmpty() ? null : meter.baseUnits().get(0);
    }

    private static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
