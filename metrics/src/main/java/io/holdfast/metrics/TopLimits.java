package io.holdfast.metrics;

import io.holdfast.limit.LimitState;
import io.holdfast.unit.Meter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Chooses the limits that get series of their own: those of the scopes that are always shown, then the most used. Of the
 * rest it keeps sums only, so a million limits take no more memory than the chosen ones.
 */
final class TopLimits implements Consumer<LimitState> {
    /** One row of each kind of limit is for the rest. */
    static final int ROWS_OF_REST = Meter.values().length;

    private static final Comparator<Ranked> LEAST_FIRST =
            Comparator.comparing(Ranked::always).thenComparingDouble(Ranked::utilization);

    private final int most;
    private final Set<String> always;
    private final PriorityQueue<Ranked> chosen = new PriorityQueue<>(LEAST_FIRST);
    private final Map<Meter, Rest> rest = new EnumMap<>(Meter.class);

    private record Ranked(LimitState state, boolean always, double utilization) {}

    /** The sums of the limits that were not chosen, in the unit of their meter. */
    static final class Rest {
        double limit;
        double committed;
        double held;
        double remaining;

        private void add(LimitState state) {
            limit += state.limit().amount();
            committed += state.committed();
            held += state.held();
            remaining += state.remaining();
        }
    }

    /** Takes the most rows there may be, those of the rest included, and the scopes that are always shown. */
    TopLimits(int mostRows, Set<String> always) {
        this.most = mostRows - ROWS_OF_REST;
        this.always = always;
    }

    @Override
    public void accept(LimitState state) {
        boolean first = always.contains(state.scope());
        double utilization = utilization((double) state.committed(), (double) state.held(), (double)
                state.limit().amount());
        if (chosen.size() < most) {
            chosen.add(new Ranked(state, first, utilization));
            return;
        }
        Ranked least = chosen.peek();
        if (least != null && (first != least.always() ? first : Double.compare(utilization, least.utilization()) > 0)) {
            chosen.poll();
            chosen.add(new Ranked(state, first, utilization));
            dismiss(least.state());
        } else {
            dismiss(state);
        }
    }

    List<LimitState> chosen() {
        List<LimitState> states = new ArrayList<>();
        chosen.forEach(ranked -> states.add(ranked.state()));
        return states;
    }

    Map<Meter, Rest> rest() {
        return rest;
    }

    static double utilization(double committed, double held, double limit) {
        return limit == 0 ? 1 : (committed + held) / limit;
    }

    private void dismiss(LimitState state) {
        rest.computeIfAbsent(state.limit().meter(), meter -> new Rest()).add(state);
    }
}
