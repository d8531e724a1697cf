package io.holdfast.limit;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * One cap: what is counted, over what time, for which models, how much, and what happens at the end. An amount of zero
 * denies every charge; unlimited is to have no limit.
 *
 * @param meter what is counted
 * @param window over what time
 * @param models for which models; a family shares one counter
 * @param amount the cap in the meter's unit (nano-dollars for {@link Meter#COST}), zero or more
 * @param enforcement whether the cap refuses or only alerts
 * @param alerts where to alert, in millionths of the amount, rising, each above 0 and at most 10,000,000 (ten times)
 */
public record Limit(
        Meter meter, Window window, ModelPattern models, long amount, Enforcement enforcement, List<Integer> alerts) {
    private static final int WHOLE = 1_000_000;
    private static final int HIGHEST_ALERT = 10 * WHOLE;

    /** Checks the amount and puts the alerts in order. */
    public Limit {
        if (amount < 0) {
            throw new InvalidInputException("limit", Long.toString(amount), "must not be negative");
        }
        for (int alert : alerts) {
            if (alert <= 0 || alert > HIGHEST_ALERT) {
                throw new InvalidInputException(
                        "alert", BigDecimal.valueOf(alert, 6).toPlainString(), "must be above 0 and at most 10");
            }
        }
        alerts = List.copyOf(new TreeSet<>(alerts));
    }

    /**
     * Caps money.
     *
     * @param amount the cap; zero denies every charge
     * @param window over what time
     * @return a hard limit for all models
     */
    public static Limit cost(Usd amount, Window window) {
        return of(Meter.COST, amount.nanos(), window);
    }

    /**
     * Caps tokens of every kind.
     *
     * @param amount the cap in tokens, zero or more
     * @param window over what time
     * @return a hard limit for all models
     * @throws InvalidInputException if the amount is negative
     */
    public static Limit tokens(long amount, Window window) {
        return of(Meter.TOKENS, amount, window);
    }

    /**
     * Caps the number of calls.
     *
     * @param amount the cap in calls, zero or more
     * @param window over what time
     * @return a hard limit for all models
     * @throws InvalidInputException if the amount is negative
     */
    public static Limit calls(long amount, Window window) {
        return of(Meter.CALLS, amount, window);
    }

    /**
     * Caps any meter.
     *
     * @param meter what is counted
     * @param amount the cap in the meter's unit (nano-dollars for {@link Meter#COST}), zero or more
     * @param window over what time
     * @return a hard limit for all models
     * @throws InvalidInputException if the amount is negative
     */
    public static Limit of(Meter meter, long amount, Window window) {
        return new Limit(meter, window, ModelPattern.ANY, amount, Enforcement.HARD, List.of());
    }

    /**
     * Returns this limit for one model or a family of models.
     *
     * @param pattern a model name, or a pattern with stars whose models share one counter
     * @return a copy
     * @throws InvalidInputException if the pattern is no name
     */
    public Limit forModels(String pattern) {
        return new Limit(meter, window, ModelPattern.of(pattern), amount, enforcement, alerts);
    }

    /**
     * Returns this limit as one that refuses nothing.
     *
     * @return a copy
     */
    public Limit alertOnly() {
        return new Limit(meter, window, models, amount, Enforcement.ALERT_ONLY, alerts);
    }

    /**
     * Returns this limit with alerts at these fractions of its amount, in place of those it had.
     *
     * @param fractions each above 0 and at most 10, with at most six decimals
     * @return a copy
     * @throws InvalidInputException if a fraction is out of range
     */
    public Limit alertAt(double... fractions) {
        List<Integer> millionths = new ArrayList<>();
        for (double fraction : fractions) {
            if (!(fraction > 0 && fraction <= 10)) {
                throw new InvalidInputException("alert", Double.toString(fraction), "must be above 0 and at most 10");
            }
            try {
                millionths.add(BigDecimal.valueOf(fraction).movePointRight(6).intValueExact());
            } catch (ArithmeticException tooFine) {
                throw new InvalidInputException("alert", Double.toString(fraction), "must have at most six decimals");
            }
        }
        return new Limit(meter, window, models, amount, enforcement, millionths);
    }

    /**
     * Tells whether the cap refuses what would pass it.
     *
     * @return false if it only alerts
     */
    public boolean hard() {
        return enforcement == Enforcement.HARD;
    }

    /**
     * Returns the amount at which an alert fires.
     *
     * @param alert its place in {@link #alerts()}
     * @return the smallest committed amount that reaches it, in the meter's unit
     */
    public long alertAmount(int alert) {
        long millionths = alerts.get(alert);
        long whole = amount / WHOLE;
        long rest = amount % WHOLE;
        long fraction = -Math.floorDiv(-(rest * millionths), (long) WHOLE);
        return whole > (Long.MAX_VALUE - fraction) / millionths ? Long.MAX_VALUE : whole * millionths + fraction;
    }

    /**
     * Returns what tells this limit from the others of its scope: everything but the amount and the alerts, so that a
     * limit keeps its counter when it is raised or lowered.
     *
     * @return for example {@code cost/rolling(PT24H)} or {@code tokens/session/openai:gpt-4o}
     */
    public String key() {
        StringBuilder key = new StringBuilder(meter.name().toLowerCase(Locale.ROOT));
        key.append('/').append(window);
        if (!models.equals(ModelPattern.ANY)) {
            key.append('/').append(models);
        }
        if (!hard()) {
            key.append("/alert-only");
        }
        return key.toString();
    }

    /**
     * Writes an amount of this limit for people.
     *
     * @param units an amount in the meter's unit
     * @return for example {@code 12.50 USD} or {@code 2000000 tokens}
     */
    public String format(long units) {
        return switch (meter) {
            case COST -> Usd.ofNanos(units) + " USD";
            case TOKENS -> units + " tokens";
            case INPUT_TOKENS -> units + " input tokens";
            case OUTPUT_TOKENS -> units + " output tokens";
            case CALLS -> units + " calls";
        };
    }

    @Override
    public String toString() {
        return key() + " ≤ " + format(amount);
    }
}
