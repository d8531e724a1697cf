package io.holdfast.limit;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.math.BigDecimal;
import java.time.Duration;
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
 * @param enforcement whether the cap refuses, only alerts, or counts each key by itself
 * @param alerts where to alert, in millionths of the amount, rising, each above 0 and at most 10,000,000 (ten times)
 * @param steps what happens on the way to the amount
 */
public record Limit(
        Meter meter,
        Window window,
        ModelPattern models,
        long amount,
        Enforcement enforcement,
        List<Integer> alerts,
        Steps steps) {
    private static final int WHOLE = 1_000_000;
    private static final int HIGHEST_ALERT = 10 * WHOLE;

    /** Checks the amount and the steps and puts the alerts in order. */
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
        if (enforcement == Enforcement.LOOP_GUARD) {
            checkLoopGuard(meter, window, alerts);
        }
        if (!steps.equals(Steps.NONE)) {
            steps.check(new Limit(meter, window, models, amount, enforcement, alerts));
        }
    }

    private static void checkLoopGuard(Meter meter, Window window, List<Integer> alerts) {
        if (meter != Meter.CALLS || !(window instanceof RollingWindow)) {
            throw new InvalidInputException(
                    "loop guard",
                    meter.name().toLowerCase(Locale.ROOT) + "/" + window,
                    "must count calls in a rolling window");
        }
        if (!alerts.isEmpty()) {
            throw new InvalidInputException("loop guard", "alerts", "must have none: it refuses, and tells so");
        }
    }

    /**
     * Makes a limit without steps.
     *
     * @param meter what is counted
     * @param window over what time
     * @param models for which models
     * @param amount the cap in the meter's unit, zero or more
     * @param enforcement whether the cap refuses or only alerts
     * @param alerts where to alert, in millionths of the amount
     */
    public Limit(
            Meter meter,
            Window window,
            ModelPattern models,
            long amount,
            Enforcement enforcement,
            List<Integer> alerts) {
        this(meter, window, models, amount, enforcement, alerts, Steps.NONE);
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
     * Guards against loops: at most so many calls with one key in the window, each key counted by itself. The key of a call
     * is its model and its tag {@code tool}, or the caller's own.
     *
     * @param calls the most calls with one key, zero or more
     * @param window a rolling window
     * @return a hard limit for all models
     * @throws InvalidInputException if the number is negative or the window is not rolling
     */
    public static Limit loopGuard(long calls, Window window) {
        return new Limit(Meter.CALLS, window, ModelPattern.ANY, calls, Enforcement.LOOP_GUARD, List.of());
    }

    /**
     * Tells whether this counts the calls of each key by itself.
     *
     * @return true for a {@linkplain #loopGuard loop guard}
     */
    public boolean guardsLoops() {
        return enforcement == Enforcement.LOOP_GUARD;
    }

    /**
     * Returns this limit for one model or a family of models.
     *
     * @param pattern a model name, or a pattern with stars whose models share one counter
     * @return a copy
     * @throws InvalidInputException if the pattern is no name
     */
    public Limit forModels(String pattern) {
        return new Limit(meter, window, ModelPattern.of(pattern), amount, enforcement, alerts, steps);
    }

    /**
     * Returns this limit as one that refuses nothing.
     *
     * @return a copy
     * @throws InvalidInputException if it is a loop guard or has a final reserve
     */
    public Limit alertOnly() {
        if (guardsLoops()) {
            throw new InvalidInputException("loop guard", key(), "must refuse what is above it");
        }
        return new Limit(meter, window, models, amount, Enforcement.ALERT_ONLY, alerts, steps);
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
            millionths.add(millionths("alert", fraction, 10));
        }
        return new Limit(meter, window, models, amount, enforcement, millionths, steps);
    }

    /**
     * Returns this limit with a soft step, above which a call takes the cheaper model of its scope's ladder.
     *
     * @param step above 0 and at most the limit
     * @return a copy
     * @throws InvalidInputException if it is out of range or this is no limit on cost
     */
    public Limit downgradeAt(Usd step) {
        return downgrade(positive("downgrade step", money("downgrade step", step)));
    }

    /**
     * Returns this limit with a soft step, above which a call takes the cheaper model of its scope's ladder.
     *
     * @param step in tokens or calls, above 0 and at most the limit
     * @return a copy
     * @throws InvalidInputException if it is out of range or this is a limit on cost
     */
    public Limit downgradeAt(long step) {
        return downgrade(positive("downgrade step", units("downgrade step", step)));
    }

    /**
     * Returns this limit with a soft step, above which a call takes the cheaper model of its scope's ladder.
     *
     * @param fraction of the amount, above 0 and at most 1, with at most six decimals; rounded up to the meter's unit
     * @return a copy
     * @throws InvalidInputException if it is out of range or the amount is zero
     */
    public Limit downgradeAt(double fraction) {
        return downgrade(share("downgrade step", fraction));
    }

    /**
     * Returns this limit with a step above which a call is delayed.
     *
     * @param step above 0 and at most the limit
     * @param delay 1 ms to 24 hours
     * @return a copy
     * @throws InvalidInputException if one is out of range or this is no limit on cost
     */
    public Limit throttleAt(Usd step, Duration delay) {
        return throttle(positive("throttle step", money("throttle step", step)), delay);
    }

    /**
     * Returns this limit with a step above which a call is delayed.
     *
     * @param step in tokens or calls, above 0 and at most the limit
     * @param delay 1 ms to 24 hours
     * @return a copy
     * @throws InvalidInputException if one is out of range or this is a limit on cost
     */
    public Limit throttleAt(long step, Duration delay) {
        return throttle(positive("throttle step", units("throttle step", step)), delay);
    }

    /**
     * Returns this limit with a step above which a call is delayed.
     *
     * @param fraction of the amount, above 0 and at most 1, with at most six decimals; rounded up to the meter's unit
     * @param delay 1 ms to 24 hours
     * @return a copy
     * @throws InvalidInputException if one is out of range or the amount is zero
     */
    public Limit throttleAt(double fraction, Duration delay) {
        return throttle(share("throttle step", fraction), delay);
    }

    /**
     * Returns this limit with a part of its amount kept for final calls: an ordinary call is admitted only up to the rest.
     *
     * @param fraction of the amount, above 0 and at most 1, with at most six decimals; rounded up to the meter's unit
     * @return a copy
     * @throws InvalidInputException if it is out of range, the amount is zero, or the limit only alerts
     */
    public Limit finalReserve(double fraction) {
        return with(new Steps(
                steps.downgradeAt(), steps.throttleAt(), steps.delayMillis(), share("final reserve", fraction)));
    }

    private Limit downgrade(long step) {
        return with(new Steps(step, steps.throttleAt(), steps.delayMillis(), steps.finalReserve()));
    }

    private Limit throttle(long step, Duration delay) {
        if (delay.compareTo(Duration.ofMillis(1)) < 0 || delay.compareTo(Duration.ofHours(24)) > 0) {
            throw new InvalidInputException("throttle delay", delay.toString(), "must be 1 ms to 24 hours");
        }
        return with(new Steps(steps.downgradeAt(), step, delay.toMillis(), steps.finalReserve()));
    }

    private Limit with(Steps other) {
        return new Limit(meter, window, models, amount, enforcement, alerts, other);
    }

    private long money(String field, Usd step) {
        if (meter != Meter.COST) {
            throw new InvalidInputException(field, step + " USD", "must be in the unit of the limit " + key());
        }
        return step.nanos();
    }

    private long units(String field, long step) {
        if (meter == Meter.COST) {
            throw new InvalidInputException(field, Long.toString(step), "must be money for the limit " + key());
        }
        return step;
    }

    private static long positive(String field, long step) {
        if (step <= 0) {
            throw new InvalidInputException(field, Long.toString(step), "must be above 0");
        }
        return step;
    }

    private long share(String field, double fraction) {
        return positive(field, part(millionths(field, fraction, 1)));
    }

    private static int millionths(String field, double fraction, int most) {
        if (!(fraction > 0 && fraction <= most)) {
            throw new InvalidInputException(field, Double.toString(fraction), "must be above 0 and at most " + most);
        }
        try {
            return BigDecimal.valueOf(fraction).movePointRight(6).intValueExact();
        } catch (ArithmeticException tooFine) {
            throw new InvalidInputException(field, Double.toString(fraction), "must have at most six decimals");
        }
    }

    /**
     * Tells whether the cap refuses what would pass it.
     *
     * @return false if it only alerts
     */
    public boolean hard() {
        return enforcement != Enforcement.ALERT_ONLY;
    }

    /**
     * Returns the amount at which an alert fires.
     *
     * @param alert its place in {@link #alerts()}
     * @return the smallest committed amount that reaches it, in the meter's unit
     */
    public long alertAmount(int alert) {
        return part(alerts.get(alert));
    }

    /** Returns so many millionths of the amount, rounded up. */
    private long part(long millionths) {
        long whole = amount / WHOLE;
        long rest = amount % WHOLE;
        long fraction = -Math.floorDiv(-(rest * millionths), (long) WHOLE);
        return whole > (Long.MAX_VALUE - fraction) / millionths ? Long.MAX_VALUE : whole * millionths + fraction;
    }

    /**
     * Returns what tells this limit from the others of its scope: everything but the amount, the alerts and the
     * steps, so that a limit keeps its counter when it is raised or lowered.
     *
     * @return for example {@code cost/rolling(PT24H)} or {@code tokens/session/openai:gpt-4o}
     */
    public String key() {
        StringBuilder key = new StringBuilder(meter.name().toLowerCase(Locale.ROOT));
        key.append('/').append(window);
        if (!models.equals(ModelPattern.ANY)) {
            key.append('/').append(models);
        }
        if (enforcement != Enforcement.HARD) {
            key.append('/').append(enforcement.name().toLowerCase(Locale.ROOT).replace('_', '-'));
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
        return format(meter, units);
    }

    /**
     * Writes an amount of a meter for people.
     *
     * @param meter the meter
     * @param units an amount in its unit
     * @return for example {@code 12.50 USD} or {@code 2000000 tokens}
     */
    public static String format(Meter meter, long units) {
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
