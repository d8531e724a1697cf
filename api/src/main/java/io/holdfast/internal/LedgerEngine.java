package io.holdfast.internal;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a ledger, once for all stores: given the state, an operation and the time, decides the outcome and the
 * changes. Whatever changes goes to the journal in order; to apply the journal to an empty {@link LedgerState} gives the
 * state again. Not safe for use by several threads at once.
 */
public final class LedgerEngine {
    /** The most scopes a path may have, from a scope to its topmost ancestor. */
    public static final int LONGEST_PATH = 16;

    private final LedgerState state;
    private final Consumer<Change> journal;
    private final OutboxRules outbox;

    /**
     * Makes an engine on a state.
     *
     * @param state the state, which nobody else may change meanwhile
     * @param journal is given every change, in order, right after it was applied
     */
    public LedgerEngine(LedgerState state, Consumer<Change> journal) {
        this.state = state;
        this.journal = journal;
        this.outbox = new OutboxRules(state.outbox, change -> record(change, null));
    }

    /**
     * Carries out one operation as one atomic step.
     *
     * @param operation what is asked
     * @param clock the time by the store's clock; where it is before one given earlier, that one counts
     * @return the outcome; with {@link Outcome.Denied} and {@link Outcome.Rejected} nothing was changed, save that holds
     *     out of time have expired
     */
    public Outcome apply(Operation operation, long clock) {
        if (operation instanceof Operation.Import step) {
            return take(step);
        }
        state.requireWhole();
        state.observe(clock);
        long now = state.lastTime();
        state.forget(now);
        List<Notice> expired = expire(now);
        Outcome outcome = decide(operation, now);
        if (!expired.isEmpty()) {
            outcome = outcome.after(expired);
        }
        outbox.queue(operation, outcome, now);
        return outcome;
    }

    /**
     * Tells whether an operation changes nothing by itself, so that a store need not make its outcome durable unless
     * holds expire on the way.
     *
     * @param operation an operation
     * @return true for checks, inspections, sweeps and questions about subscriptions
     */
    public static boolean onlyReads(Operation operation) {
        return operation instanceof Operation.Check
                || operation instanceof Operation.Inspect
                || operation instanceof Operation.Sweep
                || operation instanceof Operation.Subscriptions;
    }

    private Outcome decide(Operation operation, long now) {
        if (operation instanceof Operation.Reserve reserve) {
            return reserve(reserve, now);
        } else if (operation instanceof Operation.Allot allot) {
            return allot(allot, now);
        } else if (operation instanceof Operation.Commit commit) {
            return commit(commit, now);
        } else if (operation instanceof Operation.Release release) {
            return release(release, now);
        } else if (operation instanceof Operation.Extend extend) {
            return extend(extend, now);
        } else if (operation instanceof Operation.Book book) {
            return book(book, now);
        } else if (operation instanceof Operation.Check check) {
            return check(check, now);
        } else if (operation instanceof Operation.Inspect inspect) {
            return inspect(inspect, now);
        } else if (operation instanceof Operation.ResetSession reset) {
            return resetSession(reset, now);
        } else if (operation instanceof Operation.Define define) {
            return define(define, now);
        } else if (operation instanceof Operation.Remove remove) {
            return remove(remove, now);
        } else if (operation instanceof Operation.Claim claim) {
            return outbox.claim(claim, now);
        } else if (operation instanceof Operation.Dequeue dequeue) {
            return outbox.dequeue(dequeue, now);
        } else if (operation instanceof Operation.Subscribe subscribe) {
            return outbox.subscribe(subscribe, now);
        } else if (operation instanceof Operation.Unsubscribe unsubscribe) {
            return outbox.unsubscribe(unsubscribe, now);
        } else if (operation instanceof Operation.Subscriptions) {
            return outbox.subscriptions();
        }
        return new Outcome.Done(false, List.of());
    }

    private List<Notice> expire(long now) {
        Hold hold = state.active.first();
        if (hold == null || hold.expiresAt > now) {
            return List.of();
        }
        List<Notice> notices = new ArrayList<>();
        while (hold != null && hold.expiresAt <= now) {
            Amounts booked = hold.onExpiry == OnExpiry.CHARGE ? hold.amounts : null;
            record(
                    new Change.Expired(
                            now,
                            hold.id,
                            hold.scope.name,
                            hold.sessionId(),
                            hold.model,
                            hold.expiresAt,
                            booked,
                            hold.detail),
                    notices);
            hold = state.active.first();
        }
        return notices;
    }

