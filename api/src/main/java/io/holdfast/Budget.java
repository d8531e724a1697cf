package io.holdfast;

import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * The budget of one scope: every limit of the scope and its ancestors. A light handle, safe for use by several threads.
 * Its methods throw {@link UnknownScopeException} if the scope is not defined,
 * {@link io.holdfast.spi.StoreException} if the store cannot do what it is asked (nothing was done), and
 * {@link io.holdfast.spi.AmbiguousOutcomeException} if an answer was lost (ask again with the same operation id).
 */
public final class Budget {
    private final BudgetManager manager;
    private final String scope;

    Budget(BudgetManager manager, String scope) {
        this.manager = manager;
        this.scope = scope;
    }

    /**
     * Returns the scope that pays.
     *
     * @return its name
     */
    public String scope() {
        return scope;
    }

    /**
     * Holds the most that a call can come to, in every limit that applies, or in none.
     *
     * @param call the call
     * @return the handle to settle it with
     * @throws BudgetExceededException if a limit has no room
     * @throws io.holdfast.pricing.UnknownModelException if a limit on cost applies and the model has no price
     * @throws OperationIdException if the call's id was used before for something else
     */
    public Reservation reserve(Call call) {
        return tryReserve(call).orThrow();
    }

    /**
     * Holds as {@link #reserve(Call)} does, with a refusal as a value.
     *
     * @param call the call
     * @return the handle to settle it with, or why not
     * @throws io.holdfast.pricing.UnknownModelException if a limit on cost applies and the model has no price
     * @throws OperationIdException if the call's id was used before for something else
     */
    public Decision<Reservation> tryReserve(Call call) {
        Estimator estimator = manager.estimator();
        Estimator.Tariff tariff = estimator.tariff(call);
        Estimate estimate = estimator.estimate(call, tariff);
        Outcome outcome = ask(new Operation.Reserve(
                call.operationId(),
                scope,
                call.sessionOrNull(),
                tariff.model(),
                estimate.amounts(),
                call.ttlMillis(),
                call.onExpiry(),
                new Detail(usageOf(call, estimate.amounts()), call.tags())));
        if (outcome instanceof Outcome.Held held) {
            Instant expiresAt = Instant.ofEpochMilli(held.expiresAt());
            return new Decision.Allowed<>(new Reservation(this, call, tariff, estimate, held.holdId(), expiresAt));
        }
        if (outcome instanceof Outcome.Denied denied) {
            Refusal refusal = new Refusal(scope, call.sessionOrNull(), tariff.model(), denied.blocking());
            manager.refused(refusal);
            return new Decision.Refused<>(refusal);
        }
        throw Rejections.unexpected(outcome);
    }

    /**
     * Tells whether a call would be admitted now; holds nothing, so the answer may be old when it arrives.
     *
     * @param call the call
     * @return its estimate, or why it would be refused
     * @throws io.holdfast.pricing.UnknownModelException if a limit on cost applies and the model has no price
     */
    public Decision<Estimate> check(Call call) {
        Explanation explanation = explain(call);
        if (explanation.allowed()) {
            return new Decision.Allowed<>(explanation.estimate());
        }
        List<LimitState> blocking = explanation.limits().stream()
                .filter(limit -> limit.limit().hard() && !limit.fits())
                .toList();
        return new Decision.Refused<>(
                new Refusal(scope, call.sessionOrNull(), explanation.estimate().model(), blocking));
    }

    /**
     * Tells every limit that applies to a call, how it stands, and when it frees.
     *
     * @param call the call
     * @return the limits; holds nothing
     * @throws io.holdfast.pricing.UnknownModelException if a limit on cost applies and the model has no price
     */
    public Explanation explain(Call call) {
        Estimator estimator = manager.estimator();
        Estimator.Tariff tariff = estimator.tariff(call);
        Estimate estimate = estimator.estimate(call, tariff);
        Outcome outcome = ask(new Operation.Check(scope, call.sessionOrNull(), tariff.model(), estimate.amounts()));
        if (outcome instanceof Outcome.Checked checked) {
            return new Explanation(scope, estimate, checked.admitted(), checked.limits());
        }
        throw Rejections.unexpected(outcome);
    }

