package io.holdfast.internal.outage;

import io.holdfast.internal.Ledger;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreUnavailableException;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A ledger that may be out of reach for a while. Settlements are then acknowledged from a spool on this node's disk and
 * carried out later; new calls are refused, or let go ahead within an allowance of money and time.
 */
public final class OutageLedger implements Ledger {
    private static final int MOST_KNOWN_SCOPES = 100_000;

    private final Ledger ledger;
    private final OutageTerms terms;
    private final InstantSource clock;
    private final OutageObserver observer;
    private final Availability availability;
    private final Spool spool;
    private final OpenCalls open = new OpenCalls();
    private final Drain drain;
    /** The scopes that the ledger has admitted a call of; no other may go ahead unchecked. */
    private final Set<String> knownScopes = ConcurrentHashMap.newKeySet();
    /** Held while a call is let go ahead, so that it is let go once however often it is asked for at the same time. */
    private final Object opening = new Object();

    /**
     * Puts a spool before a ledger; what an earlier process left in it is carried out.
     *
     * @param ledger the ledger
     * @param terms what may be done meanwhile
     * @param booked looks into the ledger's journal
     * @param clock gives the times of acknowledgements while the ledger's own cannot be asked
     * @param nanos the monotonic clock, in nanoseconds
     * @param observer is told what happens
     * @throws StoreException if the spool cannot be opened
     */
    public OutageLedger(
            Ledger ledger,
            OutageTerms terms,
            BookedBefore booked,
            InstantSource clock,
            LongSupplier nanos,
            OutageObserver observer) {
        this.ledger = ledger;
        this.terms = terms;
        this.clock = clock;
        this.observer = observer;
        this.availability = new Availability(nanos);
        this.spool = Spool.open(terms.spool(), terms.mostRecords());
        this.drain = new Drain(ledger, spool, open, availability, booked, clock, observer, terms.probeEveryNanos());
    }

    /** Tells whether the ledger could be reached when it was last tried. */
    public boolean available() {
        return availability.outage() == null;
    }

    /** Returns how many records wait for the ledger. */
    public int spooled() {
        return spool.size();
    }

    /** Returns what went ahead unchecked and is not in the ledger yet, in nano-dollars. */
    public long unchecked() {
        return open.taken();
    }

    @Override
    public Outcome apply(Operation operation) {
        if (operation instanceof Operation.Reserve reserve) {
            return reserve(reserve);
        }
        if (operation instanceof Operation.Commit commit) {
            return settle(commit, commit.holdId(), commit.amounts());
        }
        if (operation instanceof Operation.Release release) {
            return settle(release, release.holdId(), Amounts.NONE);
        }
        if (operation instanceof Operation.Book book) {
            return book(book);
        }
        if (operation instanceof Operation.Extend extend) {
            return extend(extend);
        }
        return ask(operation);
    }

    @Override
    public CompletableFuture<Outcome> submit(Operation operation) {
        if (availability.outage() != null || open.of(operation) != null) {
            return CompletableFuture.supplyAsync(() -> apply(operation));
        }
        return ledger.submit(operation)
                .thenApply(outcome -> answered(operation, outcome))
                .exceptionallyAsync(failure -> failed(operation, Failures.unwrapped(failure)));
    }

    /** Tries once more to carry out what is owed, and closes; what is left waits for the next manager of the spool. */
    @Override
    public void close() {
        drain.close();
        ledger.close();
        spool.close();
    }

    private Outcome extend(Operation.Extend extend) {
        OpenCall call = open.find(extend.holdId());
        if (call == null) {
            return ask(extend);
        }
        long until = open.extend(call, clock.millis() + extend.ttlMillis());
        return new Outcome.Extended(extend.holdId(), until, false, List.of());
    }

    private Outcome ask(Operation operation) {
        Availability.Outage outage = availability.outage();
        if (outage != null) {
            throw unavailable("", outage.cause());
        }
        try {
            return answered(operation, ledger.apply(operation));
        } catch (StoreUnavailableException | AmbiguousOutcomeException failure) {
            noteOutage(failure);
            throw failure;
        }
    }

