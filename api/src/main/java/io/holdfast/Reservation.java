package io.holdfast;

import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.PassedStep;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The caller's handle on what is held for one call. Settle it with {@link #commit(Usage)} or {@link #release()}; closing
 * it unsettled books the estimate, because a call that failed after it left may have been paid for. Safe for use by
 * several threads.
 */
public final class Reservation implements AutoCloseable {
    private final Budget budget;
    private final Call call;
    private final Estimator.Quote quote;
    private final Outcome.Held held;
    private volatile long expiresAt;
    private volatile boolean settled;

    Reservation(Budget budget, Call call, Estimator.Quote quote, Outcome.Held held) {
        this.budget = budget;
        this.call = call;
        this.quote = quote;
        this.held = held;
        this.expiresAt = held.expiresAt();
    }

    /**
     * Returns the id of the operation and its hold.
     *
     * @return the id given with the call, or one made for it
     */
    public String id() {
        return held.holdId();
    }

    /**
     * Returns the model to call.
     *
     * @return its name as the call gave it, or the provider's name of the one that takes its place
     */
    public String model() {
        return downgraded() ? quote.tariff().name() : call.model();
    }

    /**
     * Tells whether another model takes the place of the one asked for.
     *
     * @return true if a soft step was passed and the scope's ladder has a lower rung
     */
    public boolean downgraded() {
        return held.steps().stream().anyMatch(step -> step.kind() == PassedStep.Kind.DOWNGRADE);
    }

    /**
     * Returns the most output to tell the model to produce, for each answer.
     *
     * @return tokens, zero or more
     */
    public long maxOutput() {
        return held.amounts().outputTokens()
                / (call.exact() == null ? call.bound().choices() : 1);
    }

    /**
     * Tells whether the answer has to be shorter than asked, as {@link Call#clampOutput} allows.
     *
     * @return true if {@link #maxOutput()} is less than what was asked
     */
    public boolean clamped() {
        return held.amounts().outputTokens() < quote.estimate().amounts().outputTokens();
    }

    /**
     * Returns how long to wait before the call. {@link Budget#reserve} has waited already.
     *
     * @return zero for not at all
     */
    public Duration delay() {
        return Duration.ofMillis(held.delayMillis());
    }

    /**
     * Returns why the call is not made as asked and at once.
     *
     * @return the steps of limits that it passed, and the limits that had no room for a rung of its ladder; mostly none
     */
    public List<PassedStep> steps() {
        return held.steps();
    }

    /**
     * Returns the most the call can come to, which is what is held.
     *
     * @return the estimate
     */
    public Estimate estimate() {
        return new Estimate(held.model(), held.amounts());
    }

    /**
     * Returns until when the hold may stay open.
     *
     * @return a time on the store's clock
     */
    public Instant expiresAt() {
        return Instant.ofEpochMilli(expiresAt);
    }

    /**
     * Books what the call came to and frees the rest. More than was held is booked in full. The same usage again changes
     * nothing and answers the same.
     *
     * @param usage what the provider reported
     * @return what was booked
     * @throws HoldException if it was released, or committed with other usage
     * @throws io.holdfast.spi.StoreException if the store cannot book it now; the hold stays
     * @throws io.holdfast.spi.AmbiguousOutcomeException if nobody can tell whether it was booked; commit again
     */
    public Charge commit(Usage usage) {
        return charged(budget.ask(commitment(usage)));
    }

    /**
     * Books as {@link #commit(Usage)} does, without waiting.
     *
     * @param usage what was used
     * @return completes with what was booked, or with the exceptions of {@link #commit(Usage)}
     */
    public CompletableFuture<Charge> commitAsync(Usage usage) {
        return Futures.plain(budget.manager().submit(commitment(usage)).thenApply(this::charged));
    }

    /**
     * Gives the hold back. Only for a call that never left: what was sent may be billed even if it failed.
     *
     * @throws HoldException if it was committed or ran out of time
     * @throws io.holdfast.spi.StoreException if the store cannot do it now; the hold stays
     * @throws io.holdfast.spi.AmbiguousOutcomeException if nobody can tell whether it was done; release again
     */
    public void release() {
        released(budget.ask(givingBack()));
    }

    /**
     * Gives the hold back as {@link #release()} does, without waiting.
     *
     * @return completes when it is given back, or with the exceptions of {@link #release()}
     */
    public CompletableFuture<Void> releaseAsync() {
        return Futures.plain(budget.manager().submit(givingBack()).thenAccept(this::released));
    }

    /**
     * Lets the hold stay open for this much longer from now, for a stream that is still running. Never shortens.
     *
     * @param time one millisecond to 31 days
     * @return until when
     * @throws HoldException if it is settled or ran out of time
     * @throws io.holdfast.error.InvalidInputException if the time is out of range
     */
    public Instant extend(Duration time) {
        long millis = Call.checkedTtl(time).toMillis();
        Outcome outcome = budget.ask(new Operation.Extend(OperationId.made(), budget.scope(), id(), millis));
        if (!(outcome instanceof Outcome.Extended extended)) {
            throw Rejections.unexpected(outcome);
        }
        expiresAt = extended.expiresAt();
        return expiresAt();
    }

    /** Books the estimate if the call was neither committed nor released. */
    @Override
    public void close() {
        if (!settled) {
            charged(budget.ask(estimated()));
        }
    }

    /**
     * Books the estimate as {@link #close()} does, without waiting.
     *
     * @return completes when the call is settled
     */
    public CompletableFuture<Void> closeAsync() {
        return settled
                ? CompletableFuture.completedFuture(null)
                : Futures.plain(budget.manager().submit(estimated()).thenAccept(this::charged));
    }

    private Operation commitment(Usage usage) {
        return new Operation.Commit(
                budget.scope(), id(), quote.tariff().amounts(usage), false, new Detail(usage, call.tags()));
    }

    private Operation estimated() {
        Amounts amounts = held.amounts();
        Detail detail = amounts.equals(quote.estimate().amounts()) ? quote.detail() : Estimator.detail(call, amounts);
        return new Operation.Commit(budget.scope(), id(), amounts, true, detail);
    }

    private Operation givingBack() {
        return new Operation.Release(budget.scope(), id());
    }

    private void released(Outcome outcome) {
        if (!(outcome instanceof Outcome.Settled)) {
            throw Rejections.unexpected(outcome);
        }
        settled = true;
    }

    private Charge charged(Outcome outcome) {
        if (!(outcome instanceof Outcome.Settled done)) {
            throw Rejections.unexpected(outcome);
        }
        settled = true;
        long over =
                Math.max(0, done.booked().cost()) - Math.max(0, done.estimate().cost());
        return new Charge(
                id(),
                Instant.ofEpochMilli(done.settledAt()),
                held.model(),
                done.booked(),
                Usd.ofNanos(Math.max(0, over)),
                done.state() == HoldState.LATE_COMMITTED);
    }
}
