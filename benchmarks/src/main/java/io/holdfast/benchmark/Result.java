package io.holdfast.benchmark;

import java.util.List;
import java.util.stream.IntStream;

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
    private static final int FEWEST_ROUNDS = 5;

    /** Returns ours by the peer's of each round, the smallest first; none of a row that does not count. */
    List<Double> ratios() {
        if (!voided.isEmpty()) {
            return List.of();
        }
        return IntStream.range(0, Math.min(ours.size(), peer.size()))
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

    /** Tells whether the row has a floor and was measured well enough to be held to it. */
    boolean gated() {
        return row.floor() > 0 && !noisy() && ratios().size() >= FEWEST_ROUNDS;
    }

    /** Tells whether the row keeps a release from going out. */
    boolean fails() {
        return !voided.isEmpty() || (gated() && median() < row.floor());
    }

    String verdict() {
        if (!voided.isEmpty()) {
            return "void: " + voided;
        }
        String reached = row.floor() == 0
                ? "no floor"
                : median() >= row.moonshot() ? "moonshot" : median() >= row.floor() ? "floor" : "below floor";
        return reached
                + (noisy() ? ", noisy" : "")
                + (row.floor() > 0 && ratios().size() < FEWEST_ROUNDS ? ", too few rounds" : "")
                + (row.floor() > 0 && !gated() ? ": not gated" : "");
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }
}
