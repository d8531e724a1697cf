package io.holdfast;

import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
     * Holds the most that a call can come to, in every limit that applies, or in none. Where a soft step of a limit is
     * passed, the model to use is the next of the scope's ladder; where a throttle step is passed, this waits for the delay
     * before it returns.
     *
     * @param call the call
     * @return the handle to settle it with
     * @throws BudgetExceededException if a limit has no room
     * @throws DelayInterruptedException if the thread is interrupted while it waits; the hold is given back
     * @throws io.holdfast.pricing.UnknownModelException if a limit on cost applies and the model has no price
     * @throws OperationIdException if the call's id was used before for something else
     */
    public Reservation reserve(Call call) {
        Reservation reservation = tryReserve(call).orThrow();
        if (!reservation.delay().isZero()) {
            await(reservation);
        }
        return reservation;
    }

    private void await(Reservation reservation) {
        try {
            manager.sleeper().sleep(reservation.delay());
        } catch (InterruptedException interrupted) {
            DelayInterruptedException stopped = new DelayInterruptedException(reservation.id(), reservation.delay());
            stopped.initCause(interrupted);
            try {
                giveBack(reservation, stopped);
            } finally {
                Thread.currentThread().interrupt();
            }
            throw stopped;
        } catch (RuntimeException | Error broken) {
            giveBack(reservation, broken);
            throw broken;
        }
    }

    private static void giveBack(Reservation reservation, Throwable why) {
        try {
            reservation.release();
        } catch (RuntimeException stays) {
            why.addSuppressed(stays);
        }
    }

    /**
     * Holds as {@link #reserve(Call)} does, with a refusal as a value, and waits for nothing: the caller keeps the
     * {@linkplain Reservation#delay() delay}.
     *
     * @param call the call
     * @return the handle to settle it with, or why not
     * @throws io.holdfast.pricing.UnknownModelException if a limit on cost applies and the model has no price
     * @throws OperationIdException if the call's id was used before for something else
     */
    public Decision<Reservation> tryReserve(Call call) {
        Asking asking = new Asking(manager, scope, call);
        return reserved(call, asking, asking.ask(reserve(call, asking)));
    }

    /** Returns how to ask for a call, under one id however often that takes. */
    Function<Operation.Request, Operation> reserve(Call call, Asking asking) {
        OperationId id = call.operationId();
        Detail detail = asking.asked().detail();
        return request -> new Operation.Reserve(id, request, call.ttlMillis(), call.onExpiry(), detail);
    }

    Decision<Reservation> reserved(Call call, Asking asking, Outcome outcome) {
        if (outcome instanceof Outcome.Held held) {
            return new Decision.Allowed<>(new Reservation(this, call, asking.by(held.model()), held));
        }
        if (outcome instanceof Outcome.Denied denied) {
            Refusal refusal = new Refusal(scope, call.sessionOrNull(), denied.model(), denied.blocking());
            manager.refused(refusal, call.tags().get(Call.CHILD));
            return new Decision.Refused<>(refusal);
        }
        throw Rejections.unexpected(outcome);
    }

    /**
     * Tells whether a call would be admitted now, by which model and after what delay; holds nothing, so the answer may be
     * old when it arrives.
     *
     * @param call the call
     * @return what it would meet, or why it would be refused
     * @throws io.holdfast.pricing.UnknownModelException if a limit on cost applies and the model has no price
     */
    public Decision<Explanation> check(Call call) {
        return decided(call, explain(call));
    }

    Decision<Explanation> decided(Call call, Explanation explanation) {
        if (explanation.allowed()) {
            return new Decision.Allowed<>(explanation);
        }
        List<LimitState> blocking = Refusal.blocking(explanation.limits());
        return new Decision.Refused<>(
                new Refusal(scope, call.sessionOrNull(), explanation.estimate().model(), blocking));
    }

    /**
     * Tells every limit that applies to a call, how it stands, and when it frees; which model would be used, after what
     * delay, and why.
     *
     * @param call the call
     * @return the limits; holds nothing
     * @throws io.holdfast.pricing.UnknownModelException if a limit on cost applies and the model has no price
     */
    public Explanation explain(Call call) {
        Asking asking = new Asking(manager, scope, call);
        return explained(asking, asking.ask(Operation.Check::new));
    }

    Explanation explained(Asking asking, Outcome outcome) {
        if (outcome instanceof Outcome.Checked checked) {
            return new Explanation(
                    scope,
                    asking.asked().estimate().model(),
                    new Estimate(checked.model(), checked.amounts()),
                    checked.admitted(),
                    Duration.ofMillis(checked.delayMillis()),
                    checked.steps(),
                    checked.limits());
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
        Operation.Book booking = booking(call, usage);
        return recorded(booking, ask(booking));
    }

    Operation.Book booking(Call call, Usage usage) {
        Estimator.Tariff tariff = manager.estimator().tariff(call);
        return new Operation.Book(
                call.operationId(),
                scope,
                call.sessionOrNull(),
                tariff.model(),
                tariff.amounts(usage),
                call.loopKeyFor(tariff.model()),
                call.allotment(),
                new Detail(usage, call.tags()));
    }

    Decision<Charge> recorded(Operation.Book booking, Outcome outcome) {
        if (!(outcome instanceof Outcome.Booked booked)) {
            throw Rejections.unexpected(outcome);
        }
        if (!booked.passed().isEmpty()) {
            Refusal refusal = new Refusal(scope, booking.session(), booking.model(), booked.passed());
            if (!booked.repeated()) {
                manager.refused(refusal, booking.detail().tags().get(Call.CHILD));
            }
            return new Decision.Refused<>(refusal);
        }
        Instant time = Instant.ofEpochMilli(booked.bookedAt());
        return new Decision.Allowed<>(
                new Charge(booking.id().value(), time, booking.model(), booking.amounts(), Usd.ZERO, false));
    }

    /**
     * Returns the most that a call can come to; asks no store.
     *
     * @param call the call
     * @return the estimate, without a cost if the model has no price
     */
    public Estimate estimate(Call call) {
        return manager.estimator().quote(call).estimate();
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
     * Returns this budget for callers that do not wait.
     *
     * @return a light handle on the same scope
     */
    public AsyncBudget async() {
        return new AsyncBudget(this, null);
    }

    /**
     * Returns how the scope stands.
     *
     * @return every limit of the scope and its ancestors; limits per session for each of the scope's own sessions
     */
    public BudgetSummary summary() {
        return inspect(new Operation.Inspect(scope, null));
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
        manager.onEvent(
                event -> event instanceof BudgetEvent.AlertReached
                        && event.scope().equals(scope),
                event -> listener.accept((BudgetEvent.AlertReached) event));
    }

    /** Holds a child session's budget; the parent has a path where it is a child itself. */
    void allot(Operation.Allot allot, @Nullable String parent) {
        Outcome outcome = ask(allot);
        if (outcome instanceof Outcome.Denied denied) {
            Refusal refusal = new Refusal(scope, allot.session(), denied.model(), denied.blocking());
            manager.tellRefused(refusal, parent);
            throw BudgetExceededException.of(refusal);
        }
        if (!(outcome instanceof Outcome.Held)) {
            throw Rejections.unexpected(outcome);
        }
    }

    /** Gives back what is left of a child session's budget, which is done already if its time is over. */
    void giveBack(String allotment) {
        try {
            ask(new Operation.Release(scope, allotment));
        } catch (HoldException over) {
            // It ran out of time, so nothing is left to give back.
        }
    }

    BudgetSummary inspect(Operation.Inspect inspect) {
        return inspected(ask(inspect));
    }

    BudgetSummary inspected(Outcome outcome) {
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

    BudgetManager manager() {
        return manager;
    }
}
