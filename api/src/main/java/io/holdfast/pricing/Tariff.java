package io.holdfast.pricing;

import io.holdfast.error.InvalidInputException;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one token of each kind costs in nano-dollars: exact fractions over one denominator, so that a request is a sum of
 * products and one division, rounded up. The sum is taken in {@code long}; where that does not fit, once more in
 * {@link BigInteger}.
 */
final class Tariff {
    private static final int INPUT = 0;
    private static final int CACHE_READ = 1;
    private static final int CACHE_WRITE_SHORT = 2;
    private static final int CACHE_WRITE_LONG = 3;
    private static final int OUTPUT = 4;

    private final BigInteger[] rates;
    private final BigInteger denominator;
    private final long @Nullable [] longRates;
    private final long longDenominator;
    private final int dearestWithoutWrites;
    private final int dearestWithShortWrites;
    private final int dearestOfAll;

    /** Takes nano-dollars per token. */
    Tariff(Fraction input, Fraction cacheRead, Fraction cacheWriteShort, Fraction cacheWriteLong, Fraction output) {
        List<Fraction> kinds = List.of(input, cacheRead, cacheWriteShort, cacheWriteLong, output);
        BigInteger common = BigInteger.ONE;
        for (Fraction kind : kinds) {
            common = common.multiply(kind.denominator()).divide(common.gcd(kind.denominator()));
        }
        BigInteger shared = common;
        this.denominator = shared;
        this.rates = kinds.stream()
                .map(kind -> kind.numerator().multiply(shared.divide(kind.denominator())))
                .toArray(BigInteger[]::new);
        this.longRates = longs(rates, shared);
        this.longDenominator = longRates == null ? 0 : shared.longValueExact();
        this.dearestWithoutWrites = dearest(INPUT, CACHE_READ);
        this.dearestWithShortWrites = dearest(dearestWithoutWrites, CACHE_WRITE_SHORT);
        this.dearestOfAll = dearest(dearestWithShortWrites, CACHE_WRITE_LONG);
    }

    /** The cost in nano-dollars, rounded up once. */
    long cost(long input, long cacheRead, long cacheWriteShort, long cacheWriteLong, long output, Multiplier by) {
        long[] fast = longRates;
        if (fast != null) {
            try {
                long sum = Math.multiplyExact(input, fast[INPUT]);
                sum = Math.addExact(sum, Math.multiplyExact(cacheRead, fast[CACHE_READ]));
                sum = Math.addExact(sum, Math.multiplyExact(cacheWriteShort, fast[CACHE_WRITE_SHORT]));
                sum = Math.addExact(sum, Math.multiplyExact(cacheWriteLong, fast[CACHE_WRITE_LONG]));
                sum = Math.addExact(sum, Math.multiplyExact(output, fast[OUTPUT]));
                return ceilingOfQuotient(
                        Math.multiplyExact(sum, by.numerator()), Math.multiplyExact(longDenominator, by.denominator()));
            } catch (ArithmeticException tooLarge) {
                // the exact sum below holds any size
            }
        }
        return exactCost(by, input, cacheRead, cacheWriteShort, cacheWriteLong, output);
    }

    /** The most that a prompt and an answer of at most these sizes can cost, in nano-dollars, rounded up once. */
    long worstCost(long prompt, long output, Caching caching, Multiplier by) {
        int dearest = switch (caching) {
            case NONE -> dearestWithoutWrites;
            case SHORT -> dearestWithShortWrites;
            case ANY -> dearestOfAll;
        };
        return switch (dearest) {
            case CACHE_READ -> cost(0, prompt, 0, 0, output, by);
            case CACHE_WRITE_SHORT -> cost(0, 0, prompt, 0, output, by);
            case CACHE_WRITE_LONG -> cost(0, 0, 0, prompt, output, by);
            default -> cost(prompt, 0, 0, 0, output, by);
        };
    }

    boolean isZero() {
        for (BigInteger rate : rates) {
            if (rate.signum() != 0) {
                return false;
            }
        }
        return true;
    }

    private long exactCost(Multiplier by, long... tokens) {
        BigInteger sum = BigInteger.ZERO;
        for (int kind = INPUT; kind <= OUTPUT; kind++) {
            sum = sum.add(rates[kind].multiply(BigInteger.valueOf(tokens[kind])));
        }
        BigInteger[] quotient = sum.multiply(BigInteger.valueOf(by.numerator()))
                .divideAndRemainder(denominator.multiply(BigInteger.valueOf(by.denominator())));
        BigInteger nanos = quotient[1].signum() == 0 ? quotient[0] : quotient[0].add(BigInteger.ONE);
        if (nanos.bitLength() >= Long.SIZE) {
            throw new InvalidInputException(
                    "cost", nanos + " nano-dollars", "must be at most " + Long.MAX_VALUE + " nano-dollars");
        }
        return nanos.longValueExact();
    }

    private int dearest(int one, int other) {
        return rates[other].compareTo(rates[one]) > 0 ? other : one;
    }

    private static long ceilingOfQuotient(long dividend, long divisor) {
        long quotient = dividend / divisor;
        return dividend % divisor == 0 ? quotient : quotient + 1;
    }

    private static long @Nullable [] longs(BigInteger[] rates, BigInteger denominator) {
        long[] small = new long[rates.length];
        for (int kind = 0; kind < rates.length; kind++) {
            if (rates[kind].bitLength() >= Long.SIZE) {
                return null;
            }
            small[kind] = rates[kind].longValueExact();
        }
        return denominator.bitLength() >= Long.SIZE ? null : small;
    }
}
