package io.holdfast.cli;

import io.holdfast.unit.Usd;

/**
 * A sum of dollars that may be negative, where charges were taken back.
 *
 * @param nanos nano-dollars
 */
record Money(long nanos) {
    @Override
    public String toString() {
        return nanos < 0
                ? "-" + Usd.ofNanos(Math.negateExact(nanos))
                : Usd.ofNanos(nanos).toString();
    }
}
