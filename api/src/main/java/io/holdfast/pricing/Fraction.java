package io.holdfast.pricing;

import java.math.BigInteger;

/** An exact fraction, zero or more, in lowest terms. Used when prices are loaded, not when calls are priced. */
record Fraction(BigInteger numerator, BigInteger denominator) {
    static final Fraction ZERO = of(0, 1);
    static final Fraction ONE = of(1, 1);
    static final Fraction HALF = of(1, 2);

    Fraction {
        BigInteger divisor = numerator.gcd(denominator);
        numerator = numerator.divide(divisor);
        denominator = denominator.divide(divisor);
    }

    static Fraction of(long numerator, long denominator) {
        return new Fraction(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
    }

    /** The ratio of two prices; one where both are zero. */
    static Fraction ratio(long numerator, long denominator) {
        return numerator == 0 && denominator == 0 ? ONE : of(numerator, denominator);
    }

    Fraction times(Fraction other) {
        return new Fraction(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
    }
}
