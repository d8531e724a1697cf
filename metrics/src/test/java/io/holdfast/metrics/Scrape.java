package io.holdfast.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a Prometheus server would read: the value of each series, by its full name. */
final class Scrape {
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    private final Map<String, Double> series = new TreeMap<>();
    private final Map<String, String> types = new TreeMap<>();

    Scrape(PrometheusMeterRegistry registry) {
        for (String line : registry.scrape().split("\n")) {
            if (line.startsWith("# TYPE ")) {
                String[] parts = line.split(" ");
                types.put(parts[2], parts[3]);
            } else if (!line.startsWith("#") && !line.isBlank()) {
                int space = line.lastIndexOf(' ');
                series.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            }
        }
    }

    double value(String name) {
        Double value = series.get(name);
        if (value == null) {
            throw new AssertionError("no series " + name + " among " + series.keySet());
        }
        return value;
    }

    /** Returns the labels of a series by their names, without those of a histogram's buckets. */
    static Map<String, String> labels(String series) {
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(series);
        while (label.find()) {
            labels.put(label.group(1), label.group(2));
        }
        labels.remove("le");
        return labels;
    }

    /** Returns the sum of the series whose names begin so. */
    double sum(String begin) {
        return series(begin).stream().mapToDouble(this::value).sum();
    }

    /** Returns the names of the families of series and their types. */
    Map<String, String> types() {
        return types;
    }

    /** Returns the full names of the series whose names begin so. */
    Set<String> series(String begin) {
        Set<String> found = new TreeSet<>(series.keySet());
        found.removeIf(name -> !name.startsWith(begin));
        return found;
    }
}
