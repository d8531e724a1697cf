package io.holdfast;

import io.holdfast.limit.LimitState;
import io.holdfast.limit.Names;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.util.Comparator;
import java.util.Optional;

/** One session of a budget: its calls count against the limits per session as well. A light handle. */
public final class BudgetSession {
    private final Budget budget;
    private final String id;

    BudgetSession(Budget budget, String id) {
        this.budget = budget;
        this.id = Names.check("session", id);
    }

    /**
     * Returns the session's id.
     *
     * @return the id, unique within its scope
     */
    public String id() {
        return id;
    }

    /**
     * Holds for a call of this session, as {@link Budget#reserve(Call)} does.
     *
     * @param call the call; its own session is not looked at
     * @return the handle to settle it with
     * @throws BudgetExceededException if a limit has no room
     */
    public Reservation reserve(Call call) {
        return budget.reserve(call.inSession(id));
    }

    /**
     * Holds for a call of this session, as {@link Budget#tryReserve(Call)} does.
     *
     * @param call the call; its own session is not looked at
     * @return the handle to settle it with, or why not
     */
    public Decision<Reservation> tryReserve(Call call) {
        return budget.tryReserve(call.inSession(id));
    }

    /**
     * Tells whether a call of this session would be admitted, as {@link Budget#check(Call)} does.
     *
     * @param call the call; its own session is not looked at
     * @return its estimate, or why it would be refused
     */
    public Decision<Estimate> check(Call call) {
        return budget.check(call.inSession(id));
    }

    /**
     * Books a call of this session after the fact, as {@link Budget#record(Call, Usage)} does.
     *
     * @param call the call; its own session is not looked at
     * @param usage what it used
     * @return what was booked, or which limits are now passed
     */
    public Decision<Charge> record(Call call, Usage usage) {
        return budget.record(call.inSession(id), usage);
    }

    /**
     * Returns how the session and its scope stand.
     *
     * @return every limit of the scope and its ancestors, limits per session for this session
     */
    public BudgetSummary summary() {
        return budget.inspect(id);
    }

    /**
     * Returns the money left to the session under every hard limit on cost that counts all models.
     *
     * @return the least of what they leave, or empty if there is no such limit
     */
    public Optional<Usd> remaining() {
        return summary().limits().stream()
                .filter(state -> state.limit().hard()
                        && state.limit().meter() == Meter.COST
                        && state.limit().models().equals(io.holdfast.limit.ModelPattern.ANY))
                .min(Comparator.comparingLong(LimitState::remaining))
                .map(state -> Usd.ofNanos(state.remaining()));
    }

    /**
     * Tells whether spending this much more would pass a hard limit on cost.
     *
     * @param cost the cost
     * @return true if it would be refused now
     */
    public boolean wouldExceed(Usd cost) {
        return remaining().map(left -> left.compareTo(cost) < 0).orElse(false);
    }

    /**
     * Sets what the session has committed back to zero; open holds stay.
     *
     * @throws RejectedException if the session has had no call yet
     */
    public void reset() {
        budget.resetSession(id);
    }
}
