package io.holdfast.internal;

import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of a ledger: the fold of its changes. {@link #apply(Change)} is the one place where state changes; what may
 * change is decided by {@link LedgerEngine}. Not safe for use by several threads at once.
 */
public final class LedgerState {
    private static final int MADE_REMEMBERED = 100_000;

    final HoldQueue active = new HoldQueue();
    private final Map<String, ScopeState> scopes = new HashMap<>();
    private final Map<String, ScopeState.Template> templates = new HashMap<>();
    private final Retention retention;
    private List<ScopeState.Template> longestTemplateFirst = List.of();
    private long lastTime = Long.MIN_VALUE;
    private @Nullable Set<Counter> touched;
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
        lastTime = Math.max(lastTime, now);
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
        lastTime = Math.max(lastTime, change.at());
        if (change instanceof Change.Held held) {
            hold(held, plan(existing(held.scope()), held.session(), held.model(), held.at()));
        } else if (change instanceof Change.Committed committed) {
            commit(hold(committed.scope(), committed.holdId()), committed, notices);
        } else if (change instanceof Change.Released released) {
            release(hold(released.scope(), released.holdId()), released.at());
        } else if (change instanceof Change.Expired expired) {
            expire(hold(expired.scope(), expired.holdId()), expired, notices);
        } else if (change instanceof Change.Extended extended) {
            extend(hold(extended.scope(), extended.holdId()), extended);
        } else if (change instanceof Change.Booked booked) {
            book(booked, plan(existing(booked.scope()), booked.session(), booked.model(), booked.at()), notices);
        } else if (change instanceof Change.SessionReset reset) {
            resetSession(reset);
        } else if (change instanceof Change.Defined defined) {
            define(defined.definition());
        } else if (change instanceof Change.Removed removed) {
            remove(removed);
        }
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
        ScopeState scope = new ScopeState(name, parent);
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

    Plan plan(ScopeState scope, @Nullable String sessionId, String model, long now) {
        return Plan.of(scope, sessionId, model, now, definitions);
    }

    private void keep(Plan plan) {
        keep(plan.scope);
        if (plan.session != null && !plan.session.kept) {
            plan.scope.keep(plan.session);
        }
    }

    private void keep(ScopeState scope) {
        if (!scope.kept || scope.removed) {
            scopes.put(scope.name, scope);
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
        scope.own = definition;
        scope.template = null;
        keep(scope);
        scope.draining = false;
        if (touched != null) {
            scope.counters.forEach(this::touch);
        }
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
        scope.removed = true;
        scope.draining = false;
        scope.own = null;
        scope.template = null;
        scope.counters.refresh();
        for (SessionState session : scope.sessions()) {
            session.counters(scope).refresh();
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

    void hold(Change.Held change, Plan plan) {
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
                change.expiresAt(),
                change.onExpiry(),
                change.fingerprint(),
                change.detail(),
                plan.counters);
        for (Counter counter : hold.counters) {
            counter.hold(hold.amounts, hold.admittedAt);
            touch(counter);
        }
        plan.scope.openHolds++;
        plan.scope.tree.put(hold);
        active.add(hold);
    }

    private void commit(Hold hold, Change.Committed change, @Nullable List<Notice> notices) {
        boolean late = change.kind() == EntryKind.LATE;
        if (!late) {
            close(hold, change.at());
        }
        for (Counter counter : hold.counters) {
            counter.roll(change.at());
            counter.rearm();
            if (change.reversed() != null && takesBack(counter, hold)) {
                counter.takeBack(change.reversed(), hold.admittedAt, hold.settledAt);
            }
            counter.book(change.amounts(), hold.admittedAt, change.at());
            counter.alert(notices, change.at());
            touch(counter);
        }
        hold.settle(late ? HoldState.LATE_COMMITTED : HoldState.COMMITTED, change.at(), change.amounts());
        retention.keep(hold);
    }

    /** A session that was reset since has let go of what was booked in doubt. */
    private static boolean takesBack(Counter counter, Hold hold) {
        return counter.session == null || counter.session.resets == hold.sessionResets;
    }

    private void release(Hold hold, long at) {
        close(hold, at);
        hold.settle(HoldState.RELEASED, at, Amounts.NONE);
        retention.keep(hold);
    }

    private void expire(Hold hold, Change.Expired change, @Nullable List<Notice> notices) {
        close(hold, change.at());
        Amounts booked = change.booked();
        hold.state = HoldState.EXPIRED;
        hold.settledAt = change.due();
        hold.booked = booked == null ? Amounts.NONE : booked;
        hold.sessionResets = hold.session == null ? 0 : hold.session.resets;
        for (Counter counter : hold.counters) {
            if (booked != null) {
                counter.rearm();
                counter.book(booked, hold.admittedAt, change.due());
                counter.alert(notices, change.at());
            }
        }
        retention.keep(hold);
        if (notices != null) {
            notices.add(new Notice.Expired(hold.id, hold.scope.name, hold.sessionId(), hold.amounts, hold.onExpiry));
        }
    }

    private void close(Hold hold, long at) {
        active.remove(hold);
        for (Counter counter : hold.counters) {
            counter.roll(at);
            counter.unhold(hold.amounts, hold.admittedAt);
            touch(counter);
        }
        hold.scope.openHolds--;
        if (hold.scope.draining && hold.scope.openHolds == 0) {
            drop(hold.scope);
        }
    }

    private void extend(Hold hold, Change.Extended change) {
        active.remove(hold);
        hold.expiresAt = change.expiresAt();
        hold.extendedBy = change.id().value();
        hold.extendedFor = change.ttlMillis();
        active.add(hold);
    }

    // ---- bookings without a hold

    void book(Change.Booked change, Plan plan, @Nullable List<Notice> notices) {
        lastTime = Math.max(lastTime, change.at());
        keep(plan);
        for (Counter counter : plan.counters) {
            counter.roll(change.at());
            counter.rearm();
            counter.book(change.amounts(), change.at(), change.at());
            counter.alert(notices, change.at());
            touch(counter);
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
        session.reset();
        session.forEachCounter(this::touch);
        answered(
                scope.tree,
                resetId(change.id().value()),
                change.id().given(),
                Fingerprint.ofReset(change.scope(), change.session()),
                change.at());
    }

    private void answered(Tree tree, String id, boolean given, long fingerprint, long at) {
        Tree.Answer answer = new Tree.Answer(id, tree, given, fingerprint, at);
        tree.put(answer);
        retention.keep(answer);
    }

    static String bookingId(String id) {
        return "b" + id;
    }

    static String resetId(String id) {
        return "r" + id;
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
     * @param reader is given each, in the order they were first touched
     */
    public void totals(Consumer<CounterTotals> reader) {
        if (touched == null || touched.isEmpty()) {
            return;
        }
        touched.forEach(counter -> reader.accept(counter.totals()));
        touched.clear();
    }

    private void touch(Counter counter) {
        if (touched != null) {
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
        }
    }

    private void load(StateItem.Scope item) {
        ScopeState scope = new ScopeState(item.name(), item.parent() == null ? null : loaded(item.parent()));
        if (item.own() != null) {
            scope.own = new Definition(item.own(), null);
            item.own().limits().forEach(limit -> retention.cover(limit.window()));
        } else if (item.shared() != null) {
            scope.template = new ScopeState.Template(new Definition(item.shared(), null));
        } else if (item.template() != null) {
            scope.template = templates.get(item.template());
        }
        scopes.put(scope.name, scope);
        scope.kept = true;
        scope.removed = item.removed();
        scope.draining = item.draining();
        if (!scope.removed && scope.parent != null) {
            scope.parent.children++;
        }
    }

    private void load(StateItem.Counted item) {
        Counter counter = loadedSet(item.scope(), item.owner(), item.session()).of(item.limit());
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
        Counter[] counters = item.counters().stream()
                .map(ref -> loadedSet(
                                ref.scope(), ref.limit().window().perSession() ? item.scope() : null, item.session())
                        .of(ref.limit()))
                .toArray(Counter[]::new);
        Hold hold = new Hold(
                item.id(),
                item.given(),
                scope,
                session,
                item.model(),
                item.amounts(),
                item.admittedAt(),
                item.expiresAt(),
                item.onExpiry(),
                item.fingerprint(),
                item.detail(),
                counters);
        hold.state = item.state();
        hold.settledAt = item.settledAt();
        hold.booked = item.booked();
        hold.sessionResets = item.sessionResets();
        hold.extendedBy = item.extendedBy();
        hold.extendedFor = item.extendedFor();
        scope.tree.put(hold);
        if (hold.state == HoldState.ACTIVE) {
            scope.openHolds++;
            active.add(hold);
        } else {
            retention.keep(hold);
        }
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
