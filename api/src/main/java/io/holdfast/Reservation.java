package io.holdfast;

import io.holdfast.spi.Detail;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.Instant;

/**
 * The caller's handle on what is held for one call. Settle it with {@link #commit(Usage)} or {@link #release()}; closing
 * it unsettled books the estimate, because a call that failed after it left may have been paid for. Safe for use by
 * several threads.
 */
public final class Reservation implements AutoCloseable {
    private final Budget budget;
    private final Call call;
    private final Estimator.Tariff tariff;
    private final Estimate estimate;
    private final String id;
    private volatile Instant expiresAt;
    private volatile boolean settled;

    Reservation(Budget budget, Call call, Estimator.Tariff tariff, Estimate estimate, String id, Instant expiresAt) {
        this.budget = budget;
        this.call = call;
        this.tariff = tariff;
        this.estimate = estimate;
        this.id = id;
        this.expiresAt = expiresAt;
    }

    /**
     * Returns the id of the operation and its hold.
     *
     * @return the id given with the call, or one made for it
     */
    public String id() {
        return id;
    }

    /**
     * Returns the model to call.
     *
     * @return its name as the call gave it
     */
    public String model() {
        return call.model();
    }

    /**
     * Returns the most the call can come to, which is what is held.
     *
     * @return the estimate
     */
    public Estimate estimate() {
        return estimate;
    }

    /**
     * Returns until when the hold may stay open.
     *
     * @return a time on the store's clock
     */
    public Instant expiresAt() {
        return expiresAt;
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
        return commit(tariff.amounts(usage), false, new Detail(usage, call.tags()));
    }

    /**
     * Gives the hold back. Only for a call that never left: what was sent may be billed even if it failed.
     *
     * @throws HoldException if it was committed or ran out of time
     * @throws io.holdfast.spi.StoreException if the store cannot do it now; the hold stays
     * @throws io.holdfast.spi.AmbiguousOutcomeException if nobody can tell whether it was done; release again
     */
    public void release() {
        Outcome outcome = budget.ask(new Operation.Release(budget.scope(), id));
        if (!(outcome instanceof Outcome.Settled)) {
            throw Rejections.unexpected(outcome);
        }
        settled = true;
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
        Outcome outcome = budget.ask(new Operation.Extend(OperationId.made(), budget.scope(), id, millis));
        if (!(outcome instanceof Outcome.Extended extended)) {
            throw Rejections.unexpected(outcome);
        }
        expiresAt = Instant.ofEpochMilli(extended.expiresAt());
        return expiresAt;
    }

    /** Books the estimate if the call was neither committed nor released. */
    @Override
    public void close() {
        if (!settled) {
            Usage usage = call.exact();
            Detail detail = new Detail(
                    usage != null
                            ? usage
                            : Usage.of(
                                    estimate.amounts().inputTokens(),
                                    estimate.amounts().outputTokens()),
                    call.tags());
            commit(estimate.amounts(), true, detail);
        }
    }

    private Charge commit(Amounts amounts, boolean estimated, Detail detail) {
        Outcome outcome = budget.ask(new Operation.Commit(budget.scope(), id, amounts, estimated, detail));
        if (!(outcome instanceof Outcome.Settled done)) {
            throw Rejections.unexpected(outcome);
        }
        settled = true;
        return new Charge(
                id,
                Instant.ofEpochMilli(done.settledAt()),
                estimate.model(),
                done.booked(),
                Usd.ofNanos(Math.max(
                        0,
                        Math.max(0, done.booked().cost())
                                - Math.max(0, done.estimate().cost()))),
                done.state() == io.holdfast.spi.HoldState.LATE_COMMITTED);
    }
}