    private Outcome reserve(Operation.Reserve op, long now) {
        ScopeState scope = state.find(op.scope());
        if (scope == null) {
            return unknownScope(op.scope());
        }
        String id = op.id().value();
        Hold earlier = scope.tree.hold(id);
        if (earlier != null) {
            return earlier.fingerprint == Fingerprint.of(op)
                    ? held(earlier, true)
                    : reused(id, "reserve of " + earlier.model + " in scope '" + earlier.scope.name + "'");
        }
        if (scope.draining) {
            return rejected(Rejection.DRAINING, op.scope(), "is being removed and admits nothing more");
        }
        String allotment = op.request().allotment();
        Allotment from = allotment == null ? null : openAllotment(op.scope(), allotment);
        if (allotment != null && from == null) {
            return allotmentClosed(op.scope(), allotment);
        }
        Choice choice = Choice.of(state, scope, op.request(), from, now);
        if (!choice.admitted()) {
            return refusal(choice, op.request(), from, now);
        }
        Operation.Offer offer = choice.offer();
        Change.Held change = new Change.Held(
                now,
                op.id(),
                op.scope(),
                op.session(),
                offer.model(),
                offer.amounts(),
                choice.delayMillis(),
                now + choice.delayMillis() + op.ttlMillis(),
                op.onExpiry(),
                choice.steps(),
                choice.plan().loopKey,
                allotment,
                Fingerprint.of(op),
                detail(op, offer));
        Hold hold = state.hold(change, choice.plan());
        journal.accept(change);
        return held(hold, false);
    }

    /** Returns what the entry is to tell: the tokens of the offer that was taken. */
    private static Detail detail(Operation.Reserve op, Operation.Offer offer) {
        Amounts asked = op.amounts();
        Amounts taken = offer.amounts();
        boolean same = asked.inputTokens() == taken.inputTokens() && asked.outputTokens() == taken.outputTokens();
        return same
                ? op.detail()
                : new Detail(
                        Usage.of(taken.inputTokens(), taken.outputTokens()),
                        op.detail().tags());
    }

    private static Outcome held(Hold hold, boolean repeated) {
        return new Outcome.Held(
                hold.id,
                hold.model,
                hold.amounts,
                hold.admittedAt,
                hold.delayMillis,
                hold.expiresAt,
                hold.steps,
                repeated,
                List.of());
    }

    private static Outcome refusal(Choice choice, Operation.Request request, @Nullable Allotment from, long now) {
        Operation.Offer offer = choice.offer();
        if (!choice.wanted().isEmpty()) {
            return new Outcome.RungsWanted(choice.wanted(), List.of());
        }
        if (choice.objection() != null) {
            return objected(choice.objection(), request.scope(), offer.model());
        }
        List<LimitState> blocking =
                choice.plan().blocking(offer.amounts(), from, request.policy().finalCall(), now);
        return blocking.isEmpty()
                ? overflow(request.scope(), offer.amounts())
                : new Outcome.Denied(offer.model(), blocking, List.of());
    }

    private @Nullable Allotment openAllotment(String scope, String holdId) {
        Hold hold = state.findHold(scope, holdId);
        return hold == null || hold.allotment == null || !hold.allotment.isOpen() ? null : hold.allotment;
    }

    private Outcome allotmentClosed(String scope, String holdId) {
        Hold hold = state.findHold(scope, holdId);
        String name = hold == null || hold.allotment == null ? holdId : hold.allotment.name;
        return rejected(Rejection.ALLOTMENT_CLOSED, name, "of scope '" + scope + "' is closed or its time is over");
    }

    private Outcome allot(Operation.Allot op, long now) {
        ScopeState scope = state.find(op.scope());
        if (scope == null) {
            return unknownScope(op.scope());
        }
        String id = op.id().value();
        Hold earlier = scope.tree.hold(id);
        if (earlier != null) {
            return again(op, earlier);
        }
        if (scope.draining) {
            return rejected(Rejection.DRAINING, op.scope(), "is being removed and admits nothing more");
        }
        Allotment from = op.from() == null ? null : openAllotment(op.scope(), op.from());
        if (op.from() != null && from == null) {
            return allotmentClosed(op.scope(), op.from());
        }
        Plan plan = state.planOfAllotment(scope, op.session(), now);
        Amounts amounts = new Amounts(op.cost(), 0, 0, 0);
        List<LimitState> blocking = plan.blocking(amounts, from, false, now);
        if (!blocking.isEmpty()) {
            return new Outcome.Denied(plan.model, blocking, List.of());
        }
        if (plan.overflows(amounts)) {
            return overflow(op.scope(), amounts);
        }
        Change.Allotted change = new Change.Allotted(
                now,
                op.id(),
                op.scope(),
                op.session(),
                op.from(),
                op.name(),
                op.cost(),
                now + op.ttlMillis(),
                Fingerprint.of(op));
        Hold hold = state.allot(change, plan);
        journal.accept(change);
        return held(hold, false);
    }