    private Outcome answered(Operation operation, Outcome outcome) {
        if (terms.allowance() > 0
                && outcome instanceof Outcome.Held
                && operation instanceof Operation.Reserve reserve
                && knownScopes.size() < MOST_KNOWN_SCOPES) {
            knownScopes.add(reserve.scope());
        }
        return outcome;
    }

    private void noteOutage(RuntimeException failure) {
        if (Availability.isOutage(failure)) {
            availability.down(failure);
            drain.wake();
        }
    }

    // ---- new calls

    private Outcome reserve(Operation.Reserve reserve) {
        OpenCall before = open.find(reserve.id().value());
        if (before != null) {
            return repeated(before, reserve);
        }
        try {
            return ask(reserve);
        } catch (StoreUnavailableException | AmbiguousOutcomeException failure) {
            return withoutLedger(reserve, failure);
        }
    }

    private Outcome repeated(OpenCall before, Operation.Reserve reserve) {
        return sameRequest(before.reserve, reserve)
                ? held(before, true)
                : new Outcome.Rejected(
                        Rejection.ID_REUSED, reserve.id().value(), "was used before for another call", List.of());
    }

    private static Outcome.Held held(OpenCall call, boolean repeated) {
        Operation.Reserve reserve = call.reserve;
        return new Outcome.Held(
                reserve.id().value(),
                reserve.model(),
                reserve.amounts(),
                call.admittedAt,
                0,
                call.expiresAt,
                List.of(),
                repeated,
                List.of());
    }

    private static boolean sameRequest(Operation.Reserve one, Operation.Reserve other) {
        return one.equals(remembered(other)) || one.equals(asAsked(other.id(), other));
    }

    private Outcome withoutLedger(Operation.Reserve reserve, RuntimeException failure) {
        boolean lost = failure instanceof AmbiguousOutcomeException;
        OpenCall call;
        synchronized (opening) {
            OpenCall before = open.find(reserve.id().value());
            if (before != null) {
                return repeated(before, reserve);
            }
            String objection = objection(reserve);
            if (objection != null) {
                throw refused(reserve, objection, failure);
            }
            call = opened(lost ? asAsked(reserve.id(), reserve) : remembered(reserve));
        }
        OpenCalls.Sums sums = open.sums();
        observer.admittedUnchecked(reserve, sums.used(), sums.held());
        return held(call, false);
    }

    /** Returns what to throw; where the answer was lost there may be a hold, which its caller has to ask about or nobody. */
    private RuntimeException refused(Operation.Reserve reserve, String objection, RuntimeException failure) {
        if (failure instanceof AmbiguousOutcomeException) {
            if (reserve.id().given()) {
                return failure;
            }
            spool.add(new SpoolRecord.Voided(reserve.scope(), reserve.id().value()));
        }
        return unavailable(objection, failure);
    }

    /** Returns why a call may not go ahead unchecked, or nothing where it may and its cost was taken of the allowance. */
    private @Nullable String objection(Operation.Reserve reserve) {
        if (terms.allowance() == 0 || availability.outage() == null) {
            return "";
        }
        if (!knownScopes.contains(reserve.scope())) {
            return ", and scope '" + reserve.scope() + "' was never admitted by this node";
        }
        if (!reserve.amounts().priced()) {
            return ", and the cost of a call to " + reserve.model() + " is not known";
        }
        if (availability.downNanos() > terms.longestNanos()) {
            return ", for longer than the " + Duration.ofNanos(terms.longestNanos()) + " in which calls may go ahead";
        }
        long cost = reserve.amounts().cost();
        if (!open.take(cost, terms.allowance())) {
            return ", and of the allowance of " + Usd.ofNanos(terms.allowance()) + " USD " + Usd.ofNanos(open.taken())
                    + " USD are taken, asked " + Usd.ofNanos(cost) + " USD";
        }
        return null;
    }

    /** Lets a call go ahead whose cost was taken of the allowance. */
    private OpenCall opened(Operation.Reserve reserve) {
        try {
            long number = spool.add(new SpoolRecord.Opened(reserve));
            long now = clock.millis();
            OpenCall call = new OpenCall(reserve, number, now, now + reserve.ttlMillis());
            open.add(call);
            return call;
        } catch (RuntimeException notSpooled) {
            open.giveBack(Math.max(0, reserve.amounts().cost()));
            throw notSpooled;
        }
    }

