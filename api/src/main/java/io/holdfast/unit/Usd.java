package io.holdfast.unit;

import io.holdfast.error.InvalidInputException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * A sum of US dollars, exact to the nano-dollar (10⁻⁹ USD), from zero to 9,223,372,036.854775807 USD.
 *
 * @param nanos nano-dollars, zero or more
 */
public record Usd(long nanos) implements Comparable<Usd> {
    /** No money. */
    public static final Usd ZERO = new Usd(0);

    private static final int SCALE = 9;
    private static final int LONGEST_TEXT = 40;
    private static final Pattern PLAIN_DECIMAL = Pattern.compile("[0-9]{1,18}(\\.[0-9]{1,18})?");

    /** Checks that the amount is not negative. */
    public Usd {
        if (nanos < 0) {
            throw new InvalidInputException("amount", Long.toString(nanos), "must not be negative");
        }
    }

    /**
     * Returns the amount written as a plain decimal number of dollars, such as {@code "12.50"}.
     *
     * @param dollars digits with at most one point and at most nine significant decimals; no sign, exponent, grouping
     *     or currency symbol
     * @return the exact amount
     * @throws InvalidInputException if the text is anything else, finer than a nano-dollar, or above the largest amount
     */
    public static Usd of(String dollars) {
        if (dollars.length() > LONGEST_TEXT || !PLAIN_DECIMAL.matcher(dollars).matches()) {
            throw new InvalidInputException("amount", dollars, "must be a plain decimal number of US dollars");
        }
        return of(new BigDecimal(dollars));
    }

    /**
     * Returns the amount of a decimal number of dollars.
     *
     * @param dollars zero or more, with at most nine significant decimals
     * @return the exact amount
     * @throws InvalidInputException if the number is negative, finer than a nano-dollar, or above the largest amount
     */
    public static Usd of(BigDecimal dollars) {
        if (dollars.signum() < 0) {
            throw new InvalidInputException("amount", show(dollars), "must not be negative");
        }
        if (dollars.precision() - (long) dollars.scale() > 10) {
            throw new InvalidInputException("amount", show(dollars), "must be at most 9223372036.854775807 USD");
        }
        try {
            BigDecimal shortest = dollars.stripTrailingZeros();
            if (shortest.scale() > SCALE) {
                throw new ArithmeticException("finer than a nano-dollar");
            }
            return new Usd(shortest.setScale(SCALE, RoundingMode.UNNECESSARY)
                    .unscaledValue()
                    .longValueExact());
        } catch (ArithmeticException finerOrLarger) {
            throw new InvalidInputException(
                    "amount",
                    show(dollars),
                    "must be a whole number of nano-dollars (nine decimals) and at most 9223372036.854775807 USD");
        }
    }

    /**
     * Returns a whole number of dollars.
     *
     * @param dollars zero or more
     * @return the amount
     * @throws InvalidInputException if the number is negative or above the largest amount
     */
    public static Usd ofDollars(long dollars) {
        return of(BigDecimal.valueOf(dollars));
    }

    /**
     * Returns an amount of nano-dollars.
     *
     * @param nanos zero or more
     * @return the amount
     * @throws InvalidInputException if the number is negative
     */
    public static Usd ofNanos(long nanos) {
        return new Usd(nanos);
    }

    /**
     * Returns the sum of this and another amount.
     *
     * @param other the amount to add
     * @return the exact sum
     * @throws InvalidInputException if the sum is above the largest amount
     */
    public Usd plus(Usd other) {
        try {
            return new Usd(Math.addExact(nanos, other.nanos));
        } catch (ArithmeticException overflow) {
            throw new InvalidInputException("sum", this + " + " + other, "must be at most 9223372036.854775807 USD");
        }
    }

    /**
     * Returns this amount less another, or zero where the other is larger.
     *
     * @param other the amount to take away
     * @return the difference, never negative
     */
    public Usd minusOrZero(Usd other) {
        return new Usd(Math.max(0, nanos - other.nanos));
    }

    /**
     * Returns this amount as a decimal number of dollars.
     *
     * @return the exact amount, with at least two decimals
     */
    public BigDecimal toDollars() {
        BigDecimal exact = BigDecimal.valueOf(nanos, SCALE).stripTrailingZeros();
        return exact.scale() < 2 ? exact.setScale(2, RoundingMode.UNNECESSARY) : exact;
    }

    @Override
    public int compareTo(Usd other) {
        return Long.compare(nanos, other.nanos);
    }

    /**
     * Returns the plain decimal number of dollars, as {@link #of(String)} reads it.
     *
     * @return for example {@code "12.50"} or {@code "0.000000001"}
     */
    @Override
    public String toString() {
        return toDollars().toPlainString();
    }

    private static String show(BigDecimal number) {
        return number.precision() > LONGEST_TEXT || Math.abs((long) number.scale()) > LONGEST_TEXT
                ? number.round(new java.math.MathContext(8)).toString()
                : number.toPlainString();
    }
}