    /** Answers the same as before while the allotment is open. */
    private Outcome again(Operation.Allot op, Hold earlier) {
        if (earlier.allotment == null || earlier.fingerprint != Fingerprint.of(op)) {
            String what = Limit.format(Meter.COST, earlier.cost()) + " in scope '" + earlier.scope.name + "'";
            return reused(earlier.id, "reserve of " + what);
        }
        return earlier.allotment.isOpen() ? held(earlier, true) : allotmentClosed(op.scope(), earlier.id);
    }

    private Outcome commit(Operation.Commit op, long now) {
        Hold hold = state.findHold(op.scope(), op.holdId());
        if (hold == null || hold.allotment != null) {
            return unknownHold(op.scope(), op.holdId());
        }
        if (hold.state == HoldState.COMMITTED || hold.state == HoldState.LATE_COMMITTED) {
            return hold.booked.equals(op.amounts())
                    ? settled(hold, true, List.of())
                    : alreadySettled(hold, "with other amounts");
        }
        if (hold.state == HoldState.RELEASED) {
            return alreadySettled(hold, "and cannot be committed");
        }
        Amounts freed = hold.state == HoldState.ACTIVE ? hold.amounts : Amounts.NONE;
        Counter[] counters = hold.counters;
        for (Counter counter : counters) {
            counter.roll(now);
            if (counter.meter == Meter.COST && !op.amounts().priced()) {
                return objected(Rejection.UNPRICED, op.scope(), hold.model);
            }
            if (counter.wouldOverflow(op.amounts(), freed, hold.admittedAt)) {
                return overflow(op.scope(), op.amounts());
            }
        }
        boolean late = hold.state == HoldState.EXPIRED;
        boolean charged = late && hold.onExpiry == OnExpiry.CHARGE;
        EntryKind inTime = op.estimated() ? EntryKind.ESTIMATED : EntryKind.COMMITTED;
        String session = hold.sessionId();
        Change.Committed change = new Change.Committed(
                now,
                hold.id,
                hold.scope.name,
                session,
                hold.model,
                late ? EntryKind.LATE : inTime,
                op.amounts(),
                charged ? hold.booked : null,
                op.detail());
        List<Notice> notices = state.commit(hold, change);
        journal.accept(change);
        if (late || exceeds(op.amounts(), hold.amounts)) {
            notices = new ArrayList<>(notices);
            addSurprises(hold, change, Counter.states(counters, now), notices);
        }
        state.dropIfDrained(hold.scope);
        Amounts reversed = change.reversed();
        return settled(hold, reversed == null ? Amounts.NONE : reversed, false, notices);
    }

    /** Adds what a commit brings that its hold did not promise. */
    private static void addSurprises(
            Hold hold, Change.Committed change, List<LimitState> states, List<Notice> notices) {
        if (change.kind() == EntryKind.LATE) {
            notices.add(new Notice.CommittedLate(
                    hold.id, hold.scope.name, change.session(), hold.amounts, change.amounts(), states));
        }
        if (exceeds(change.amounts(), hold.amounts)) {
            notices.add(new Notice.Overshot(
                    hold.id, hold.scope.name, change.session(), hold.amounts, change.amounts(), states));
        }
    }

    private Outcome release(Operation.Release op, long now) {
        Hold hold = state.findHold(op.scope(), op.holdId());
        if (hold == null) {
            return unknownHold(op.scope(), op.holdId());
        }
        if (hold.state == HoldState.RELEASED) {
            return settled(hold, true, List.of());
        }
        if (hold.state != HoldState.ACTIVE) {
            return alreadySettled(hold, "and cannot be released");
        }
        record(new Change.Released(now, hold.id, hold.scope.name), null);
        return settled(hold, false, List.of());
    }

