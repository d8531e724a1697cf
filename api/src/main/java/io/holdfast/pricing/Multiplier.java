package io.holdfast.pricing;

import io.holdfast.error.InvalidInputException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * An exact factor on token prices, such as 1.1 for a region: a fraction in lowest terms, above 0 and at most 100.
 *
 * @param numerator above zero
 * @param denominator above zero
 */
public record Multiplier(long numerator, long denominator) {
    /** No change. */
    public static final Multiplier ONE = new Multiplier(1, 1);

    private static final int LARGEST = 100;
    private static final Pattern PLAIN_DECIMAL = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,6})?");

    /** Checks the range and reduces the fraction to its lowest terms. */
    public Multiplier {
        if (numerator <= 0
                || denominator <= 0
                || numerator / denominator > LARGEST
                || (numerator / denominator == LARGEST && numerator % denominator != 0)) {
            throw new InvalidInputException(
                    "multiplier", numerator + "/" + denominator, "must be above 0 and at most " + LARGEST);
        }
        long divisor = greatestCommonDivisor(numerator, denominator);
        numerator /= divisor;
        denominator /= divisor;
    }

    /**
     * Returns the factor written as a plain decimal number, such as {@code "1.1"}.
     *
     * @param factor above 0 and at most 100, with at most six decimals; no sign, exponent or grouping
     * @return the exact factor
     * @throws InvalidInputException if the text is anything else
     */
    public static Multiplier of(String factor) {
        if (!PLAIN_DECIMAL.matcher(factor).matches()) {
            throw new InvalidInputException(
                    "multiplier", factor, "must be a plain decimal number with at most six decimals");
        }
        BigDecimal exact = new BigDecimal(factor);
        return new Multiplier(
                exact.unscaledValue().longValueExact(),
                BigInteger.TEN.pow(exact.scale()).longValueExact());
    }

    /**
     * Returns the product of this and another factor.
     *
     * @param other the other factor
     * @return the exact product
     * @throws InvalidInputException if the product is above 100 or has too many digits to be held exactly
     */
    public Multiplier times(Multiplier other) {
        try {
            return new Multiplier(
                    Math.multiplyExact(numerator, other.numerator), Math.multiplyExact(denominator, other.denominator));
        } catch (ArithmeticException tooManyDigits) {
            throw new InvalidInputException("multiplier", this + " x " + other, "has too many digits");
        }
    }

    /**
     * Returns the factor as a fraction.
     *
     * @return for example {@code "11/10"}
     */
    @Override
    public String toString() {
        return numerator + "/" + denominator;
    }

    private static long greatestCommonDivisor(long a, long b) {
        while (b != 0) {
            long rest = a % b;
            a = b;
            b = rest;
        }
        return a;
    }
}
