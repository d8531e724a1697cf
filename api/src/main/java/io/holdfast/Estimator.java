package io.holdfast;

import io.holdfast.error.InvalidInputException;
import io.holdfast.pricing.CallBound;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.pricing.PriceOptions;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Turns calls and usage into amounts, with the price that holds when a call begins. */
final class Estimator {
    private final PriceBook prices;
    private final InstantSource clock;

    /**
     * The tariff of one call, from its estimate to its settlement.
     *
     * @param model the name charged and matched against limits
     * @param price its price, if it has one
     * @param options how it is billed
     */
    record Tariff(String model, @Nullable ModelPrice price, PriceOptions options) {
        Amounts amounts(Usage usage) {
            return price == null ? Amounts.unpriced(usage) : Amounts.of(price.cost(usage, options), usage);
        }
    }

    Estimator(PriceBook prices, InstantSource clock) {
        this.prices = prices;
        this.clock = clock;
    }

    PriceBook prices() {
        return prices;
    }

    Tariff tariff(Call call) {
        Instant now = clock.instant();
        ModelPrice price = prices.resolve(call.model(), now).orElse(null);
        String model = price == null ? prices.canonicalName(call.model()) : price.id();
        return new Tariff(model, price, call.priceOptions());
    }

    Estimate estimate(Call call, Tariff tariff) {
        Usage exact = call.exact();
        if (exact != null) {
            return new Estimate(tariff.model(), tariff.amounts(exact));
        }
        CallBound bound = call.bound();
        ModelPrice price = tariff.price();
        if (price == null && bound.maxOutputTokens() == CallBound.MODEL_CEILING) {
            throw new InvalidInputException(
                    "model", call.model(), "has no known ceiling, so the call must say its most output tokens");
        }
        if (price == null) {
            long output = Math.multiplyExact(bound.maxOutputTokens(), (long) bound.choices());
            return new Estimate(tariff.model(), new Amounts(Amounts.UNPRICED, bound.inputTokens(), output, 1));
        }
        long cost = price.worstCase(bound, tariff.options()).nanos();
        long output = price.mostOutputTokens(bound);
        return new Estimate(tariff.model(), new Amounts(cost, bound.inputTokens(), output, 1));
    }
}
