package io.holdfast;

import io.holdfast.error.InvalidInputException;
import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Names;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Entry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One session of a budget: its calls count against the limits per session as well. A light handle.
 *
 * <p>A child session has a budget of its own, which is held against this one from the start; its calls draw on that and
 * count as calls of this session. Closing it gives back what is left.
 */
public final class BudgetSession implements AutoCloseable {
    private static final Duration CHILD_TTL = Duration.ofHours(24);

    private final Budget budget;
    private final String id;
    private final @Nullable Child child;
    private volatile boolean closed;

    /**
     * What makes a session a child.
     *
     * @param allotment the hold of its budget
     * @param path its id below those of its parents
     * @param id its own id
     */
    private record Child(String allotment, String path, String id) {}

    BudgetSession(Budget budget, String id) {
        this(budget, Names.check("session", id), null);
    }

    private BudgetSession(Budget budget, String id, @Nullable Child child) {
        this.budget = budget;
        this.id = id;
        this.child = child;
    }

    /**
     * Returns a child session for 24 hours, as {@link #child(String, Usd, Duration)} does.
     *
     * @param childId 1 to 256 characters without control characters, unique within this session
     * @param most the child's whole budget
     * @return the child session
     * @throws BudgetExceededException if that much is not left here
     */
    public BudgetSession child(String childId, Usd most) {
        return child(childId, most, CHILD_TTL);
    }

    /**
     * Returns a child session with a budget of its own. The whole of it is held at once in every limit on the cost of all
     * models, and out of this session's own budget where this is a child itself, so that two children can never promise
     * the same dollar. The same child again, on any node, is the same session, and draws on the same budget.
     *
     * @param childId 1 to 256 characters without control characters, unique within this session; 1,024 with those of the
     *     sessions above it
     * @param most the child's whole budget
     * @param time how long it may be called, one millisecond to 31 days; what is left then is given back
     * @return the child session
     * @throws BudgetExceededException if that much is not left here
     * @throws SessionClosedException if this session is a child that was closed or whose time is over, or if it had such a
     *     child, which was or whose is
     * @throws OperationIdException if there is such a child with another budget or time
     * @throws InvalidInputException if the id is no name or the time is out of range
     */
    public BudgetSession child(String childId, Usd most, Duration time) {
        Names.check("child session", childId);
        long ttl = Call.checkedTtl(time).toMillis();
        String parent = child == null ? Keys.session(budget.scope(), id) : child.allotment;
        String path = Keys.path(child == null ? id : child.path, childId);
        if (path.length() > Detail.LONGEST_TAG) {
            throw new InvalidInputException(
                    "child session",
                    path,
                    "must have at most " + Detail.LONGEST_TAG + " characters with the ids above it");
        }
        String allotment = Keys.allotment(parent, childId);
        budget.allot(
                new Operation.Allot(
                        OperationId.given(allotment),
                        budget.scope(),
                        id,
                        child == null ? null : child.allotment,
                        path,
                        most.nanos(),
                        ttl),
                child == null ? null : child.path);
        return new BudgetSession(budget, id, new Child(allotment, path, childId));
    }

    /**
     * Ends a child session and gives back what is left of its budget; calls that are under way can still be settled, and
     * child sessions of its own go on with what they have. A session that is no child has nothing to end.
     *
     * @throws io.holdfast.spi.StoreException if the store cannot do it now
     */
    @Override
    public void close() {
        if (child != null) {
            budget.giveBack(child.allotment);
            closed = true;
        }
    }

    Call own(Call call) {
        Call ours = call.inSession(id);
        return child == null ? ours : ours.drawingOn(child.allotment, child.path);
    }

    /**
     * Returns the session's id.
     *
     * @return the id, unique within its scope; of a child session, unique within its parent
     */
    public String id() {
        return child == null ? id : child.id;
    }

    /**
     * Holds for a call of this session, as {@link Budget#reserve(Call)} does.
     *
     * @param call the call; its own session is not looked at
     * @return the handle to settle it with
     * @throws BudgetExceededException if a limit has no room
     */
    public Reservation reserve(Call call) {
        return budget.reserve(own(call));
    }

    /**
     * Holds for a call of this session, as {@link Budget#tryReserve(Call)} does.
     *
     * @param call the call; its own session is not looked at
     * @return the handle to settle it with, or why not
     */
    public Decision<Reservation> tryReserve(Call call) {
        return budget.tryReserve(own(call));
    }

    /**
     * Tells whether a call of this session would be admitted, as {@link Budget#check(Call)} does.
     *
     * @param call the call; its own session is not looked at
     * @return what it would meet, or why it would be refused
     */
    public Decision<Explanation> check(Call call) {
        return budget.check(own(call));
    }

    /**
     * Tells every limit that applies to a call of this session, as {@link Budget#explain(Call)} does.
     *
     * @param call the call; its own session is not looked at
     * @return the limits, a child session's own budget before them; holds nothing
     */
    public Explanation explain(Call call) {
        return budget.explain(own(call));
    }

    /**
     * Returns this session for callers that do not wait.
     *
     * @return a light handle on the same session
     */
    public AsyncBudget async() {
        return new AsyncBudget(budget, this);
    }

    /**
     * Books a call of this session after the fact, as {@link Budget#record(Call, Usage)} does.
     *
     * @param call the call; its own session is not looked at
     * @param usage what it used
     * @return what was booked, or which limits are now passed
     */
    public Decision<Charge> record(Call call, Usage usage) {
        return budget.record(own(call), usage);
    }

