package io.holdfast.pricing;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The prices of one model over time: each holds from the start of its UTC day until the next one begins. Immutable. */
final class Timeline {
    private static final long ALWAYS = Long.MIN_VALUE;

    private final List<Dated> prices;

    private Timeline(List<Dated> prices) {
        this.prices = prices;
    }

    static Timeline of(ModelPrice price) {
        return new Timeline(List.of(new Dated(ALWAYS, price)));
    }

    static Timeline from(LocalDate day, ModelPrice price) {
        return new Timeline(List.of(new Dated(day.toEpochDay(), price)));
    }

    /** This timeline with a price that holds from a day on, until the next one that is already there. */
    Timeline changing(LocalDate day, ModelPrice price) {
        return changing(new Dated(day.toEpochDay(), price));
    }

    /** What holds when this timeline is laid over another: this one, or its changes where it does not cover all time. */
    Timeline over(Timeline below) {
        if (prices.get(0).fromDay == ALWAYS) {
            return this;
        }
        Timeline merged = below;
        for (Dated change : prices) {
            merged = merged.changing(change);
        }
        return merged;
    }

    /** The price on a day; null before the first price. */
    @Nullable
    ModelPrice on(long epochDay) {
        for (int i = prices.size() - 1; i >= 0; i--) {
            Dated dated = prices.get(i);
            if (dated.fromDay <= epochDay) {
                return dated.price;
            }
        }
        return null;
    }

    /** The price, if it never changes. */
    @Nullable
    ModelPrice always() {
        Dated first = prices.get(0);
        return prices.size() == 1 && first.fromDay == ALWAYS ? first.price : null;
    }

    /** Every price, oldest first; they differ in what they cost, not in whom they name. */
    List<ModelPrice> prices() {
        return prices.stream().map(Dated::price).toList();
    }

    ModelPrice newest() {
        return prices.get(prices.size() - 1).price;
    }

    String id() {
        return newest().id();
    }

    private Timeline changing(Dated change) {
        List<Dated> changed = new ArrayList<>();
        for (Dated dated : prices) {
            if (dated.fromDay < change.fromDay) {
                changed.add(dated);
            }
        }
        changed.add(change);
        for (Dated dated : prices) {
            if (dated.fromDay > change.fromDay) {
                changed.add(dated);
            }
        }
        return new Timeline(List.copyOf(changed));
    }

    private record Dated(long fromDay, ModelPrice price) {}
}
