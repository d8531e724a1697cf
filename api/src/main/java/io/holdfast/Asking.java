package io.holdfast;

import io.holdfast.error.HoldfastException;
import io.holdfast.limit.LimitState;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.unit.Usd;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call's talk with the ledger: offers it as asked, by the lower rungs of its ladder once the ledger wants them, and with
 * the shorter answer that is left where the call allows that.
 */
final class Asking {
    private final BudgetManager manager;
    private final String scope;
    private final Call call;
    private final List<Way> ways = new ArrayList<>(1);
    private Operation.@Nullable Offer shortened;

    /**
     * One way to make the call.
     *
     * @param rung its model as the ladder names it
     * @param quote what it comes to
     */
    record Way(String rung, Estimator.Quote quote) {
        Operation.Offer offer() {
            return new Operation.Offer(rung, model(), quote.estimate().amounts());
        }

        String model() {
            return quote.estimate().model();
        }
    }

    Asking(BudgetManager manager, String scope, Call call) {
        this.manager = manager;
        this.scope = scope;
        this.call = call;
        Estimator.Quote quote = manager.estimator().quote(call);
        ways.add(new Way(quote.tariff().model(), quote));
        offerRemembered();
    }

    /** Returns the call as asked. */
    Way asked() {
        return ways.get(0);
    }

    /** Returns the way of a model that the ledger chose, now or when this call was first asked for. */
    Way way(String model) {
        for (Way way : ways) {
            if (way.model().equals(model)) {
                return way;
            }
        }
        return way(model, model);
    }

    /** Asks until the answer is final. */
    Outcome ask(Function<Operation.Request, Operation> operation) {
        Outcome outcome;
        do {
            outcome = manager.ask(operation.apply(request()));
        } while (goesOn(outcome));
        return outcome;
    }

    /** Asks until the answer is final, without waiting. */
    CompletableFuture<Outcome> submit(Function<Operation.Request, Operation> operation) {
        return manager.submit(operation.apply(request()))
                .thenCompose(
                        outcome -> goesOn(outcome) ? submit(operation) : CompletableFuture.completedFuture(outcome));
    }

    /** Takes note of an answer and tells whether to ask again. */
    private boolean goesOn(Outcome outcome) {
        if (outcome instanceof Outcome.RungsWanted wanted) {
            manager.ladders().remember(scope, asked().model(), wanted.rungs());
            offer(wanted.rungs());
            return true;
        }
        Operation.Offer shorter = call.mayBeShortened() ? shortened(outcome) : null;
        shortened = shorter == null ? shortened : shorter;
        return shorter != null;
    }

    private Operation.Request request() {
        List<Operation.Offer> offers = ways.size() == 1
                ? List.of(asked().offer())
                : ways.stream().map(Way::offer).toList();
        return new Operation.Request(
                scope,
                call.sessionOrNull(),
                offers,
                shortened,
                call.policy(asked().quote.tariff().model()),
                call.allotment());
    }

    // ---- rungs

    /** Offers at once what the ledger wanted the last time, so that it need not ask; it may have changed its mind. */
    private void offerRemembered() {
        List<String> rungs = manager.ladders().remembered(scope, asked().model());
        if (!rungs.isEmpty()) {
            try {
                offer(rungs);
            } catch (HoldfastException notToBePriced) {
                offer(List.of());
            }
        }
    }

    private void offer(List<String> rungs) {
        Way asked = asked();
        ways.clear();
        ways.add(asked);
        for (String rung : rungs) {
            ways.add(way(rung, rung));
        }
    }

    private Way way(String rung, String model) {
        return new Way(rung, manager.estimator().quote(call, model));
    }

    // ---- a shorter answer

    /** Returns the call refused last with the longest answer that had room then, or nothing if that is too short. */
    private Operation.@Nullable Offer shortened(Outcome outcome) {
        Way way;
        List<LimitState> blocking;
        if (outcome instanceof Outcome.Denied denied) {
            way = way(denied.model());
            blocking = denied.blocking();
        } else if (outcome instanceof Outcome.Checked checked && !checked.admitted()) {
            way = way(checked.model());
            blocking = Refusal.blocking(checked.limits());
        } else {
            return null;
        }
        long most = Long.MAX_VALUE;
        for (LimitState state : blocking) {
            most = Math.min(most, affordable(state, way).orElse(-1));
        }
        if (blocking.isEmpty() || most < call.leastOutput()) {
            return null;
        }
        Estimate estimate = Estimator.estimate(call.maxOutput(most), way.quote.tariff());
        return new Operation.Offer(way.rung, estimate.model(), estimate.amounts());
    }

    /** Returns the most output tokens of each answer that fit into what a limit has left. */
    private OptionalLong affordable(LimitState state, Way way) {
        long left = state.remaining();
        int choices = call.bound().choices();
        return switch (state.limit().meter()) {
            case COST -> {
                ModelPrice price = way.quote.tariff().price();
                yield price == null
                        ? OptionalLong.empty()
                        : price.affordableOutputTokens(
                                Usd.ofNanos(left),
                                call.bound(),
                                way.quote.tariff().options());
            }
            case TOKENS -> {
                long output = left - way.quote.estimate().amounts().inputTokens();
                yield output < 0 ? OptionalLong.empty() : OptionalLong.of(output / choices);
            }
            case OUTPUT_TOKENS -> OptionalLong.of(left / choices);
            case INPUT_TOKENS, CALLS -> OptionalLong.empty();
        };
    }
}
