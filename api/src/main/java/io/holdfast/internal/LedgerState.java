package io.holdfast.internal;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of a ledger: the fold of its changes. {@link #apply(Change)} is the one place where state changes; what may
 * change is decided by {@link LedgerEngine}. Not safe for use by several threads at once.
 */
public final class LedgerState {
    private static final int MADE_REMEMBERED = 100_000;

    final HoldQueue active = new HoldQueue();
    final Outbox outbox = new Outbox();
    private final Map<String, ScopeState> scopes = new HashMap<>();
    /** The names of {@link #scopes} in the order they came; none ever goes. */
    private final List<String> names = new ArrayList<>();

    private final Map<String, ScopeState.Template> templates = new HashMap<>();
    private final Takeover takeover = new Takeover();
    private final Retention retention;
    private List<ScopeState.Template> longestTemplateFirst = List.of();
    private long lastTime = Long.MIN_VALUE;
    private @Nullable Set<Counter> touched;
    private final Set<String> drained = new LinkedHashSet<>();
    /** Counts the changes of definitions, so that plans made before can be told. */
    private long definitions;

    /** Makes the empty state of a ledger whose answers may be lost on the way to a caller, who then asks again. */
    public LedgerState() {
        this(MADE_REMEMBERED);
    }

    /** Makes the empty state of a ledger that remembers at most so many finished operations whose ids were made. */
    LedgerState(int madeRemembered) {
        retention = new Retention(madeRemembered);
    }

    /**
     * Returns the latest time that an operation or a change has brought.
     *
     * @return milliseconds since the epoch, or {@link Long#MIN_VALUE} if nothing has happened yet
     */
    public long lastTime() {
        return lastTime;
    }

    /**
     * Takes note of a time, also where nothing changes: what has left a window by then stays out.
     *
     * @param now milliseconds since the epoch; an earlier time than the latest makes no difference
     */
    public void observe(long now) {
        if (!takeover.underWay()) {
            lastTime = Math.max(lastTime, now);
        }
    }

    /** Tells whether no scope or template was ever defined that is still known. */
    boolean isEmpty() {
        return scopes.isEmpty() && templates.isEmpty();
    }

    Takeover takeover() {
        return takeover;
    }

    /**
     * Refuses a ledger that is to be a copy of another and has only a part of it. {@link LedgerEngine} does so by itself;
     * those who read a journal call this first.
     *
     * @throws io.holdfast.spi.StoreException if this is one
     */
    public void requireWhole() {
        takeover.requireWhole();
    }

    /**
     * Returns the number of open holds.
     *
     * @return zero or more
     */
    public int openHolds() {
        return active.size();
    }

    /**
     * Returns when the next open hold runs out of time.
     *
     * @return milliseconds since the epoch, or {@link Window#NEVER} if no hold is open
     */
    public long nextExpiry() {
        Hold first = active.first();
        return first == null ? Window.NEVER : first.expiresAt;
    }

    /**
     * Applies a change that was decided and made durable elsewhere.
     *
     * @param change the next change of the ledger
     */
    public void apply(Change change) {
        apply(change, null);
    }

    void apply(Change change, @Nullable List<Notice> notices) {
        lastTime = change instanceof Change.ImportBegun ? change.at() : Math.max(lastTime, change.at());
        if (change instanceof Change.Held held) {
            Plan plan = plan(existing(held.scope()), held.session(), held.model(), held.loopKey(), held.at());
            hold(held, plan);
        } else if (change instanceof Change.Allotted allotted) {
            allot(allotted, planOfAllotment(existing(allotted.scope()), allotted.session(), allotted.at()));
        } else if (change instanceof Change.Committed committed) {
            Hold hold = hold(committed.scope(), committed.holdId());
            commit(hold, committed);
            dropIfDrained(hold.scope);
        } else if (change instanceof Change.Released released) {
            release(hold(released.scope(), released.holdId()), released.at());
        } else if (change instanceof Change.Expired expired) {
            expire(hold(expired.scope(), expired.holdId()), expired, notices);
        } else if (change instanceof Change.Extended extended) {
            extend(hold(extended.scope(), extended.holdId()), extended);
        } else if (change instanceof Change.Booked booked) {
            Plan plan = plan(existing(booked.scope()), booked.session(), booked.model(), booked.loopKey(), booked.at());
            book(booked, plan, notices);
        } else if (change instanceof Change.SessionReset reset) {
            resetSession(reset);
        } else if (change instanceof Change.Defined defined) {
            define(defined.definition());
        } else if (change instanceof Change.Removed removed) {
            remove(removed);
        } else if (change instanceof Change.OfOutbox ofOutbox) {
            outbox.apply(ofOutbox);
        }
        takeover.apply(change);
    }

    // ---- scopes

    @Nullable
    ScopeState known(String name) {
        return scopes.get(name);
    }

    ScopeState.@Nullable Template template(String name) {
        return templates.get(name);
    }

    boolean parentOfTemplate(String name) {
        return templates.values().stream().anyMatch(template -> name.equals(template.definition.source.parent()));
    }

    /** Returns the scope that calls in this name are charged to, not yet kept if only a template knows it. */
    @Nullable
    ScopeState find(String name) {
        ScopeState scope = scopes.get(name);
        if (scope != null && !scope.removed) {
            return scope;
        }
        if (name.indexOf('*') >= 0) {
            return null;
        }
        for (ScopeState.Template template : longestTemplateFirst) {
            ScopeDefinition source = template.definition.source;
            if (source.covers(name)) {
                return scope != null ? revived(scope, template) : fresh(name, source.parent(), template);
            }
        }
        return null;
    }

    private @Nullable ScopeState fresh(
            String name, @Nullable String parentName, ScopeState.@Nullable Template template) {
        ScopeState parent = parentName == null ? null : scopes.get(parentName);
        if (parentName != null && (parent == null || parent.removed)) {
            return null;
        }
        ScopeState scope = new ScopeState(name, parent, retention.archive());
        scope.template = template;
        return scope;
    }

    private static @Nullable ScopeState revived(ScopeState removed, ScopeState.Template template) {
        String parent = template.definition.source.parent();
        boolean sameParent = parent == null
                ? removed.parent == null
                : removed.parent != null && removed.parent.name.equals(parent) && !removed.parent.removed;
        if (!sameParent) {
            return null;
        }
        ScopeState scope = removed;
        scope.own = null;
        scope.template = template;
        return scope;
    }

    private ScopeState existing(String name) {
        ScopeState scope = scopes.get(name);
        ScopeState found = scope == null || scope.removed ? find(name) : scope;
        if (found == null) {
            throw new IllegalStateException("a change names scope '" + name + "', which is not defined before it");
        }
        return found;
    }

    Plan plan(ScopeState scope, @Nullable String sessionId, String model, @Nullable String loopKey, long now) {
        return plan(scope, sessionId == null ? null : scope.session(sessionId), model, loopKey, now);
    }

    Plan plan(ScopeState scope, @Nullable SessionState session, String model, @Nullable String loopKey, long now) {
        return Plan.of(scope, session, model, loopKey, now, definitions);
    }

    Plan planOfAllotment(ScopeState scope, String sessionId, long now) {
        return Plan.ofAllotment(scope, scope.session(sessionId), now, definitions);
    }

    private void keep(Plan plan) {
        keep(plan.scope);
        if (plan.session != null && !plan.session.kept) {
            plan.scope.keep(plan.session);
        }
    }

    private void keep(ScopeState scope) {
        if (!scope.kept || scope.removed) {
            if (scopes.put(scope.name, scope) == null) {
                names.add(scope.name);
            }
            scope.kept = true;
            scope.removed = false;
            scope.draining = false;
            if (scope.parent != null) {
                scope.parent.children++;
            }
        }
    }

    private void define(ScopeDefinition source) {
        definitions++;
        Definition definition = new Definition(source, defined(source.name()));
        source.limits().forEach(limit -> retention.cover(limit.window()));
        if (source.template()) {
            ScopeState.Template template = templates.get(source.name());
            if (template == null) {
                template = new ScopeState.Template(definition);
                templates.put(source.name(), template);
                List<ScopeState.Template> ordered = new ArrayList<>(templates.values());
                ordered.sort(Comparator.comparingInt((ScopeState.Template each) ->
                        -each.definition.source.name().length()));
                longestTemplateFirst = ordered;
            }
            template.definition = definition;
            return;
        }
        ScopeState scope = scopes.get(source.name());
        if (scope == null) {
            scope = fresh(source.name(), source.parent(), null);
        }
        if (scope == null) {
            throw new IllegalStateException("scope '" + source.name() + "' has a parent that is not defined before it");
        }
        Definition before = scope.removed ? null : scope.definitionIfAny();
        scope.own = definition;
        scope.template = null;
        keep(scope);
        scope.draining = false;
        if (before != null) {
            touchLimits(scope, before);
            touchLimits(scope, definition);
        }
        scope.counters.forEach(this::touchCounting);
    }

    private @Nullable Definition defined(String name) {
        ScopeState.Template template = templates.get(name);
        ScopeState scope = scopes.get(name);
        if (template != null || scope == null || scope.removed) {
            return template == null ? null : template.definition;
        }
        return scope.definitionIfAny();
    }

    private void remove(Change.Removed change) {
        definitions++;
        ScopeState.Template template = templates.remove(change.scope());
        if (template != null) {
            longestTemplateFirst = longestTemplateFirst.stream()
                    .filter(each -> each != template)
                    .toList();
            return;
        }
        ScopeState scope = existing(change.scope());
        if (change.draining() && scope.openHolds > 0) {
            scope.draining = true;
        } else {
            drop(scope);
        }
    }

    private void drop(ScopeState scope) {
        definitions++;
        Definition before = scope.definitionIfAny();
        scope.removed = true;
        scope.draining = false;
        scope.own = null;
        scope.template = null;
        scope.counters.refresh();
        if (before != null) {
            touchLimits(scope, before);
        }
        scope.counters.forEach(this::touchCounting);
        for (SessionState session : scope.sessions()) {
            session.counters(scope).refresh();
            session.counters(scope).forEach(this::touchCounting);
        }
        if (scope.parent != null) {
            scope.parent.children--;
        }
    }

    // ---- holds

    @Nullable
    Hold findHold(String scope, String holdId) {
        ScopeState owner = scopes.get(scope);
        Hold hold = owner == null ? null : owner.tree.hold(holdId);
        return hold == null || hold.scope != owner ? null : hold;
    }

    private Hold hold(String scope, String holdId) {
        Hold hold = findHold(scope, holdId);
        if (hold == null) {
            throw new IllegalStateException("a change names hold '" + holdId + "', which is not made before it");
        }
        return hold;
    }

    Hold hold(Change.Held change, Plan plan) {
        lastTime = Math.max(lastTime, change.at());
        keep(plan);
        Hold hold = new Hold(
                change.id().value(),
                change.id().given(),
                plan.scope,
                plan.session,
                change.model(),
                change.amounts(),
                change.at(),
                change.delayMillis(),
                change.expiresAt(),
                change.onExpiry(),
                change.steps(),
                change.fingerprint(),
                change.detail(),
                plan.counters);
        draw(hold, change.allotment(), change.at());
        open(hold);
        return hold;
    }

    Hold allot(Change.Allotted change, Plan plan) {
        lastTime = Math.max(lastTime, change.at());
        keep(plan);
        Hold hold = new Hold(
                change.id().value(),
                change.id().given(),
                plan.scope,
                plan.session,
                plan.model,
                new Amounts(change.cost(), 0, 0, 0),
                change.at(),
                0,
                change.expiresAt(),
                OnExpiry.RELEASE,
                List.of(),
                change.fingerprint(),
                Detail.NONE,
                plan.counters);
        hold.allotment = new Allotment(hold, change.name(), change.cost(), 0);
        draw(hold, change.from(), change.at());
        open(hold);
        return hold;
    }

    /** Moves what a hold sets aside out of the allotment that pays, if one does. */
    private void draw(Hold hold, @Nullable String allotmentId, long at) {
        if (allotmentId != null) {
            hold.drawsOn = allotment(hold.scope, allotmentId);
            hold.drawsOn.take(hold.cost(), at, this::touch);
        }
    }

    private static Allotment allotment(ScopeState scope, String holdId) {
        Hold hold = scope.tree.hold(holdId);
        if (hold == null || hold.allotment == null) {
            throw new IllegalStateException("a change names allotment '" + holdId + "', which is not made before it");
        }
        return hold.allotment;
    }

    private void open(Hold hold) {
        for (Counter counter : hold.counters) {
            counter.hold(hold.holding(), hold.admittedAt);
            touch(counter);
        }
        hold.scope.openHolds++;
        hold.scope.tree.put(hold);
        active.add(hold);
    }

    /** Books what a hold came to and returns the alerts that this fired; {@link #dropIfDrained} is for the caller to do. */
    List<Notice> commit(Hold hold, Change.Committed change) {
        lastTime = Math.max(lastTime, change.at());
        List<Notice> fired = List.of();
        boolean late = change.kind() == EntryKind.LATE;
        if (!late) {
            leave(hold);
        }
        for (Counter each : hold.counters) {
            Counter counter = each.current(change.at());
            counter.roll(change.at());
            if (!late) {
                counter.unhold(hold.amounts, hold.admittedAt);
            }
            counter.rearm();
            if (change.reversed() != null && takesBack(counter, hold)) {
                counter.takeBack(change.reversed(), hold.admittedAt, hold.settledAt, change.at());
            }
            counter.book(change.amounts(), hold.admittedAt, change.at(), change.at());
            if (counter.reachesAlert()) {
                fired = fired.isEmpty() ? new ArrayList<>() : fired;
                counter.alert(fired, change.at());
            }
            touch(counter);
        }
        if (hold.drawsOn != null) {
            settleAllotment(hold, change, late);
        }
        hold.settle(late ? HoldState.LATE_COMMITTED : HoldState.COMMITTED, change.at(), change.amounts());
        retention.keep(hold);
        return fired;
    }

    /**
     * What a call did not come to goes back; what it came to beyond that is taken. A commit that comes late gives nothing
     * back: the amounts may have left the window they were booked in.
     */
    private void settleAllotment(Hold hold, Change.Committed change, boolean late) {
        long actual = change.amounts().on(Meter.COST);
        long before = !late
                ? hold.cost()
                : change.reversed() == null ? 0 : change.reversed().on(Meter.COST);
        Allotment.spend(hold.drawsOn, late ? Math.max(0, actual - before) : actual);
        if (actual > before) {
            Allotment.eat(hold.drawsOn, actual - before, change.at(), this::touch);
        } else if (!late) {
            Allotment.giveBack(hold.drawsOn, before - actual, change.at(), this::touch);
        }
    }

    /** A session that was reset since has let go of what was booked in doubt. */
    private static boolean takesBack(Counter counter, Hold hold) {
        return counter.session == null || counter.session.resets == hold.sessionResets;
    }

    private void release(Hold hold, long at) {
        leave(hold);
        for (Counter each : hold.counters) {
            Counter counter = each.current(at);
            counter.roll(at);
            counter.unhold(hold.holding(), hold.admittedAt);
            touch(counter);
        }
        giveBack(hold, at);
        hold.settle(HoldState.RELEASED, at, Amounts.NONE);
        retention.keep(hold);
        dropIfDrained(hold.scope);
    }

    /** Gives what a hold still sets aside back to the allotment that it came from. */
    private void giveBack(Hold hold, long at) {
        long rest = hold.holding().on(Meter.COST);
        if (hold.allotment != null) {
            hold.allotment.left = 0;
        }
        Allotment.giveBack(hold.drawsOn, rest, at, this::touch);
    }

    private void expire(Hold hold, Change.Expired change, @Nullable List<Notice> notices) {
        leave(hold);
        Amounts booked = change.booked();
        hold.state = HoldState.EXPIRED;
        hold.settledAt = change.due();
        hold.booked = booked == null ? Amounts.NONE : booked;
        hold.sessionResets = hold.session == null ? 0 : hold.session.resets;
        for (Counter each : hold.counters) {
            Counter counter = each.current(change.at());
            counter.roll(change.at());
            counter.unhold(hold.holding(), hold.admittedAt);
            if (booked != null) {
                counter.rearm();
                counter.book(booked, hold.admittedAt, change.due(), change.at());
                counter.alert(notices, change.at());
            }
            touch(counter);
        }
        if (booked == null) {
            giveBack(hold, change.at());
        } else {
            Allotment.spend(hold.drawsOn, booked.on(Meter.COST));
        }
        retention.keep(hold);
        // A child session whose time is over is in no doubt: what is left of its budget was never spent.
        if (notices != null && hold.allotment == null) {
            notices.add(new Notice.Expired(
                    hold.id,
                    hold.scope.name,
                    hold.sessionId(),
                    hold.model,
                    hold.amounts,
                    hold.onExpiry,
                    Counter.states(hold.counters, change.at())));
        }
        dropIfDrained(hold.scope);
    }

    /** Takes a hold off the open ones; what its counters hold for it is for the caller to give back. */
    private void leave(Hold hold) {
        active.remove(hold);
        hold.scope.openHolds--;
    }

    /** Lets a scope go whose removal waited for the last of its holds, once all that came of that hold is told. */
    void dropIfDrained(ScopeState scope) {
        if (scope.draining && scope.openHolds == 0) {
            drop(scope);
            if (touched != null) {
                drained.add(scope.name);
            }
        }
    }

    private void extend(Hold hold, Change.Extended change) {
        active.remove(hold);
        hold.expiresAt = change.expiresAt();
        active.add(hold);
        if (change.id().given()) {
            retention.cover(change.ttlMillis());
        }
        answered(
                hold.scope.tree,
                extensionId(change.id().value()),
                change.id().given(),
                Fingerprint.of(change),
                change.at());
    }

    // ---- bookings without a hold

    void book(Change.Booked change, Plan plan, @Nullable List<Notice> notices) {
        lastTime = Math.max(lastTime, change.at());
        keep(plan);
        for (Counter counter : plan.counters) {
            counter.roll(change.at());
            counter.rearm();
            counter.book(change.amounts(), change.at(), change.at(), change.at());
            counter.alert(notices, change.at());
            touch(counter);
        }
        if (change.allotment() != null) {
            Allotment from = allotment(plan.scope, change.allotment());
            long cost = change.amounts().on(Meter.COST);
            Allotment.spend(from, cost);
            Allotment.eat(from, cost, change.at(), this::touch);
        }
        answered(
                plan.scope.tree,
                bookingId(change.id().value()),
                change.id().given(),
                change.fingerprint(),
                change.at());
    }

    private void resetSession(Change.SessionReset change) {
        ScopeState scope = existing(change.scope());
        SessionState session = scope.session(change.session());
        session.forEachCounter(this::touchCounting);
        session.reset();
        answered(
                scope.tree,
                resetId(change.id().value()),
                change.id().given(),
                Fingerprint.ofReset(change.scope(), change.session()),
                change.at());
    }

    private void answered(Tree tree, String id, boolean given, long fingerprint, long at) {
        retention.keep(new Tree.Answer(id, tree, given, fingerprint, at));
    }

    static String bookingId(String id) {
        return "b" + id;
    }

    static String resetId(String id) {
        return "r" + id;
    }

    static String extensionId(String id) {
        return "x" + id;
    }

    /**
     * Forgets the finished operations that nobody may ask about again. {@link LedgerEngine} does so by itself; those who
     * only apply changes call this now and then, with the time of a change that they have applied.
     *
     * @param now milliseconds since the epoch
     */
    public void forget(long now) {
        retention.forget(now);
    }

    /**
     * Returns how long ids chosen by callers are remembered: the longest window that was ever defined. Who writes the
     * state has to keep this beside the items, since the window may be gone.
     *
     * @return milliseconds
     */
    public long remembers() {
        return retention.givenFor();
    }

    /**
     * Remembers ids chosen by callers for at least so long.
     *
     * @param millis what {@link #remembers()} was when the state was written
     */
    public void remember(long millis) {
        retention.cover(millis);
    }

    // ---- totals of counters

    /** Lets this state note from now on which counters its changes touch. */
    public void noteTotals() {
        touched = new LinkedHashSet<>();
    }

    /**
     * Gives the totals of every counter touched since this was last called, each once.
     *
     * @param reader is given each with what stands for its counter, the same whenever this state gives it, in the order
     *     they were first touched
     */
    public void totals(BiConsumer<Object, CounterTotals> reader) {
        if (touched == null || touched.isEmpty()) {
            return;
        }
        touched.forEach(counter -> reader.accept(counter, counter.totals()));
        touched.clear();
    }

    /**
     * Gives the scopes whose removal waited for their last hold and took place since this was last called, except those
     * that were defined again. Only of a state that notes totals.
     *
     * @param reader is given the name of each
     */
    public void drained(Consumer<String> reader) {
        for (String name : drained) {
            ScopeState scope = known(name);
            if (scope != null && scope.own == null) {
                reader.accept(name);
            }
        }
        drained.clear();
    }

    /** Touches the counters of a definition's limits, save those per session, also where a restart has forgotten them as empty. */
    private void touchLimits(ScopeState scope, Definition definition) {
        for (int index = 0; touched != null && index < definition.size(); index++) {
            Limit limit = definition.limit(index);
            if (!limit.window().perSession() && !limit.guardsLoops()) {
                Counter counter = scope.counters.of(limit);
                counter.roll(lastTime);
                touch(counter);
            }
        }
    }

    /**
     * Touches a counter that counts anything, once it has let go of what no longer counts, and leaves any other as it is:
     * totals depend on changes alone, and not on who looked when, or whether an empty counter was forgotten in a restart.
     */
    private void touchCounting(Counter counter) {
        if (touched != null && !counter.emptyAt(lastTime)) {
            counter.roll(lastTime);
            touch(counter);
        }
    }

    /** The counters of loop guards come and go with their keys, and have no totals. */
    private void touch(Counter counter) {
        if (touched != null && counter.loopKey == null) {
            touched.add(counter);
        }
    }

    // ---- reading and writing the whole

    /**
     * Gives every scope and template to a reader, in no order.
     *
     * @param reader is given each
     */
    public void definitions(Consumer<ScopeDefinition> reader) {
        templates.values().forEach(template -> reader.accept(template.definition.source));
        scopes.values().stream()
                .filter(scope -> !scope.removed)
                .map(ScopeState::asDefined)
                .forEach(reader);
    }

    /** Returns the names of all scopes, also of those removed; a list that only grows. */
    List<String> names() {
        return names;
    }

    /** Gives how the limits of a scope stand, save those per session and loop guards; nothing for a scope that was removed. */
    void limits(String name, Consumer<LimitState> reader) {
        ScopeState scope = scopes.get(name);
        Definition definition = scope == null || scope.removed ? null : scope.definitionIfAny();
        for (int index = 0; scope != null && definition != null && index < definition.size(); index++) {
            Limit limit = definition.limit(index);
            if (!limit.window().perSession() && !limit.guardsLoops()) {
                reader.accept(scope.counters.state(definition, index, lastTime));
            }
        }
    }

    /** Returns when the oldest open hold was made, or the latest time if none is open. */
    long oldestHold() {
        long[] oldest = {lastTime};
        active.forEach(hold -> oldest[0] = Math.min(oldest[0], hold.admittedAt));
        return oldest[0];
    }

    /**
     * Writes the state.
     *
     * @param sink is given every item, in the order {@link #load(StateItem)} needs
     */
    public void items(Consumer<StateItem> sink) {
        if (lastTime == Long.MIN_VALUE) {
            return;
        }
        new StateWriter(this, sink).write();
    }

    /**
     * Reads one item of a state that was empty before the first.
     *
     * @param item the next item, in the order {@link #items(Consumer)} gave
     */
    public void load(StateItem item) {
        if (item instanceof StateItem.Clock clock) {
            lastTime = clock.at();
        } else if (item instanceof StateItem.Imported imported) {
            takeover.load(imported);
        } else if (item instanceof StateItem.Template template) {
            define(template.definition());
        } else if (item instanceof StateItem.Scope scope) {
            load(scope);
        } else if (item instanceof StateItem.Session session) {
            ScopeState owner = loaded(session.owner());
            SessionState state = owner.session(session.id());
            state.resets = session.resets();
            owner.keep(state);
        } else if (item instanceof StateItem.Counted counted) {
            load(counted);
        } else if (item instanceof StateItem.Held held) {
            load(held);
        } else if (item instanceof StateItem.Answered answered) {
            answered(
                    loaded(answered.root()).tree,
                    answered.id(),
                    answered.given(),
                    answered.fingerprint(),
                    answered.at());
        } else if (item instanceof StateItem.Subscription subscription) {
            outbox.load(subscription);
        } else if (item instanceof StateItem.Queued queued) {
            outbox.load(queued);
        } else if (item instanceof StateItem.Refusal refusal) {
            outbox.load(refusal);
        }
    }

    private void load(StateItem.Scope item) {
        ScopeState scope =
                new ScopeState(item.name(), item.parent() == null ? null : loaded(item.parent()), retention.archive());
        if (item.own() != null) {
            scope.own = new Definition(item.own(), null);
            item.own().limits().forEach(limit -> retention.cover(limit.window()));
        } else if (item.shared() != null) {
            scope.template = new ScopeState.Template(new Definition(item.shared(), null));
        } else if (item.template() != null) {
            scope.template = templates.get(item.template());
        }
        scopes.put(scope.name, scope);
        names.add(scope.name);
        scope.kept = true;
        scope.removed = item.removed();
        scope.draining = item.draining();
        if (!scope.removed && scope.parent != null) {
            scope.parent.children++;
        }
    }

    private void load(StateItem.Counted item) {
        CounterSet set = loadedSet(item.scope(), item.owner(), item.session());
        Counter counter =
                item.loopKey() == null ? set.of(item.limit()) : set.loop(item.limit(), item.loopKey(), lastTime);
        counter.roll(lastTime);
        for (int i = 0; i < item.buckets().size(); i++) {
            counter.load(item.buckets().get(i), item.committed().get(i));
        }
        for (int i = 0; i < item.heldBuckets().size(); i++) {
            counter.held.add(item.heldBuckets().get(i), item.held().get(i));
        }
        boolean over = counter.window.startsAnew() && counter.committed.size() == 0;
        counter.loadAlerts(over && !item.buckets().isEmpty() ? 0 : item.alertLevel());
    }

    private CounterSet loadedSet(String scope, @Nullable String owner, @Nullable String sessionId) {
        ScopeState state = loaded(scope);
        if (owner == null || sessionId == null) {
            return state.counters;
        }
        ScopeState sessionOwner = loaded(owner);
        SessionState session = sessionOwner.session(sessionId);
        sessionOwner.keep(session);
        return session.counters(state);
    }

    private void load(StateItem.Held item) {
        ScopeState scope = loaded(item.scope());
        SessionState session = item.session() == null ? null : scope.session(item.session());
        if (session != null) {
            scope.keep(session);
        }
        Counter[] counters =
                item.counters().stream().map(ref -> loaded(ref, item)).toArray(Counter[]::new);
        Hold hold = new Hold(
                item.id(),
                item.given(),
                scope,
                session,
                item.model(),
                item.amounts(),
                item.admittedAt(),
                item.delayMillis(),
                item.expiresAt(),
                item.onExpiry(),
                item.steps(),
                item.fingerprint(),
                item.detail(),
                counters);
        hold.state = item.state();
        hold.settledAt = item.settledAt();
        hold.booked = item.booked();
        hold.sessionResets = item.sessionResets();
        if (item.allotted() != null) {
            StateItem.Allotted allotted = item.allotted();
            hold.allotment = new Allotment(hold, allotted.name(), allotted.left(), allotted.spent());
        }
        if (item.drawsOn() != null) {
            hold.drawsOn = allotment(scope, item.drawsOn());
        }
        scope.tree.put(hold);
        if (hold.state == HoldState.ACTIVE) {
            scope.openHolds++;
            active.add(hold);
        } else {
            retention.keep(hold);
        }
    }

    private Counter loaded(StateItem.CounterRef ref, StateItem.Held hold) {
        Limit limit = ref.limit();
        CounterSet set = loadedSet(ref.scope(), limit.window().perSession() ? hold.scope() : null, hold.session());
        return ref.loopKey() == null ? set.of(limit) : set.loop(limit, ref.loopKey(), lastTime);
    }

    private ScopeState loaded(String name) {
        ScopeState scope = scopes.get(name);
        if (scope == null) {
            throw new IllegalStateException("an item names scope '" + name + "', which is not before it");
        }
        return scope;
    }

    Retention retention() {
        return retention;
    }

    Map<String, ScopeState> scopes() {
        return scopes;
    }

    Map<String, ScopeState.Template> templates() {
        return templates;
    }
}
