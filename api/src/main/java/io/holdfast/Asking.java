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
    private final Estimator.Quote asked;
    /** The rungs that are offered beside the call as asked. */
    private List<Rung> rungs = List.of();

    private Operation.@Nullable Offer shortened;

    /**
     * Another model that may make the call.
     *
     * @param name the model as the ladder names it
     * @param quote what the call comes to there
     */
    private record Rung(String name, Estimator.Quote quote) {
        Operation.Offer offer() {
            return quote.by(name);
        }
    }

    Asking(BudgetManager manager, String scope, Call call) {
        this.manager = manager;
        this.scope = scope;
        this.call = call;
        this.asked = manager.estimator().quote(call);
        offerRemembered();
    }

    /** Returns the call as asked. */
    Estimator.Quote asked() {
        return asked;
    }

    /** Returns the call by a model that the ledger chose, now or when this call was first asked for. */
    Estimator.Quote by(String model) {
        return rung(model).quote;
    }

    private Rung rung(String model) {
        if (asked.estimate().model().equals(model)) {
            return new Rung(asked.tariff().model(), asked);
        }
        for (Rung rung : rungs) {
            if (rung.quote.estimate().model().equals(model)) {
                return rung;
            }
        }
        return new Rung(model, manager.estimator().quote(call, model));
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
            manager.ladders().remember(scope, asked.estimate().model(), wanted.rungs());
            offer(wanted.rungs());
            return true;
        }
        Operation.Offer shorter = call.mayBeShortened() ? shortened(outcome) : null;
        shortened = shorter == null ? shortened : shorter;
        return shorter != null;
    }

    private Operation.Request request() {
        return new Operation.Request(
                scope, call.sessionOrNull(), offers(), shortened, asked.policy(), call.allotment());
    }

    private List<Operation.Offer> offers() {
        if (rungs.isEmpty()) {
            return asked.asked();
        }
        List<Operation.Offer> offers = new ArrayList<>(asked.asked());
        rungs.forEach(rung -> offers.add(rung.offer()));
        return offers;
    }

    // ---- rungs

    /** Offers at once what the ledger wanted the last time, so that it need not ask; it may have changed its mind. */
    private void offerRemembered() {
        List<String> remembered =
                manager.ladders().remembered(scope, asked.estimate().model());
        if (!remembered.isEmpty()) {
            try {
                offer(remembered);
            } catch (HoldfastException notToBePriced) {
                offer(List.of());
            }
        }
    }

    private void offer(List<String> names) {
        List<Rung> offered = new ArrayList<>();
        for (String name : names) {
            offered.add(new Rung(name, manager.estimator().quote(call, name)));
        }
        rungs = offered;
    }

    // ---- a shorter answer

    /** Returns the call refused last with the longest answer that had room then, or nothing if that is too short. */
    private Operation.@Nullable Offer shortened(Outcome outcome) {
        Rung rung;
        List<LimitState> blocking;
        if (outcome instanceof Outcome.Denied denied) {
            rung = rung(denied.model());
            blocking = denied.blocking();
        } else if (outcome instanceof Outcome.Checked checked && !checked.admitted()) {
            rung = rung(checked.model());
            blocking = Refusal.blocking(checked.limits());
        } else {
            return null;
        }
        long most = Long.MAX_VALUE;
        for (LimitState state : blocking) {
            most = Math.min(most, affordable(state, rung.quote).orElse(-1));
        }
        if (blocking.isEmpty() || most < call.leastOutput()) {
            return null;
        }
        Estimate estimate = Estimator.estimate(call.maxOutput(most), rung.quote.tariff());
        return new Operation.Offer(rung.name, estimate.model(), estimate.amounts());
    }

    /** Returns the most output tokens of each answer that fit into what a limit has left. */
    private OptionalLong affordable(LimitState state, Estimator.Quote quote) {
        long left = state.remaining();
        int choices = call.bound().choices();
        return switch (state.limit().meter()) {
            case COST -> {
                ModelPrice price = quote.tariff().price();
                yield price == null
                        ? OptionalLong.empty()
                        : price.affordableOutputTokens(
                                Usd.ofNanos(left), call.bound(), quote.tariff().options());
            }
            case TOKENS -> {
                long output = left - quote.estimate().amounts().inputTokens();
                yield output < 0 ? OptionalLong.empty() : OptionalLong.of(output / choices);
            }
            case OUTPUT_TOKENS -> OptionalLong.of(left / choices);
            case INPUT_TOKENS, CALLS -> OptionalLong.empty();
        };
    }
}
