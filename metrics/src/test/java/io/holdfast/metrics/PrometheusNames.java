package io.holdfast.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a meter is called in Prometheus. */
final class PrometheusNames {
    private static final PrometheusNamingConvention CONVENTION = new PrometheusNamingConvention();

    private PrometheusNames() {}

    /** Returns the names of a meter, one for each of its units. */
    static List<String> of(HoldfastMeter meter) {
        List<String> names = new ArrayList<>();
        String suffix = meter.type() == Meter.Type.COUNTER ? "_total" : "";
        if (meter.baseUnits().isEmpty()) {
            names.add(CONVENTION.name(meter.meterName(), meter.type(), null) + suffix);
        }
        meter.baseUnits().forEach(unit -> names.add(CONVENTION.name(meter.meterName(), meter.type(), unit) + suffix));
        return names;
    }

    /** Returns the families of series that a meter has, and their types. */
    static Map<String, String> types(HoldfastMeter meter) {
        Map<String, String> types = new TreeMap<>();
        for (String name : of(meter)) {
            switch (meter.type()) {
                case COUNTER -> types.put(name, "counter");
                case GAUGE -> types.put(name, "gauge");
                default -> {
                    types.put(name, "histogram");
                    types.put(name + "_max", "gauge");
                }
            }
        }
        return types;
    }
}