    /**
     * Returns the call as asked, the only way it can go ahead unchecked, under an id that is remembered as long as a
     * caller's own: what is booked late is then booked once, however late it is.
     */
    private static Operation.Reserve remembered(Operation.Reserve op) {
        return asAsked(OperationId.given(op.id().value()), op);
    }

    private static Operation.Reserve asAsked(OperationId id, Operation.Reserve op) {
        Operation.Request request = op.request();
        return new Operation.Reserve(
                id,
                new Operation.Request(
                        request.scope(),
                        request.session(),
                        List.of(request.asked()),
                        null,
                        request.policy(),
                        request.allotment()),
                op.ttlMillis(),
                op.onExpiry(),
                op.detail());
    }

    // ---- what has to be kept whatever happens

    private Outcome settle(Operation settlement, String holdId, Amounts amounts) {
        OpenCall call = open.find(holdId);
        if (call == null && availability.outage() == null) {
            try {
                return ask(settlement);
            } catch (StoreException | AmbiguousOutcomeException failure) {
                return failed(settlement, failure);
            }
        }
        return owe(settlement, holdId, amounts, call);
    }

    private Outcome owe(Operation settlement, String holdId, Amounts amounts, @Nullable OpenCall call) {
        if (call == null) {
            return owe(settlement, holdId, amounts);
        }
        synchronized (call) {
            Operation before = call.settlement;
            if (before == null) {
                return owe(settlement, holdId, amounts);
            }
            return before.equals(settlement)
                    ? settled(settlement, holdId, amounts, true)
                    : new Outcome.Rejected(
                            Rejection.HOLD_SETTLED, holdId, "is settled already, in another way", List.of());
        }
    }

    private Outcome owe(Operation settlement, String holdId, Amounts amounts) {
        long number = spool.add(new SpoolRecord.Owed(settlement));
        open.settle(settlement, number);
        drain.wake();
        return settled(settlement, holdId, amounts, false);
    }

    private Outcome settled(Operation settlement, String holdId, Amounts amounts, boolean repeated) {
        HoldState state = settlement instanceof Operation.Release ? HoldState.RELEASED : HoldState.COMMITTED;
        long now = clock.millis();
        return new Outcome.Settled(holdId, state, null, now, now, amounts, amounts, Amounts.NONE, repeated, List.of());
    }

    private Outcome book(Operation.Book book) {
        if (availability.outage() == null) {
            try {
                return ask(book);
            } catch (StoreException | AmbiguousOutcomeException failure) {
                return failed(book, failure);
            }
        }
        return oweBooking(book, false);
    }

    private Outcome oweBooking(Operation.Book op, boolean lost) {
        Operation.Book kept = lost
                ? op
                : new Operation.Book(
                        OperationId.given(op.id().value()),
                        op.scope(),
                        op.session(),
                        op.model(),
                        op.amounts(),
                        op.loopKey(),
                        op.allotment(),
                        op.detail());
        spool.add(new SpoolRecord.Owed(kept));
        drain.wake();
        return new Outcome.Booked(clock.millis(), List.of(), false, List.of());
    }

    /** Answers for a ledger that failed. */
    private Outcome failed(Operation operation, RuntimeException failure) {
        boolean lost = failure instanceof AmbiguousOutcomeException;
        if (!lost && !(failure instanceof StoreException)) {
            throw failure;
        }
        noteOutage(failure);
        if (operation instanceof Operation.Reserve reserve && (lost || failure instanceof StoreUnavailableException)) {
            return withoutLedger(reserve, failure);
        }
        if (operation instanceof Operation.Commit commit) {
            return owe(commit, commit.holdId(), commit.amounts(), null);
        }
        if (operation instanceof Operation.Release release) {
            return owe(release, release.holdId(), Amounts.NONE, null);
        }
        if (operation instanceof Operation.Book book) {
            return oweBooking(book, lost);
        }
        throw failure;
    }

    private static StoreUnavailableException unavailable(String more, RuntimeException cause) {
        return new StoreUnavailableException("the ledger cannot be reached" + more + ": " + cause.getMessage(), cause);
    }
}
