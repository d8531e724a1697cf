package io.holdfast.unit;

import io.holdfast.error.InvalidInputException;

/**
 * What one operation asks of, or books to, each meter. The cost may be unknown (a model without a price): such amounts
 * are refused where a cost limit would have to count them.
 *
 * @param cost nano-dollars, zero or more, or {@link #UNPRICED}
 * @param inputTokens tokens sent, zero or more
 * @param outputTokens tokens received, zero or more
 * @param calls calls, zero or more
 */
public record Amounts(long cost, long inputTokens, long outputTokens, long calls) {
    /** Stands for a cost that nobody knows. */
    public static final long UNPRICED = -1;

    /** Nothing on any meter. */
    public static final Amounts NONE = new Amounts(0, 0, 0, 0);

    /** Checks that no amount is negative and that the tokens have a sum. */
    public Amounts {
        if (cost < UNPRICED) {
            throw new InvalidInputException("cost", Long.toString(cost), "must not be negative");
        }
        if (inputTokens < 0 || outputTokens < 0 || calls < 0 || inputTokens + outputTokens < 0) {
            throw new InvalidInputException(
                    "amounts", inputTokens + "/" + outputTokens + "/" + calls, "must not be negative or overflow");
        }
    }

    /**
     * Returns the amounts of one call.
     *
     * @param cost its cost
     * @param usage its tokens
     * @return the amounts, with one call
     */
    public static Amounts of(Usd cost, Usage usage) {
        return new Amounts(cost.nanos(), usage.inputTotal(), usage.output(), 1);
    }

    /**
     * Returns the amounts of one call whose model has no price.
     *
     * @param usage its tokens
     * @return the amounts, with one call and an unknown cost
     */
    public static Amounts unpriced(Usage usage) {
        return new Amounts(UNPRICED, usage.inputTotal(), usage.output(), 1);
    }

    /**
     * Tells whether the cost is known.
     *
     * @return false where the model has no price
     */
    public boolean priced() {
        return cost != UNPRICED;
    }

    /**
     * Returns the amount on one meter; an unknown cost counts as zero.
     *
     * @param meter the meter
     * @return zero or more, in the meter's unit
     */
    public long on(Meter meter) {
        return switch (meter) {
            case COST -> Math.max(0, cost);
            case TOKENS -> inputTokens + outputTokens;
            case INPUT_TOKENS -> inputTokens;
            case OUTPUT_TOKENS -> outputTokens;
            case CALLS -> calls;
        };
    }
}
