package io.holdfast;

import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
import java.util.Optional;

/**
 * The most that a call can come to.
 *
 * @param model the model as it is charged, {@code provider:name} where the price book knows it
 * @param amounts what it would hold on each meter
 */
public record Estimate(String model, Amounts amounts) {
    /**
     * Returns the most it can cost.
     *
     * @return the cost, or empty if the model has no price
     */
    public Optional<Usd> cost() {
        return amounts.priced() ? Optional.of(Usd.ofNanos(amounts.cost())) : Optional.empty();
    }
}
