package io.holdfast.benchmark;

import java.util.List;

/**
 * What came of a row.
 *
 * @param row the row
 * @param ours operations per second of each round
 * @param peer operations per second of each round
 * @param load the load average of the machine when the row began and when it ended
 * @param voided why the row does not count, or empty
 */
record Result(Row row, List<Double> ours, List<Double> peer, List<Double> load, String voided) {
    private static final double NOISY = 2.0;

    List<Double> ratios() {
        return java.util.stream.IntStream.range(0, Math.min(ours.size(), peer.size()))
                .mapToObj(i -> ours.get(i) / peer.get(i))
                .sorted()
                .toList();
    }

    double median() {
        return median(ratios());
    }

    boolean noisy() {
        List<Double> ratios = ratios();
        return !ratios.isEmpty() && ratios.get(ratios.size() - 1) / ratios.get(0) > NOISY;
    }

    String verdict() {
        if (!voided.isEmpty()) {
            return "void: " + voided;
        }
        if (row.floor() == 0) {
            return noisy() ? "no floor (noisy)" : "no floor";
        }
        String reached = median() >= row.moonshot() ? "moonshot" : median() >= row.floor() ? "floor" : "below floor";
        return noisy() ? reached + " (noisy)" : reached;
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }
}