    private Outcome extend(Operation.Extend op, long now) {
        Hold hold = state.findHold(op.scope(), op.holdId());
        if (hold == null) {
            return unknownHold(op.scope(), op.holdId());
        }
        Tree.Answer earlier =
                hold.scope.tree.answer(LedgerState.extensionId(op.id().value()));
        if (earlier != null) {
            return earlier.fingerprint() == Fingerprint.of(op)
                    ? new Outcome.Extended(hold.id, hold.expiresAt, true, List.of())
                    : reused(op.id().value(), "extension");
        }
        if (hold.state != HoldState.ACTIVE) {
            return alreadySettled(hold, "and cannot be extended");
        }
        long until = Math.max(hold.expiresAt, now + op.ttlMillis());
        record(new Change.Extended(now, op.id(), hold.id, hold.scope.name, until, op.ttlMillis()), null);
        return new Outcome.Extended(hold.id, until, false, List.of());
    }

    private Outcome book(Operation.Book op, long now) {
        ScopeState scope = state.find(op.scope());
        if (scope == null) {
            return unknownScope(op.scope());
        }
        long fingerprint = Fingerprint.of(op);
        Tree.Answer earlier = scope.tree.answer(LedgerState.bookingId(op.id().value()));
        if (earlier != null && earlier.fingerprint() != fingerprint) {
            return reused(op.id().value(), "record");
        }
        Plan plan = state.plan(scope, op.session(), op.model(), op.loopKey(), now);
        Allotment from = op.allotment() == null ? null : openAllotment(op.scope(), op.allotment());
        if (earlier != null) {
            return new Outcome.Booked(earlier.at(), passed(plan, from, op.amounts(), now), true, List.of());
        }
        Rejection objection = plan.objection(op.amounts(), null);
        if (objection != null) {
            return objected(objection, op.scope(), op.model());
        }
        if (plan.overflows(op.amounts())) {
            return overflow(op.scope(), op.amounts());
        }
        Change.Booked change = new Change.Booked(
                now,
                op.id(),
                op.scope(),
                op.session(),
                op.model(),
                op.amounts(),
                plan.loopKey,
                from == null ? null : op.allotment(),
                fingerprint,
                op.detail());
        List<Notice> notices = new ArrayList<>(0);
        state.book(change, plan, notices);
        journal.accept(change);
        return new Outcome.Booked(now, passed(plan, from, op.amounts(), now), false, notices);
    }

    /** Returns the hard limits that are passed, and before them the child session's budget if it is. */
    private static List<LimitState> passed(Plan plan, @Nullable Allotment from, Amounts booked, long now) {
        List<LimitState> passed = plan.passed(booked, now);
        if (from == null || from.state(0).fits()) {
            return passed;
        }
        List<LimitState> all = new ArrayList<>(List.of(from.state(booked.on(Meter.COST))));
        all.addAll(passed);
        return all;
    }

    private Outcome check(Operation.Check op, long now) {
        ScopeState scope = state.find(op.scope());
        if (scope == null) {
            return unknownScope(op.scope());
        }
        if (scope.draining) {
            return rejected(Rejection.DRAINING, op.scope(), "is being removed and admits nothing more");
        }
        String allotment = op.request().allotment();
        Allotment from = allotment == null ? null : openAllotment(op.scope(), allotment);
        if (allotment != null && from == null) {
            return allotmentClosed(op.scope(), allotment);
        }
        Choice choice = Choice.of(state, scope, op.request(), from, now);
        if (choice.objection() != null || !choice.wanted().isEmpty()) {
            return refusal(choice, op.request(), from, now);
        }
        Operation.Offer offer = choice.offer();
        return new Outcome.Checked(
                choice.admitted(),
                offer.model(),
                offer.amounts(),
                choice.delayMillis(),
                choice.steps(),
                choice.plan()
                        .states(offer.amounts(), from, op.request().policy().finalCall(), now),
                List.of());
    }

    private Outcome inspect(Operation.Inspect op, long now) {
        ScopeState scope = state.find(op.scope());
        if (scope == null) {
            return unknownScope(op.scope());
        }
        List<ScopeDefinition> path = new ArrayList<>();
        List<LimitState> limits = new ArrayList<>();
        Allotment child = op.allotment() == null ? null : openAllotment(op.scope(), op.allotment());
        if (op.allotment() != null && child == null) {
            return allotmentClosed(op.scope(), op.allotment());
        }
        if (child != null) {
            limits.add(child.state(0));
        }
        for (ScopeState at = scope; at != null; at = at.parent) {
            path.add(at.asDefined());
            inspect(at, scope, op.session(), now, limits);
        }
        return new Outcome.Inspected(path, limits, scope.openHolds, now, List.of());
    }