    /**
     * Books a call that was made without a hold. It is booked in any case, because the money is spent; the answer is a
     * refusal if a hard limit is passed then.
     *
     * @param call the call; its bounds do not matter
     * @param usage what it used
     * @return what was booked, or which limits are now passed
     * @throws io.holdfast.pricing.UnknownModelException if a limit on cost applies and the model has no price; nothing
     *     was booked
     * @throws OperationIdException if the call's id was used before for something else
     */
    public Decision<Charge> record(Call call, Usage usage) {
        Estimator.Tariff tariff = manager.estimator().tariff(call);
        Amounts amounts = tariff.amounts(usage);
        OperationId id = call.operationId();
        Outcome outcome = ask(new Operation.Book(
                id, scope, call.sessionOrNull(), tariff.model(), amounts, new Detail(usage, call.tags())));
        if (!(outcome instanceof Outcome.Booked booked)) {
            throw Rejections.unexpected(outcome);
        }
        if (!booked.passed().isEmpty()) {
            Refusal refusal = new Refusal(scope, call.sessionOrNull(), tariff.model(), booked.passed());
            manager.refused(refusal);
            return new Decision.Refused<>(refusal);
        }
        Instant time = Instant.ofEpochMilli(booked.bookedAt());
        return new Decision.Allowed<>(new Charge(id.value(), time, tariff.model(), amounts, Usd.ZERO, false));
    }

    /**
     * Returns the most that a call can come to; asks no store.
     *
     * @param call the call
     * @return the estimate, without a cost if the model has no price
     */
    public Estimate estimate(Call call) {
        Estimator estimator = manager.estimator();
        return estimator.estimate(call, estimator.tariff(call));
    }

    /**
     * Returns a session of this budget.
     *
     * @param id 1 to 256 characters without control characters
     * @return a light handle; the session begins with its first call
     * @throws io.holdfast.error.InvalidInputException if it is no name
     */
    public BudgetSession session(String id) {
        return new BudgetSession(this, id);
    }

    /**
     * Returns how the scope stands.
     *
     * @return every limit of the scope and its ancestors; limits per session for each of the scope's own sessions
     */
    public BudgetSummary summary() {
        return inspect(null);
    }

    /**
     * Sets what a session has committed back to zero; open holds stay.
     *
     * @param session the session's id
     * @throws RejectedException if the scope has no such session
     */
    public void resetSession(String session) {
        ask(new Operation.ResetSession(OperationId.made(), scope, session));
    }

    /**
     * Tells a listener of this scope's alerts, until the manager is closed.
     *
     * @param listener is given each alert, on a thread of its own
     */
    public void onAlert(Consumer<BudgetEvent.AlertReached> listener) {
        manager.onEvent(event -> {
            if (event instanceof BudgetEvent.AlertReached alert && alert.scope().equals(scope)) {
                listener.accept(alert);
            }
        });
    }

    BudgetSummary inspect(@org.jspecify.annotations.Nullable String session) {
        Outcome outcome = ask(new Operation.Inspect(scope, session));
        if (outcome instanceof Outcome.Inspected inspected) {
            return new BudgetSummary(
                    scope,
                    inspected.path().stream().map(ScopeDefinition::name).toList(),
                    inspected.limits(),
                    inspected.openHolds(),
                    Instant.ofEpochMilli(inspected.at()));
        }
        throw Rejections.unexpected(outcome);
    }

    Outcome ask(Operation operation) {
        return manager.ask(operation);
    }

    private static Usage usageOf(Call call, Amounts amounts) {
        Usage exact = call.exact();
        return exact != null ? exact : Usage.of(amounts.inputTokens(), amounts.outputTokens());
    }
}
