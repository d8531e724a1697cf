package io.holdfast;

import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
import java.time.Instant;

/**
 * What was booked for one call.
 *
 * @param operationId the call
 * @param time when it was booked, on the store's clock
 * @param model the model charged
 * @param amounts what was booked on each meter
 * @param overshoot by how much the cost passed what had been held, zero if it did not or nothing was held
 * @param late whether its hold had run out of time
 */
public record Charge(String operationId, Instant time, String model, Amounts amounts, Usd overshoot, boolean late) {
    /**
     * Returns the cost.
     *
     * @return what was booked, zero for a model without a price
     */
    public Usd cost() {
        return Usd.ofNanos(Math.max(0, amounts.cost()));
    }
}