    private static void inspect(
            ScopeState at, ScopeState scope, @Nullable String session, long now, List<LimitState> limits) {
        Definition definition = at.definition();
        for (int index = 0; index < definition.size(); index++) {
            if (definition.limit(index).guardsLoops()) {
                limits.add(state(at.counters.fullestLoop(definition, index, now), now));
            } else if (!definition.limit(index).window().perSession()) {
                limits.add(state(at.counters.at(definition, index), now));
            } else if (session != null) {
                limits.add(state(scope.session(session).counters(at).at(definition, index), now));
            } else if (at == scope) {
                for (SessionState each : scope.sessions()) {
                    limits.add(state(each.counters(at).at(definition, index), now));
                }
            }
        }
    }

    private static LimitState state(Counter counter, long now) {
        counter.roll(now);
        return counter.state(0, false, now);
    }

    private Outcome resetSession(Operation.ResetSession op, long now) {
        ScopeState scope = state.find(op.scope());
        if (scope == null) {
            return unknownScope(op.scope());
        }
        Tree.Answer earlier = scope.tree.answer(LedgerState.resetId(op.id().value()));
        if (earlier != null) {
            return earlier.fingerprint() == Fingerprint.ofReset(op.scope(), op.session())
                    ? new Outcome.Done(false, List.of())
                    : reused(op.id().value(), "reset of a session");
        }
        if (!scope.keeps(op.session())) {
            return rejected(Rejection.UNKNOWN_SESSION, op.session(), "is no session of scope '" + op.scope() + "'");
        }
        record(new Change.SessionReset(now, op.id(), op.scope(), op.session()), null);
        return new Outcome.Done(true, List.of());
    }

    private Outcome define(Operation.Define op, long now) {
        ScopeDefinition wanted = op.definition();
        ScopeDefinition present = present(wanted);
        if (present != null && present.equals(wanted)) {
            return new Outcome.Done(false, List.of());
        }
        if (present != null && !op.replace()) {
            return rejected(
                    Rejection.DEFINITION_CONFLICT,
                    wanted.name(),
                    "is defined otherwise: parent " + present.parent() + ", limits " + present.limits()
                            + (present.ladders().isEmpty() ? "" : ", ladders " + present.ladders()));
        }
        Outcome problem = problemOfParent(wanted);
        if (problem != null) {
            return problem;
        }
        record(new Change.Defined(now, wanted), null);
        return new Outcome.Done(true, List.of());
    }

    private @Nullable ScopeDefinition present(ScopeDefinition wanted) {
        if (wanted.template()) {
            ScopeState.Template template = state.template(wanted.name());
            return template == null ? null : template.definition.source;
        }
        ScopeState scope = state.known(wanted.name());
        return scope == null || scope.removed || scope.draining || scope.own == null ? null : scope.own.source;
    }

    private @Nullable Outcome problemOfParent(ScopeDefinition wanted) {
        String parentName = wanted.parent();
        ScopeState scope = wanted.template() ? null : state.known(wanted.name());
        if (scope != null) {
            String fixed = scope.parent == null ? null : scope.parent.name;
            if (!java.util.Objects.equals(fixed, parentName)) {
                return rejected(
                        Rejection.PARENT_CHANGED,
                        wanted.name(),
                        "has parent " + fixed + " and keeps it; asked for " + parentName);
            }
        }
        ScopeState.Template template = wanted.template() ? state.template(wanted.name()) : null;
        if (template != null && !java.util.Objects.equals(template.definition.source.parent(), parentName)) {
            return rejected(
                    Rejection.PARENT_CHANGED,
                    wanted.name(),
                    "has parent " + template.definition.source.parent() + " and keeps it; asked for " + parentName);
        }
        if (parentName == null) {
            return null;
        }
        ScopeState parent = state.known(parentName);
        if (parent == null || parent.removed) {
            return rejected(
                    Rejection.UNKNOWN_PARENT, parentName, "must be defined before its child '" + wanted.name() + "'");
        }
        if (parent.draining) {
            return rejected(Rejection.DRAINING, parentName, "is being removed and takes no more children");
        }
        if (parent.depth + 2 > LONGEST_PATH) {
            return rejected(
                    Rejection.PATH_TOO_LONG,
                    wanted.name(),
                    "would have more than " + (LONGEST_PATH - 1) + " ancestors");
        }
        return null;
    }