    /**
     * Returns how the session and its scope stand.
     *
     * @return every limit of the scope and its ancestors, limits per session for this session; of a child session, its own
     *     budget before them
     * @throws SessionClosedException if this is a child session that was closed or whose time is over
     */
    public BudgetSummary summary() {
        return budget.inspect(inspection());
    }

    Operation.Inspect inspection() {
        return new Operation.Inspect(budget.scope(), id, child == null ? null : child.allotment);
    }

    /** Returns how the child session's own budget stands, or nothing once it has ended. */
    private Optional<LimitState> standing() {
        try {
            return Optional.of(summary().limits().get(0));
        } catch (SessionClosedException ended) {
            return Optional.empty();
        }
    }

    /**
     * Returns the money left to the session under every hard limit on cost that counts all models; to a child session, what
     * is left of its own budget, which is nothing once it has ended.
     *
     * @return the least of what they leave, or empty if there is no such limit
     */
    public Optional<Usd> remaining() {
        if (child != null) {
            return Optional.of(
                    standing().map(own -> Usd.ofNanos(own.remaining())).orElse(Usd.ZERO));
        }
        return summary().limits().stream()
                .filter(state -> state.limit().hard()
                        && state.limit().meter() == Meter.COST
                        && state.limit().models().equals(ModelPattern.ANY))
                .min(Comparator.comparingLong(LimitState::remaining))
                .map(state -> Usd.ofNanos(state.remaining()));
    }

    /**
     * Returns what the session has spent: from the counter of a limit on its cost where it has one, else summed up over the
     * whole journal. That counter counts from when the limit was first defined, and anew after a {@linkplain #reset()
     * reset}.
     *
     * @return the cost of all its charges; of a child session, of its own and those of its children, where a call that was
     *     settled late counts at no less than what was booked in doubt until the child has ended
     */
    public Usd spent() {
        if (child != null) {
            return standing().map(own -> Usd.ofNanos(own.committed())).orElseGet(() -> sums().total());
        }
        return summary().limits().stream()
                .filter(state -> state.limit().meter() == Meter.COST
                        && state.limit().window().equals(Window.session())
                        && state.limit().models().equals(ModelPattern.ANY))
                .findFirst()
                .map(state -> Usd.ofNanos(state.committed()))
                .orElseGet(() -> sums().total());
    }

    /**
     * Books what a tool has cost, such as a search or a sandbox. It counts as a call to the model {@code tool:NAME}, for
     * limits on tools, and is told by tool in the {@linkplain #report() report}.
     *
     * @param tool the tool's name, 1 to 251 characters without control characters
     * @param cost what it has cost
     * @return what was booked, or which limits are now passed
     * @throws InvalidInputException if it is no name
     */
    public Decision<Charge> track(String tool, Usd cost) {
        return record(toolCall(tool, cost), Usage.NONE.withExtraCost(cost));
    }

    /**
     * Makes a function pay for each call: the cost is held before, so that a call that does not fit is refused, and booked
     * after, also where the function throws.
     *
     * @param tool the tool's name, as of {@link #track}
     * @param cost what each call costs
     * @param function the function
     * @param <A> what it takes
     * @param <R> what it returns
     * @return the function with a toll; throws {@link BudgetExceededException} where a limit has no room
     * @throws InvalidInputException if it is no name
     */
    public <A extends @Nullable Object, R extends @Nullable Object> Function<A, R> trackAll(
            String tool, Usd cost, Function<A, R> function) {
        Call call = toolCall(tool, cost);
        return argument -> {
            try (Reservation hold = reserve(call)) {
                R result = function.apply(argument);
                hold.commit(Usage.NONE.withExtraCost(cost));
                return result;
            }
        };
    }

    /**
     * Returns what the session came to, summed up over the whole journal.
     *
     * @return the report
     * @throws io.holdfast.spi.StoreException if the journal cannot be read
     */
    public SessionReport report() {
        SessionSums sums = sums();
        List<BudgetEvent> events = budget.manager().recent().of(budget.scope(), id, child == null ? null : child.path);
        return new SessionReport(
                child == null ? id : child.path,
                sums.total(),
                remaining(),
                sums.calls(),
                sums.tokens(),
                sums.byModel(),
                sums.byTool(),
                sums.began(),
                sums.latest(),
                ended(events),
                events);
    }

    private Optional<String> ended(List<BudgetEvent> events) {
        if (child != null && standing().isEmpty()) {
            return Optional.of(closed ? "closed" : "closed, or its time is over");
        }
        return events.stream()
                .filter(event -> event instanceof BudgetEvent.CallRefused || event instanceof BudgetEvent.LoopDetected)
                .reduce((earlier, later) -> later)
                .map(BudgetEvent::message);
    }

    private SessionSums sums() {
        SessionSums sums = new SessionSums();
        budget.manager().entries(entry -> {
            if (entry.scope().equals(budget.scope()) && id.equals(entry.session()) && ofChild(entry)) {
                sums.add(entry);
            }
        });
        return sums;
    }

    private boolean ofChild(Entry entry) {
        if (child == null) {
            return true;
        }
        String path = entry.detail().tags().getOrDefault(Call.CHILD, "");
        return path.equals(child.path) || path.startsWith(child.path + "/");
    }

    private static Call toolCall(String tool, Usd cost) {
        return Call.to(Estimator.TOOL + Names.check("tool", tool))
                .exactly(Usage.NONE.withExtraCost(cost))
                .tag(SessionSums.TOOL_TAG, tool);
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
     * @throws InvalidInputException if this is a child session, whose calls are its parent's
     */
    public void reset() {
        if (child != null) {
            throw new InvalidInputException("session", child.path, "is a child session and cannot be reset");
        }
        budget.resetSession(id);
    }

    Budget budget() {
        return budget;
    }
}
