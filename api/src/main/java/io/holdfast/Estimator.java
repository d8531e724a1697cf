package io.holdfast;

import io.holdfast.error.InvalidInputException;
import io.holdfast.pricing.CallBound;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.pricing.PriceOptions;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Operation;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Turns calls and usage into amounts, with the price that holds when a call begins. */
final class Estimator {
    /** How the names of tools begin, which are charged what a call of theirs costs beside any tokens. */
    static final String TOOL = "tool:";

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
        /** Returns the name that the provider knows the model by. */
        String name() {
            if (price != null
                    && price.id().equals(price.provider() + ":" + price.model().toLowerCase(Locale.ROOT))) {
                return price.model();
            }
            return model.substring(model.indexOf(':') + 1);
        }

        Amounts amounts(Usage usage) {
            return price == null ? Amounts.unpriced(usage) : Amounts.of(price.cost(usage, options), usage);
        }
    }

    /**
     * What a call comes to; good for every call with the same bounds, options and tags while the price is the same.
     *
     * @param tariff the tariff
     * @param estimate the most it can come to
     * @param detail what its entry tells, should it be booked at the estimate
     * @param policy how the ledger may treat it
     * @param asked the call as asked, by which it is offered to the ledger
     */
    record Quote(
            Tariff tariff, Estimate estimate, Detail detail, Operation.Policy policy, List<Operation.Offer> asked) {
        /** Returns it as offered by the name of a rung. */
        Operation.Offer by(String rung) {
            return new Operation.Offer(rung, estimate.model(), estimate.amounts());
        }
    }

    Estimator(PriceBook prices, InstantSource clock) {
        this.prices = prices;
        this.clock = clock;
    }

    PriceBook prices() {
        return prices;
    }

    /** Returns what a call comes to, as remembered with the call if its price is the same still. */
    Quote quote(Call call) {
        ModelPrice price = price(call.model());
        Quote latest = call.latestQuote();
        if (latest != null && price != null && latest.tariff.price == price) {
            return latest;
        }
        Quote quote = quote(call, tariff(call.model(), call.priceOptions(), price));
        call.remember(quote);
        return quote;
    }

    /** Returns what a call would come to if another model took it. */
    Quote quote(Call call, String model) {
        return quote(call, tariff(model, call.priceOptions(), price(model)));
    }

    private static Quote quote(Call call, Tariff tariff) {
        Estimate estimate = estimate(call, tariff);
        Operation.Offer asked = new Operation.Offer(tariff.model(), estimate.model(), estimate.amounts());
        Detail detail = detail(call, estimate.amounts());
        return new Quote(tariff, estimate, detail, call.policy(tariff.model()), List.of(asked));
    }

    /** Returns what the entry of a call tells that is booked at its estimate. */
    static Detail detail(Call call, Amounts most) {
        Usage exact = call.exact();
        return new Detail(exact != null ? exact : Usage.of(most.inputTokens(), most.outputTokens()), call.tags());
    }

    Tariff tariff(Call call) {
        return tariff(call.model(), call.priceOptions(), price(call.model()));
    }

    private @Nullable ModelPrice price(String model) {
        if (model.startsWith(TOOL)) {
            return ModelPrice.of("tool", model.substring(TOOL.length()))
                    .input("0")
                    .output("0")
                    .build();
        }
        ModelPrice steady = prices.steady(model).orElse(null);
        return steady != null ? steady : prices.resolve(model, clock.instant()).orElse(null);
    }

    private Tariff tariff(String name, PriceOptions options, @Nullable ModelPrice price) {
        String model = price == null ? prices.canonicalName(name) : price.id();
        return new Tariff(model, price, options);
    }

    static Estimate estimate(Call call, Tariff tariff) {
        Usage exact = call.exact();
        if (exact != null) {
            return new Estimate(tariff.model(), tariff.amounts(exact));
        }
        CallBound bound = call.bound();
        ModelPrice price = tariff.price();
        if (price == null && bound.maxOutputTokens() == CallBound.MODEL_CEILING) {
            throw new InvalidInputException(
                    "model", tariff.model(), "has no known ceiling, so the call must say its most output tokens");
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