    private Outcome remove(Operation.Remove op, long now) {
        if (op.scope().endsWith("*")) {
            if (state.template(op.scope()) == null) {
                return unknownScope(op.scope());
            }
            record(new Change.Removed(now, op.scope(), false), null);
            return new Outcome.Done(true, List.of());
        }
        ScopeState scope = state.known(op.scope());
        if (scope == null || scope.removed) {
            return unknownScope(op.scope());
        }
        if (scope.children > 0 || state.parentOfTemplate(op.scope())) {
            return rejected(Rejection.HAS_CHILDREN, op.scope(), "has children or is the parent of a template");
        }
        if (scope.openHolds > 0 && op.removal() == Removal.REJECT) {
            return rejected(Rejection.OPEN_HOLDS, op.scope(), "has " + scope.openHolds + " open holds");
        }
        boolean draining = scope.openHolds > 0 && op.removal() == Removal.DRAIN;
        if (draining && scope.draining) {
            return new Outcome.Done(false, List.of());
        }
        record(new Change.Removed(now, op.scope(), draining), null);
        return new Outcome.Done(true, List.of());
    }

    /** The time of an imported change is its own; what has run out since is noticed when all is there. */
    private Outcome take(Operation.Import step) {
        Change change = step.change();
        if (state.takeover().has(step)) {
            return new Outcome.Done(false, List.of());
        }
        boolean begins = change instanceof Change.ImportBegun;
        if (begins && !state.isEmpty()) {
            throw new StoreException("a ledger can only be copied into an empty one, and this one has scopes", null);
        }
        if (!begins && change.at() < state.lastTime()) {
            throw new StoreException("change " + step.number() + " is older than the one before it: " + change, null);
        }
        state.forget(change.at());
        try {
            record(change, null);
        } catch (IllegalStateException | ArithmeticException impossible) {
            throw new StoreException(
                    "change " + step.number() + " does not follow from those before it: " + impossible.getMessage(),
                    impossible);
        }
        return new Outcome.Done(true, List.of());
    }

    private void record(Change change, @Nullable List<Notice> notices) {
        state.apply(change, notices);
        journal.accept(change);
    }

    private static boolean exceeds(Amounts actual, Amounts estimate) {
        return actual.cost() > estimate.cost()
                || actual.inputTokens() > estimate.inputTokens()
                || actual.outputTokens() > estimate.outputTokens()
                || actual.calls() > estimate.calls();
    }

    private static Outcome settled(Hold hold, boolean repeated, List<Notice> notices) {
        return settled(hold, Amounts.NONE, repeated, notices);
    }

    private static Outcome settled(Hold hold, Amounts reversed, boolean repeated, List<Notice> notices) {
        return new Outcome.Settled(
                hold.id,
                hold.state,
                hold.model,
                hold.admittedAt,
                hold.settledAt,
                hold.amounts,
                hold.booked,
                reversed,
                repeated,
                notices);
    }

    private static Outcome rejected(Rejection reason, String subject, String detail) {
        return new Outcome.Rejected(reason, subject, detail, List.of());
    }

    private static Outcome unknownScope(String scope) {
        return rejected(Rejection.UNKNOWN_SCOPE, scope, "is not defined, and no template covers it");
    }

    private static Outcome unknownHold(String scope, String holdId) {
        return rejected(Rejection.UNKNOWN_HOLD, holdId, "is no hold of scope '" + scope + "'");
    }

    private static Outcome reused(String id, String first) {
        return rejected(Rejection.ID_REUSED, id, "was used before for something else: " + first);
    }

    private static Outcome alreadySettled(Hold hold, String phrase) {
        String state = hold.state.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        return rejected(Rejection.HOLD_SETTLED, hold.id, "is already " + state + " " + phrase);
    }

    private static Outcome objected(Rejection objection, String scope, String model) {
        return objection == Rejection.UNPRICED
                ? rejected(objection, model, "has no price, and scope '" + scope + "' or an ancestor limits cost")
                : rejected(objection, scope, "or an ancestor has a limit per session, so a session must be named");
    }

    private static Outcome overflow(String scope, Amounts amounts) {
        return rejected(Rejection.OVERFLOW, scope, "has a counter that would pass its largest number with " + amounts);
    }
}
