package io.holdfast.metrics;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.unit.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The gauges of limits in one registry. */
final class BudgetGauges {
    private static final double NANOS = 1e9;
    private static final String OTHER = "other";

    private final Map<HoldfastMeter, Map<String, Rows>> gauges = new EnumMap<>(HoldfastMeter.class);

    BudgetGauges(MeterRegistry registry) {
        for (HoldfastMeter meter : List.of(
                HoldfastMeter.BUDGET_LIMIT,
                HoldfastMeter.BUDGET_COMMITTED,
                HoldfastMeter.BUDGET_HELD,
                HoldfastMeter.BUDGET_REMAINING,
                HoldfastMeter.BUDGET_UTILIZATION)) {
            Map<String, Rows> byUnit = new LinkedHashMap<>();
            for (String unit : meter.baseUnits()) {
                byUnit.put(
                        unit,
                        new Rows(MultiGauge.builder(meter.meterName())
                                .description(meter.description())
                                .baseUnit(unit)
                                .register(registry)));
            }
            gauges.put(meter, byUnit);
        }
    }

    /** Shows these limits and no others. */
    void show(TopLimits top) {
        for (LimitState state : top.chosen()) {
            Limit limit = state.limit();
            Tags tags = Tags.of(
                    MeterTag.SCOPE.key(), state.scope(),
                    MeterTag.METER.key(), name(limit.meter()),
                    MeterTag.WINDOW.key(), limit.window().toString(),
                    MeterTag.MODELS.key(), limit.models().toString(),
                    MeterTag.ENFORCEMENT.key(), limit.enforcement().name().toLowerCase(Locale.ROOT));
            add(
                    limit.meter(),
                    tags,
                    (double) limit.amount(),
                    (double) state.committed(),
                    (double) state.held(),
                    (double) state.remaining());
        }
        top.rest().forEach((meter, rest) -> {
            Tags tags = Tags.of(
                    MeterTag.SCOPE.key(), OTHER,
                    MeterTag.METER.key(), name(meter),
                    MeterTag.WINDOW.key(), OTHER,
                    MeterTag.MODELS.key(), OTHER,
                    MeterTag.ENFORCEMENT.key(), OTHER);
            add(meter, tags, rest.limit, rest.committed, rest.held, rest.remaining);
        });
        gauges.values().forEach(byUnit -> byUnit.values().forEach(Rows::show));
    }

    private void add(Meter meter, Tags tags, double limit, double committed, double held, double remaining) {
        double scale = meter == Meter.COST ? NANOS : 1;
        String unit = unit(meter);
        set(HoldfastMeter.BUDGET_LIMIT, unit, tags, limit / scale);
        set(HoldfastMeter.BUDGET_COMMITTED, unit, tags, committed / scale);
        set(HoldfastMeter.BUDGET_HELD, unit, tags, held / scale);
        set(HoldfastMeter.BUDGET_REMAINING, unit, tags, remaining / scale);
        set(HoldfastMeter.BUDGET_UTILIZATION, "ratio", tags, TopLimits.utilization(committed, held, limit));
    }

    private void set(HoldfastMeter meter, String unit, Tags tags, double value) {
        Rows rows = gauges.getOrDefault(meter, Map.of()).get(unit);
        if (rows != null) {
            rows.set(tags, value);
        }
    }

    static String name(Meter meter) {
        return meter.name().toLowerCase(Locale.ROOT);
    }

    private static String unit(Meter meter) {
        return switch (meter) {
            case COST -> "usd";
            case TOKENS, INPUT_TOKENS, OUTPUT_TOKENS -> "tokens";
            case CALLS -> "calls";
        };
    }

    /** A value that a registry may read at any time. */
    private static final class Cell {
        volatile double value;
        boolean current;
    }

    /**
     * The rows of one gauge. A row that stays keeps its place in the registry and only its value changes: to take it out and
     * put it in again would let a scrape of that moment fail.
     */
    private static final class Rows {
        private final MultiGauge gauge;
        private final Map<Tags, Cell> cells = new HashMap<>();

        Rows(MultiGauge gauge) {
            this.gauge = gauge;
        }

        void set(Tags tags, double value) {
            Cell cell = cells.computeIfAbsent(tags, made -> new Cell());
            cell.value = value;
            cell.current = true;
        }

        /** Shows the rows that were set since this was last called. */
        void show() {
            cells.values().removeIf(cell -> !cell.current);
            List<MultiGauge.Row<?>> rows = new ArrayList<>();
            cells.forEach((tags, cell) -> {
                cell.current = false;
                rows.add(MultiGauge.Row.of(tags, cell, read -> read.value));
            });
            gauge.register(rows);
        }
    }
}
