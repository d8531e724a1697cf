package io.holdfast.evidence.oracle;

import io.holdfast.evidence.oracle.Tally.Cell;
import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.PassedStep;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a ledger ought to do, told a second time and in the plainest way: charges stay in lists, sums are taken anew, calendars
 * are asked of java.time, and nothing is shared with the engine but its vocabulary.
 */
public final class Oracle {
    /** For how long an id is sure to be remembered. */
    public static final Duration REMEMBERED = Duration.ofHours(23);

    private static final int KEYS_KEPT = 1_000;

    /** What an operation should have come to. What is null is not to be looked at. */
    record Answer(String kind, Rejection reason, Boolean repeated, Object detail) {}

    /** A limit as one definition has it. */
    record Version(Limit limit, String key, boolean perSession, int number) {
        Version(Limit limit, int number) {
            this(limit, limit.key(), limit.window().perSession(), number);
        }
    }

    /** A limit that a call meets, and what it counts. */
    private record Meet(Tally tally, Limit limit) {}

    /** What the scopes that one template made have in common. */
    private static final class Template {
        String parent;
        List<Ladder> ladders = List.of();
        Map<String, Version> limits = Map.of();
    }

    private static final class Scope {
        final String name;
        String parent;
        Map<String, Version> own;
        List<Ladder> ladders = List.of();
        Template shared;
        boolean removed;
        boolean draining;
        int open;
        final Set<String> sessions;

        Scope(String name, Set<String> sessions) {
            this.name = name;
            this.sessions = sessions;
        }

        Map<String, Version> limits() {
            return own != null ? own : shared == null ? Map.of() : shared.limits;
        }

        List<Ladder> ladders() {
            return own != null ? ladders : shared == null ? List.of() : shared.ladders;
        }
    }

    /** A hold and its later fate; an allotment is one, of which only the rest is held. */
    public static final class Hold {
        /** What made it, a reserve or an allot. */
        public final Operation.Identified asked;

        final String scope;
        final String session;
        final String model;
        final Amounts amounts;
        final OnExpiry onExpiry;
        final long delay;
        final List<String> steps;
        final List<Tally> tallies;
        final long admitted;
        final Hold drawsOn;
        /** The name of a child session; nothing for a call. */
        final String child;

        long left;
        long spent;
        long expires;
        HoldState state = HoldState.ACTIVE;
        long settled;
        Amounts booked = Amounts.NONE;
        final Map<Tally, Tally.Charge> doubt = new HashMap<>();

        private Hold(Operation.Reserve op, Way way, List<Tally> tallies, Hold drawsOn, long now) {
            this.asked = op;
            this.scope = op.scope();
            this.session = op.session();
            this.model = way.offer.model();
            this.amounts = way.offer.amounts();
            this.onExpiry = op.onExpiry();
            this.delay = way.delay;
            this.steps = way.steps;
            this.tallies = tallies;
            this.admitted = now;
            this.expires = now + way.delay + op.ttlMillis();
            this.drawsOn = drawsOn;
            this.child = null;
        }

        private Hold(Operation.Allot op, List<Tally> tallies, Hold drawsOn, long now) {
            this.asked = op;
            this.scope = op.scope();
            this.session = op.session();
            this.model = "*";
            this.amounts = new Amounts(op.cost(), 0, 0, 0);
            this.onExpiry = OnExpiry.RELEASE;
            this.delay = 0;
            this.steps = List.of();
            this.tallies = tallies;
            this.admitted = now;
            this.expires = now + op.ttlMillis();
            this.drawsOn = drawsOn;
            this.child = op.name();
            this.left = op.cost();
        }

        long holding(Meter meter) {
            return child == null ? amounts.on(meter) : meter == Meter.COST ? left : 0;
        }

        long cost() {
            return amounts.on(Meter.COST);
        }

        boolean affords(Amounts asking) {
            return asking.priced() && asking.cost() <= left;
        }

        String id() {
            return asked.id().value();
        }

        Object told() {
            return List.of(model, amounts, delay, expires, steps);
        }
    }

    /** What becomes of a request: by which offer, whether there is room, after what delay and why. */
    private record Way(
            Operation.Offer offer,
            List<Meet> meets,
            boolean room,
            Rejection objection,
            List<String> wanted,
            long delay,
            List<String> steps) {}

    private final Map<String, Scope> scopes = new TreeMap<>();
    private final Map<String, Template> templates = new TreeMap<>();
    private final Map<Cell, Tally> tallies = new HashMap<>();
    private final Map<String, Map<String, Tally>> loops = new HashMap<>();
    private final Map<String, Hold> holds = new HashMap<>();
    private final Set<Hold> active = new LinkedHashSet<>();
    private final Map<String, Operation> answered = new HashMap<>();
    private final Map<String, Long> answeredAt = new HashMap<>();
    private final Map<String, Map<String, Boolean>> covered = new HashMap<>();
    private final List<String> notices = new ArrayList<>();
    private final Map<Limit, String> keys = new IdentityHashMap<>();
    /** The holds that the ledger must know, and some that it may have forgotten. */
    private final List<Hold> known = new ArrayList<>();

    /** How often a ledger's counters were compared with what is counted here. */
    long looks;

    private int versions;
    private long now = Long.MIN_VALUE;
    private long changedAt = Long.MIN_VALUE;

    /**
     * Returns the time of the latest operation.
     *
     * @return milliseconds since the epoch
     */
    public long now() {
        return now;
    }

    /**
     * Returns the time of the latest operation that changed anything: what every node knows, and every restart finds.
     *
     * @return milliseconds since the epoch
     */
    public long changedAt() {
        return changedAt;
    }

    // ---- what may be asked

    /**
     * Returns the scopes that there are.
     *
     * @return their names
     */
    public Set<String> liveScopes() {
        return scopes.values().stream()
                .filter(each -> !each.removed)
                .map(each -> each.name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Returns the sessions that a scope has had.
     *
     * @param scope the scope
     * @return their names
     */
    public Set<String> sessions(String scope) {
        return scopes.get(scope).sessions;
    }

    /**
     * Returns the session that an operation is about.
     *
     * @param op the operation
     * @return its session, or that of its hold; nothing if it has none
     */
    public String session(Operation op) {
        if (op instanceof Operation.Book book) {
            return book.session();
        } else if (op instanceof Operation.ResetSession reset) {
            return reset.session();
        }
        String id = op instanceof Operation.Identified made ? made.id().value() : null;
        id = op instanceof Operation.Commit commit ? commit.holdId() : id;
        id = op instanceof Operation.Release release ? release.holdId() : id;
        id = op instanceof Operation.Extend extend ? extend.holdId() : id;
        Hold hold = id == null || !(op instanceof Operation.OnScope) ? null : own(((Operation.OnScope) op).scope(), id);
        return hold == null ? null : hold.session;
    }

    /**
     * Returns every hold that was ever made.
     *
     * @return the holds, in no order
     */
    public Iterable<Hold> holds() {
        return holds.values();
    }

    /**
     * Returns how many holds are open.
     *
     * @return zero or more
     */
    public int openHolds() {
        return active.size();
    }

    /**
     * Tells whether the ledger must still know everything an operation refers to.
     *
     * @param op the operation
     * @param clock when it is asked
     * @return whether its answer can be told beforehand
     */
    public boolean remembers(Operation op, long clock) {
        long since = Math.max(now, clock) - REMEMBERED.toMillis();
        String scope = op instanceof Operation.OnScope on ? on.scope() : null;
        for (String id : refersTo(op)) {
            Hold known = holds.get(key(scope, id));
            if (known != null && (known.state == HoldState.ACTIVE ? known.expires : known.settled) < since) {
                return false;
            }
        }
        String answer = answerKey(op);
        return answer == null || answeredAt.getOrDefault(answer, now) >= since;
    }

    /** Returns by what an operation that makes no hold is remembered, if it has an id. */
    private String answerKey(Operation op) {
        if (op instanceof Operation.Book book) {
            return key(book.scope(), "book " + book.id().value());
        } else if (op instanceof Operation.ResetSession reset) {
            return key(reset.scope(), "reset " + reset.id().value());
        } else if (op instanceof Operation.Extend extend) {
            return key(extend.scope(), "extend " + extend.id().value());
        }
        return null;
    }

    /** Returns the ids of the holds that an operation names. */
    private static List<String> refersTo(Operation op) {
        List<String> ids = new ArrayList<>();
        if (op instanceof Operation.Commit commit) {
            ids.add(commit.holdId());
        } else if (op instanceof Operation.Release release) {
            ids.add(release.holdId());
        } else if (op instanceof Operation.Extend extend) {
            ids.add(extend.holdId());
        } else if (op instanceof Operation.Reserve reserve) {
            ids.add(reserve.id().value());
            ids.add(reserve.request().allotment());
        } else if (op instanceof Operation.Allot allot) {
            ids.add(allot.id().value());
            ids.add(allot.from());
        } else if (op instanceof Operation.Book book) {
            ids.add(book.allotment());
        } else if (op instanceof Operation.Check check) {
            ids.add(check.request().allotment());
        }
        return ids;
    }

    /** Returns what is counted in a place, or nothing if nothing ever was. */
    Tally tally(Cell cell) {
        return tallies.get(cell);
    }

    /** Returns everything that is or was counted. */
    Iterable<Tally> tallies() {
        return tallies.values();
    }

    /** Returns a hold by the topmost scope above its own, or nothing. */
    Hold hold(String root, String id) {
        return holds.get(root + " " + id);
    }

    /** Returns the holds that the ledger must still know. */
    List<Hold> known() {
        known.removeIf(hold -> stateToBeKnown(hold) == null);
        return known;
    }

    /** Returns the state of a hold, or nothing if the ledger may have forgotten it. */
    HoldState stateToBeKnown(Hold hold) {
        boolean forgotten = hold.state != HoldState.ACTIVE && hold.settled < now - REMEMBERED.toMillis();
        return forgotten ? null : hold.state;
    }

    // ---- operations

    /** Takes an operation in and tells what it should have come to. */
    Answer apply(Operation op, long clock) {
        now = Math.max(changedAt, clock);
        notices.clear();
        expire();
        Answer answer = decide(op);
        boolean read =
                op instanceof Operation.Inspect || op instanceof Operation.Check || op instanceof Operation.Sweep;
        boolean nothing = read
                || Set.of("Denied", "Rejected", "RungsWanted").contains(answer.kind)
                || Boolean.TRUE.equals(answer.repeated)
                || Boolean.FALSE.equals(answer.detail);
        if (!notices.isEmpty() || !nothing) {
            changedAt = now;
        }
        return answer;
    }

    /** Returns what the latest operation should have told beside its answer. */
    List<String> notices() {
        return notices;
    }

    private Answer decide(Operation op) {
        if (op instanceof Operation.Define define) {
            return define(define);
        } else if (op instanceof Operation.Remove remove) {
            return remove(remove);
        } else if (op instanceof Operation.Reserve reserve) {
            return reserve(reserve);
        } else if (op instanceof Operation.Allot allot) {
            return allot(allot);
        } else if (op instanceof Operation.Check check) {
            return check(check);
        } else if (op instanceof Operation.Commit commit) {
            return commit(commit);
        } else if (op instanceof Operation.Release release) {
            return release(release);
        } else if (op instanceof Operation.Extend extend) {
            return extend(extend);
        } else if (op instanceof Operation.Book book) {
            return book(book);
        } else if (op instanceof Operation.ResetSession reset) {
            return reset(reset);
        } else if (op instanceof Operation.Inspect inspect) {
            Scope scope = found(inspect.scope());
            return scope == null ? rejected(Rejection.UNKNOWN_SCOPE) : answer("Inspected", null, (long) scope.open);
        }
        return answer("Done", null, false);
    }

    private void expire() {
        for (Hold hold : active.isEmpty() ? List.<Hold>of() : new ArrayList<>(active)) {
            if (hold.expires <= now) {
                changedAt = now;
                if (hold.child == null) {
                    notices.add("expired " + hold.scope + "/" + hold.id());
                }
                leave(hold, HoldState.EXPIRED, hold.expires);
                if (hold.onExpiry == OnExpiry.CHARGE) {
                    hold.booked = hold.amounts;
                    for (Tally tally : hold.tallies) {
                        hold.doubt.put(tally, charge(tally, hold.admitted, hold.expires, hold.booked, null));
                    }
                    spend(hold.drawsOn, hold.cost());
                } else {
                    giveBack(hold);
                }
                drained(hold);
            }
        }
    }

    private void leave(Hold hold, HoldState state, long at) {
        hold.state = state;
        hold.settled = at;
        active.remove(hold);
        hold.tallies.forEach(tally -> tally.open.remove(hold));
        scopes.get(hold.scope).open--;
    }

    /** The last hold of a scope that is being removed takes the scope with it, once it is settled. */
    private void drained(Hold ended) {
        Scope scope = scopes.get(ended.scope);
        if (scope.draining && scope.open == 0) {
            gone(scope);
        }
    }

    private Answer define(Operation.Define op) {
        ScopeDefinition wanted = op.definition();
        String name = wanted.name();
        Scope scope = scopes.get(name);
        Template template = templates.get(name);
        Map<String, Version> present = wanted.template()
                ? template == null ? null : template.limits
                : scope == null || scope.removed || scope.draining ? null : scope.own;
        String parent =
                wanted.template() ? template == null ? null : template.parent : scope == null ? null : scope.parent;
        if (present != null) {
            List<Limit> had = present.values().stream().map(Version::limit).toList();
            List<Ladder> ladders = wanted.template() ? template.ladders : scope.ladders;
            if (Objects.equals(parent, wanted.parent())
                    && had.equals(wanted.limits())
                    && ladders.equals(wanted.ladders())) {
                return answer("Done", null, false);
            }
            if (!op.replace()) {
                return rejected(Rejection.DEFINITION_CONFLICT);
            }
        }
        boolean known = wanted.template() ? present != null : scope != null;
        if (known && !Objects.equals(parent, wanted.parent())) {
            return rejected(Rejection.PARENT_CHANGED);
        }
        if (wanted.parent() != null) {
            Scope above = scopes.get(wanted.parent());
            if (above == null || above.removed) {
                return rejected(Rejection.UNKNOWN_PARENT);
            }
            if (above.draining) {
                return rejected(Rejection.DRAINING);
            }
        }
        if (wanted.template()) {
            Template defined = templates.computeIfAbsent(name, none -> new Template());
            defined.limits = versions(wanted.limits(), present);
            defined.parent = wanted.parent();
            defined.ladders = wanted.ladders();
            return answer("Done", null, true);
        }
        Map<String, Version> before = scope == null || scope.removed ? null : scope.limits();
        if (scope == null) {
            scope = new Scope(name, new TreeSet<>());
            scope.parent = wanted.parent();
            scopes.put(name, scope);
        }
        scope.own = versions(wanted.limits(), before);
        scope.ladders = wanted.ladders();
        scope.shared = null;
        scope.removed = false;
        scope.draining = false;
        return answer("Done", null, true);
    }

    private Map<String, Version> versions(List<Limit> wanted, Map<String, Version> before) {
        Map<String, Version> next = new LinkedHashMap<>();
        for (Limit limit : wanted) {
            Version old = before == null ? null : before.get(limit.key());
            next.put(limit.key(), old != null && old.limit.equals(limit) ? old : new Version(limit, ++versions));
        }
        return next;
    }

    private Answer remove(Operation.Remove op) {
        if (op.scope().endsWith("*")) {
            return templates.remove(op.scope()) == null
                    ? rejected(Rejection.UNKNOWN_SCOPE)
                    : answer("Done", null, true);
        }
        Scope scope = scopes.get(op.scope());
        if (scope == null || scope.removed) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        boolean parent = templates.values().stream().anyMatch(each -> op.scope().equals(each.parent))
                || scopes.values().stream()
                        .anyMatch(each -> !each.removed && op.scope().equals(each.parent));
        if (parent) {
            return rejected(Rejection.HAS_CHILDREN);
        }
        if (scope.open > 0 && op.removal() == Removal.REJECT) {
            return rejected(Rejection.OPEN_HOLDS);
        }
        if (scope.open > 0 && op.removal() == Removal.DRAIN) {
            boolean changed = !scope.draining;
            scope.draining = true;
            return answer("Done", null, changed);
        }
        gone(scope);
        return answer("Done", null, true);
    }

    /** What was counted stays; alerts that had fired may fire again once the scope is back. */
    private void gone(Scope scope) {
        for (Tally tally : tallies.values()) {
            String owner = tally.cell.owner();
            if (tally.cell.scope().equals(scope.name) && (owner == null || owner.equals(scope.name))) {
                tally.alertsOf = null;
            }
        }
        scope.removed = true;
        scope.draining = false;
        scope.own = null;
        scope.shared = null;
    }

    // ---- calls

    private Answer reserve(Operation.Reserve op) {
        Scope scope = found(op.scope());
        if (scope == null) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        Hold earlier = holds.get(key(op.scope(), op.id().value()));
        if (earlier != null) {
            return earlier.asked instanceof Operation.Reserve first && same(first, op)
                    ? answer("Held", true, earlier.told())
                    : rejected(Rejection.ID_REUSED);
        }
        if (scope.draining) {
            return rejected(Rejection.DRAINING);
        }
        String allotment = op.request().allotment();
        Hold from = openAllotment(op.scope(), allotment);
        if (allotment != null && from == null) {
            return rejected(Rejection.ALLOTMENT_CLOSED);
        }
        Way way = way(scope, op.request(), from);
        if (!way.wanted.isEmpty()) {
            return answer("RungsWanted", null, way.wanted);
        }
        if (way.objection != null) {
            return rejected(way.objection);
        }
        if (!way.room) {
            return answer(
                    "Denied", null, blocking(way, from, op.request().policy().finalCall()));
        }
        touch(scope, op.session());
        Hold hold = new Hold(op, way, tallies(way.meets), from, now);
        if (from != null) {
            from.left -= hold.cost();
        }
        return opened(hold);
    }

    private Answer opened(Hold hold) {
        holds.put(key(hold.scope, hold.id()), hold);
        active.add(hold);
        known.add(hold);
        hold.tallies.forEach(tally -> tally.open.add(hold));
        scopes.get(hold.scope).open++;
        return answer("Held", false, hold.told());
    }

    private Answer allot(Operation.Allot op) {
        Scope scope = found(op.scope());
        if (scope == null) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        Hold earlier = holds.get(key(op.scope(), op.id().value()));
        if (earlier != null) {
            return !earlier.asked.equals(op)
                    ? rejected(Rejection.ID_REUSED)
                    : earlier.state == HoldState.ACTIVE
                            ? answer("Held", true, earlier.told())
                            : rejected(Rejection.ALLOTMENT_CLOSED);
        }
        if (scope.draining) {
            return rejected(Rejection.DRAINING);
        }
        Hold from = openAllotment(op.scope(), op.from());
        if (op.from() != null && from == null) {
            return rejected(Rejection.ALLOTMENT_CLOSED);
        }
        Amounts amounts = new Amounts(op.cost(), 0, 0, 0);
        List<Meet> meets = new ArrayList<>(meets(scope, op.session(), "*", null));
        meets.removeIf(meet -> meet.tally.meter != Meter.COST);
        Way way = new Way(new Operation.Offer("*", "*", amounts), meets, false, null, List.of(), 0, List.of());
        Object blocking = blocking(way, from, false);
        if (!((Set<?>) blocking).isEmpty()) {
            return answer("Denied", null, blocking);
        }
        touch(scope, op.session());
        Hold hold = new Hold(op, tallies(meets), from, now);
        if (from != null) {
            from.left -= hold.cost();
        }
        return opened(hold);
    }

    private static List<Tally> tallies(List<Meet> meets) {
        return meets.stream().map(Meet::tally).toList();
    }

    private Hold openAllotment(String scope, String id) {
        Hold hold = id == null ? null : own(scope, id);
        return hold == null || hold.child == null || hold.state != HoldState.ACTIVE ? null : hold;
    }

    private Answer check(Operation.Check op) {
        Scope scope = found(op.scope());
        if (scope == null) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        if (scope.draining) {
            return rejected(Rejection.DRAINING);
        }
        String allotment = op.request().allotment();
        Hold from = openAllotment(op.scope(), allotment);
        if (allotment != null && from == null) {
            return rejected(Rejection.ALLOTMENT_CLOSED);
        }
        Way way = way(scope, op.request(), from);
        if (!way.wanted.isEmpty()) {
            return answer("RungsWanted", null, way.wanted);
        }
        if (way.objection != null) {
            return rejected(way.objection);
        }
        Set<String> met = new TreeSet<>();
        if (from != null) {
            met.add(child(from));
        }
        way.meets.forEach(meet -> met.add(standing(meet.tally)));
        return answer("Checked", null, List.of(way.room, way.offer.model(), way.delay, way.steps, met));
    }

    /** Goes down the ladder: one rung for each limit whose soft step is passed, and past those rungs without room. */
    private Way way(Scope scope, Operation.Request request, Hold from) {
        Operation.Offer asked = request.asked();
        String loop = request.policy().loopKey();
        List<Meet> meets = meets(scope, request.session(), asked.model(), loop);
        Rejection objection = objection(scope, request.session(), asked.model(), asked.amounts(), meets, from);
        if (objection != null || meets.stream().noneMatch(meet -> passesSoftStep(meet, asked, from))) {
            return taken(scope, request, asked, meets, from, List.of());
        }
        List<String> below = below(scope, asked.model());
        if (below.isEmpty()) {
            return taken(scope, request, asked, meets, from, List.of());
        }
        Map<String, Operation.Offer> offered = new HashMap<>();
        request.offers().subList(1, request.offers().size()).forEach(each -> offered.putIfAbsent(each.rung(), each));
        if (!offered.keySet().containsAll(below)) {
            return new Way(asked, meets, false, null, below, 0, List.of());
        }
        List<String> steps = new ArrayList<>();
        Set<Tally> counted = new HashSet<>();
        int depth = Math.min(further(meets, asked, from, counted, steps), below.size());
        while (true) {
            Operation.Offer offer = offered.get(below.get(depth - 1));
            meets = meets(scope, request.session(), offer.model(), loop);
            if (depth == below.size()) {
                return taken(scope, request, offer, meets, from, steps);
            }
            int further = further(meets, offer, from, counted, steps);
            boolean usable = objection(scope, request.session(), offer.model(), offer.amounts(), meets, from) == null
                    && room(meets, offer, from, request.policy().finalCall());
            if (further == 0 && usable) {
                return taken(scope, request, offer, meets, from, steps);
            }
            if (!usable) {
                passOver(meets, offer, from, request.policy().finalCall(), steps);
            }
            depth = Math.min(depth + Math.max(further, 1), below.size());
        }
    }

    /** Says which limits have no room for a rung. */
    private void passOver(List<Meet> meets, Operation.Offer offer, Hold from, boolean finalCall, List<String> steps) {
        if (from != null && !from.affords(offer.amounts())) {
            steps.add("PASS_OVER " + from.scope + " cost/session");
        }
        for (Meet meet : meets) {
            if (!room(meet, offer.amounts(), from, finalCall)) {
                steps.add("PASS_OVER " + meet.tally.cell.scope() + " " + meet.tally.cell.key());
            }
        }
    }

    private int further(List<Meet> meets, Operation.Offer offer, Hold from, Set<Tally> counted, List<String> steps) {
        int further = 0;
        for (Meet meet : meets) {
            if (passesSoftStep(meet, offer, from) && counted.add(meet.tally)) {
                steps.add("DOWNGRADE " + meet.tally.cell.scope() + " " + meet.tally.cell.key());
                further++;
            }
        }
        return further;
    }

    private Way taken(
            Scope scope,
            Operation.Request request,
            Operation.Offer offer,
            List<Meet> meets,
            Hold from,
            List<String> downgrades) {
        Rejection objection = objection(scope, request.session(), offer.model(), offer.amounts(), meets, from);
        if (objection != null) {
            return new Way(offer, meets, false, objection, List.of(), 0, List.of());
        }
        boolean last = request.policy().finalCall();
        Operation.Offer shorter = request.shortened();
        Operation.Offer fits = room(meets, offer, from, last)
                ? offer
                : shorter != null && shorter.model().equals(offer.model()) && room(meets, shorter, from, last)
                        ? shorter
                        : null;
        List<String> steps = new ArrayList<>(downgrades);
        Collections.sort(steps);
        if (fits == null) {
            return new Way(offer, meets, false, null, List.of(), 0, steps);
        }
        long delay = 0;
        for (Meet meet : meets) {
            long step = meet.limit.steps().throttleAt();
            if (step > 0 && above(step, meet, fits, from)) {
                delay = Math.max(delay, meet.limit.steps().delayMillis());
                steps.add("THROTTLE " + meet.tally.cell.scope() + " " + meet.tally.cell.key());
            }
        }
        Collections.sort(steps);
        return new Way(fits, meets, true, null, List.of(), delay, steps);
    }

    /** Returns the rungs below a model on the first ladder that has it, the scope's own before its ancestors'. */
    private List<String> below(Scope scope, String model) {
        for (Scope at = scope; at != null; at = above(at)) {
            for (Ladder ladder : at.ladders()) {
                List<String> rungs =
                        ladder.rungs().stream().map(rung -> rung.text()).toList();
                for (int place = rungs.size() - 1; place >= 0; place--) { // a pattern stands first, if at all
                    if (covers(rungs.get(place), model)) {
                        return rungs.subList(place + 1, rungs.size());
                    }
                }
            }
        }
        return List.of();
    }

    private Scope above(Scope scope) {
        return scope.parent == null ? null : scopes.get(scope.parent);
    }

    /** An allotment has paid where it is held, and its calls ask for nothing there: but stop where the limit is passed. */
    private boolean prepaid(Tally tally, Hold from) {
        LocalDate current = tally.period(now);
        return from != null
                && tally.meter == Meter.COST
                && from.tallies.contains(tally)
                && (current == null || current.equals(tally.period(from.admitted)));
    }

    private boolean above(long step, Meet meet, Operation.Offer offer, Hold from) {
        long asked = prepaid(meet.tally, from) ? 0 : offer.amounts().on(meet.tally.meter);
        return sum(meet.tally, asked) > step;
    }

    private long sum(Tally tally, long asked) {
        return Math.addExact(Math.addExact(tally.used(now), tally.held(now)), asked);
    }

    private boolean passesSoftStep(Meet meet, Operation.Offer offer, Hold from) {
        long soft = meet.limit.steps().downgradeAt();
        return soft > 0 && above(soft, meet, offer, from);
    }

    private boolean room(List<Meet> meets, Operation.Offer offer, Hold from, boolean finalCall) {
        if (from != null && !from.affords(offer.amounts())) {
            return false;
        }
        for (Meet meet : meets) {
            if (!room(meet, offer.amounts(), from, finalCall)) {
                return false;
            }
        }
        return true;
    }

    private boolean room(Meet meet, Amounts amounts, Hold from, boolean finalCall) {
        boolean prepaid = prepaid(meet.tally, from);
        long asked = prepaid ? 0 : amounts.on(meet.tally.meter);
        long most = meet.limit.amount()
                - (finalCall || prepaid ? 0 : meet.limit.steps().finalReserve());
        return !meet.limit.hard() || sum(meet.tally, asked) <= most;
    }

    private Object blocking(Way way, Hold from, boolean finalCall) {
        Set<String> blocking = new TreeSet<>();
        if (from != null && !from.affords(way.offer.amounts())) {
            blocking.add(child(from));
        }
        for (Meet meet : way.meets) {
            if (!room(meet, way.offer.amounts(), from, finalCall)) {
                blocking.add(standing(meet.tally));
            }
        }
        return blocking;
    }

    static List<String> shown(List<PassedStep> steps) {
        return steps.isEmpty()
                ? List.of()
                : steps.stream()
                        .map(step -> step.kind() + " " + step.scope() + " " + step.limit())
                        .sorted()
                        .toList();
    }

    private Rejection objection(
            Scope scope, String session, String model, Amounts amounts, List<Meet> meets, Hold from) {
        boolean missing = false;
        for (Scope at = session == null ? scope : null; at != null; at = above(at)) {
            for (Version version : at.limits().values()) {
                missing |= version.perSession && covers(version.limit.models().text(), model);
            }
        }
        if (missing) {
            return Rejection.SESSION_REQUIRED;
        }
        boolean cost = from != null || meets.stream().anyMatch(meet -> meet.tally.meter == Meter.COST);
        return cost && amounts.cost() == Amounts.UNPRICED ? Rejection.UNPRICED : null;
    }

    // ---- settling

    private Answer commit(Operation.Commit op) {
        Hold hold = own(op.scope(), op.holdId());
        if (hold == null || hold.child != null) {
            return rejected(Rejection.UNKNOWN_HOLD);
        }
        if (hold.state == HoldState.COMMITTED || hold.state == HoldState.LATE_COMMITTED) {
            return hold.booked.equals(op.amounts())
                    ? answer("Settled", true, hold.state)
                    : rejected(Rejection.HOLD_SETTLED);
        }
        if (hold.state == HoldState.RELEASED) {
            return rejected(Rejection.HOLD_SETTLED);
        }
        if (op.amounts().cost() == Amounts.UNPRICED
                && hold.tallies.stream().anyMatch(tally -> tally.meter == Meter.COST)) {
            return rejected(Rejection.UNPRICED);
        }
        boolean late = hold.state == HoldState.EXPIRED;
        long before = late ? hold.booked.on(Meter.COST) : hold.cost();
        if (late) {
            hold.state = HoldState.LATE_COMMITTED;
            hold.settled = now;
        } else {
            leave(hold, HoldState.COMMITTED, now);
        }
        hold.booked = op.amounts();
        hold.tallies.forEach(tally -> charge(tally, hold.admitted, now, op.amounts(), hold.doubt.remove(tally)));
        long actual = op.amounts().on(Meter.COST);
        spend(hold.drawsOn, late ? Math.max(0, actual - before) : actual);
        if (actual > before) {
            eat(hold.drawsOn, actual - before);
        } else if (!late) {
            giveBack(hold.drawsOn, before - actual);
        }
        if (late) {
            notices.add("late " + hold.id());
        }
        Amounts most = hold.amounts;
        boolean exceeds = op.amounts().cost() > most.cost()
                || op.amounts().inputTokens() > most.inputTokens()
                || op.amounts().outputTokens() > most.outputTokens()
                || op.amounts().calls() > most.calls();
        if (exceeds) {
            notices.add("overshot " + hold.id());
        }
        drained(hold);
        return answer("Settled", false, hold.state);
    }

    private Answer release(Operation.Release op) {
        Hold hold = own(op.scope(), op.holdId());
        if (hold == null) {
            return rejected(Rejection.UNKNOWN_HOLD);
        }
        if (hold.state == HoldState.RELEASED) {
            return answer("Settled", true, HoldState.RELEASED);
        }
        if (hold.state != HoldState.ACTIVE) {
            return rejected(Rejection.HOLD_SETTLED);
        }
        leave(hold, HoldState.RELEASED, now);
        giveBack(hold);
        drained(hold);
        return answer("Settled", false, HoldState.RELEASED);
    }

    private Answer extend(Operation.Extend op) {
        Hold hold = own(op.scope(), op.holdId());
        if (hold == null) {
            return rejected(Rejection.UNKNOWN_HOLD);
        }
        String key = answerKey(op);
        Operation earlier = answered.get(key);
        if (earlier != null) {
            return earlier.equals(op) ? answer("Extended", true, hold.expires) : rejected(Rejection.ID_REUSED);
        }
        if (hold.state != HoldState.ACTIVE) {
            return rejected(Rejection.HOLD_SETTLED);
        }
        hold.expires = Math.max(hold.expires, now + op.ttlMillis());
        answered.put(key, op);
        answeredAt.put(key, now);
        return answer("Extended", false, hold.expires);
    }

    private Answer book(Operation.Book op) {
        Scope scope = found(op.scope());
        if (scope == null) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        String key = answerKey(op);
        Operation.Book earlier = (Operation.Book) answered.get(key);
        if (earlier != null && !same(earlier, op)) {
            return rejected(Rejection.ID_REUSED);
        }
        List<Meet> meets = meets(scope, op.session(), op.model(), op.loopKey());
        if (earlier != null) {
            return answer("Booked", true, List.of(answeredAt.get(key), passed(meets, op)));
        }
        Rejection objection = objection(scope, op.session(), op.model(), op.amounts(), meets, null);
        if (objection != null) {
            return rejected(objection);
        }
        touch(scope, op.session());
        tallies(meets).forEach(tally -> charge(tally, now, now, op.amounts(), null));
        Hold from = openAllotment(op.scope(), op.allotment());
        spend(from, op.amounts().on(Meter.COST));
        eat(from, op.amounts().on(Meter.COST));
        answered.put(key, op);
        answeredAt.put(key, now);
        return answer("Booked", false, List.of(now, passed(meets, op)));
    }

    private Object passed(List<Meet> meets, Operation.Book op) {
        Set<String> passed = new TreeSet<>();
        Hold from = openAllotment(op.scope(), op.allotment());
        for (Meet meet : meets) {
            if (meet.limit.hard() && sum(meet.tally, 0) > meet.limit.amount()) {
                passed.add(standing(meet.tally));
            }
        }
        if (from != null && Math.max(0, from.cost() - from.left - from.spent) + from.spent > from.cost()) {
            passed.add(child(from));
        }
        return passed;
    }

    private Answer reset(Operation.ResetSession op) {
        Scope scope = found(op.scope());
        if (scope == null) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        String key = answerKey(op);
        if (answered.get(key) instanceof Operation.ResetSession earlier) {
            return earlier.equals(op) ? answer("Done", null, false) : rejected(Rejection.ID_REUSED);
        }
        if (!scope.sessions.contains(op.session())) {
            return rejected(Rejection.UNKNOWN_SESSION);
        }
        for (Tally tally : tallies.values()) {
            if (op.scope().equals(tally.cell.owner()) && op.session().equals(tally.cell.session())) {
                tally.clear();
            }
        }
        answered.put(key, op);
        answeredAt.put(key, now);
        return answer("Done", null, true);
    }

    private static boolean same(Operation.Reserve one, Operation.Reserve other) {
        return one.scope().equals(other.scope())
                && Objects.equals(one.session(), other.session())
                && one.model().equals(other.model())
                && one.amounts().equals(other.amounts())
                && one.ttlMillis() == other.ttlMillis()
                && one.onExpiry() == other.onExpiry()
                && Objects.equals(one.request().allotment(), other.request().allotment())
                && one.request().policy().equals(other.request().policy());
    }

    private static boolean same(Operation.Book one, Operation.Book other) {
        return one.scope().equals(other.scope())
                && Objects.equals(one.session(), other.session())
                && one.model().equals(other.model())
                && one.amounts().equals(other.amounts())
                && Objects.equals(one.loopKey(), other.loopKey())
                && Objects.equals(one.allotment(), other.allotment());
    }

    // ---- child sessions

    private static Hold nearestOpen(Hold from) {
        Hold at = from;
        while (at != null && at.state != HoldState.ACTIVE) {
            at = at.drawsOn;
        }
        return at;
    }

    /** What a hold that ended set aside goes back to the child session that paid for it. */
    private void giveBack(Hold ended) {
        long rest = ended.holding(Meter.COST);
        ended.left = 0;
        giveBack(ended.drawsOn, rest);
    }

    private static void giveBack(Hold from, long cost) {
        Hold open = nearestOpen(from);
        if (open != null) {
            open.left += cost;
        }
    }

    /** What was spent beyond a hold comes out of what is left, of the child and then of those above it. */
    private static void eat(Hold from, long cost) {
        long rest = cost;
        for (Hold at = nearestOpen(from); at != null; at = nearestOpen(at.drawsOn)) {
            long part = Math.min(at.left, rest);
            at.left -= part;
            rest -= part;
        }
    }

    private static void spend(Hold from, long cost) {
        for (Hold at = from; at != null; at = at.drawsOn) {
            at.spent += cost;
        }
    }

    private static String child(Hold hold) {
        long held = Math.max(0, hold.cost() - hold.left - hold.spent);
        return hold.scope + " cost/session session " + hold.child + " = " + hold.spent + "+" + held;
    }

    // ---- scopes

    /** Returns the scope that pays in this name, made of a template if need be, but not yet kept. */
    private Scope found(String name) {
        Scope known = scopes.get(name);
        if (known != null && !known.removed) {
            return known;
        }
        String longest = null;
        for (String each : templates.keySet()) {
            boolean covers = name.startsWith(each.substring(0, each.length() - 1));
            longest = covers && (longest == null || each.length() > longest.length()) ? each : longest;
        }
        if (longest == null || name.contains("*")) {
            return null;
        }
        Template template = templates.get(longest);
        if (known != null && !Objects.equals(known.parent, template.parent)) {
            return null;
        }
        Scope made = new Scope(name, known == null ? new TreeSet<>() : known.sessions);
        made.parent = template.parent;
        made.shared = template;
        made.open = known == null ? 0 : known.open;
        return made;
    }

    private void touch(Scope scope, String session) {
        scopes.put(scope.name, scope);
        if (session != null) {
            scope.sessions.add(session);
        }
    }

    private String root(String name) {
        String at = name;
        Scope scope = scopes.containsKey(name) ? scopes.get(name) : found(name);
        while (scope != null && scope.parent != null) {
            at = scope.parent;
            scope = scopes.get(at);
        }
        return at;
    }

    private String key(String scope, String id) {
        return root(scope) + " " + id;
    }

    private Hold own(String scope, String id) {
        Hold hold = holds.get(key(scope, id));
        return hold == null || !hold.scope.equals(scope) ? null : hold;
    }

    // ---- counters

    private List<Meet> meets(Scope scope, String session, String model, String loop) {
        List<Meet> meets = new ArrayList<>();
        for (Scope at = scope; at != null; at = above(at)) {
            for (Version version : at.limits().values()) {
                Limit limit = version.limit;
                boolean counted = limit.guardsLoops() ? loop != null : !version.perSession || session != null;
                if (counted && covers(limit.models().text(), model)) {
                    String owner = version.perSession ? scope.name : null;
                    String of = version.perSession ? session : null;
                    meets.add(new Meet(tally(at.name, owner, of, version, limit.guardsLoops() ? loop : null), limit));
                }
            }
        }
        return meets;
    }

    private Tally tally(String scope, String owner, String session, Version version, String loop) {
        Limit limit = version.limit;
        Cell cell = new Cell(scope, owner, session, version.key, loop);
        Tally known = tallies.get(cell);
        if (known == null) {
            known = new Tally(cell, limit.meter(), limit.window().toString());
            tallies.put(cell, known);
            if (loop != null) {
                loops.computeIfAbsent(scope + " " + version.key, none -> new TreeMap<>())
                        .put(loop, known);
            }
        }
        return known;
    }

    private boolean covers(String pattern, String model) {
        return pattern.equals("*")
                || covered.computeIfAbsent(pattern, none -> new HashMap<>())
                        .computeIfAbsent(model, name -> matches(pattern, name.toLowerCase(Locale.ROOT)));
    }

    private static boolean matches(String pattern, String name) {
        String regex =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return name.matches(regex)
                || (name.contains(":") && name.replaceFirst("[^:]*:", "").matches(regex));
    }

    /** Books an amount, in place of what was booked in doubt if something was, and notes the alerts that this fires. */
    private Tally.Charge charge(Tally tally, long admitted, long booked, Amounts amounts, Tally.Charge doubt) {
        Scope scope = scopes.get(tally.cell.scope());
        Version version = scope == null || scope.removed ? null : scope.limits().get(tally.cell.key());
        boolean alerts = version != null && !version.limit.alerts().isEmpty();
        if (alerts) {
            rearm(tally, version);
        }
        if (doubt != null) {
            tally.takeBack(doubt);
        }
        Tally.Charge charge = tally.charge(admitted, booked, amounts);
        tally.tidy(changedAt);
        if (alerts) {
            int reached = reached(tally, version.limit);
            for (int alert = tally.level; alert < reached; alert++) {
                notices.add("crossed " + tally.shown + " " + alert);
            }
            tally.level = Math.max(tally.level, reached);
        }
        return charge;
    }

    /** Lets alerts fire again: those of a limit defined anew, in a new day, week or month, and where the use has fallen. */
    private void rearm(Tally tally, Version version) {
        LocalDate period = tally.period(now);
        if (tally.alertsOf != version || !Objects.equals(period, tally.levelPeriod)) {
            tally.level = 0;
        } else if (tally.slides()) {
            tally.level = Math.min(tally.level, reached(tally, version.limit));
        }
        tally.alertsOf = version;
        tally.levelPeriod = period;
    }

    private int reached(Tally tally, Limit limit) {
        BigDecimal used = BigDecimal.valueOf(tally.used(now));
        int reached = 0;
        for (int alert : limit.alerts()) {
            BigDecimal threshold = BigDecimal.valueOf(limit.amount())
                    .multiply(BigDecimal.valueOf(alert, 6))
                    .setScale(0, RoundingMode.CEILING);
            reached += used.compareTo(threshold) >= 0 ? 1 : 0;
        }
        return reached;
    }

    // ---- comparing

    private String standing(Tally tally) {
        return tally.shown + " = " + tally.used(now) + "+" + tally.held(now);
    }

    /** Says how a limit stands as the ledger tells it, the way this says it. */
    String shown(LimitState state) {
        return shownAlone(state) + " = " + state.committed() + "+" + state.held();
    }

    String shownAlone(LimitState state) {
        return state.scope() + " " + keyOf(state.limit())
                + (state.session() == null ? "" : " session " + state.session())
                + (state.loopKey() == null ? "" : " loop " + state.loopKey());
    }

    /** Returns a limit's key, which takes a while to put together, and is asked for the same few limits over and over. */
    String keyOf(Limit limit) {
        if (keys.size() > KEYS_KEPT) {
            keys.clear();
        }
        return keys.computeIfAbsent(limit, Limit::key);
    }

    /**
     * Says how every limit of a scope and of all above it ought to stand.
     *
     * @param name the scope
     * @param session the session, if any; without, those of the scope's own sessions are told
     * @return one line for each limit
     */
    List<String> standing(String name, String session) {
        List<String> standing = new ArrayList<>();
        Scope scope = found(name);
        for (Scope at = scope; at != null; at = above(at)) {
            for (Version version : at.limits().values()) {
                if (version.limit.guardsLoops()) {
                    standing.add(fullest(at.name, version));
                } else if (!version.perSession) {
                    standing.add(standing(tally(at.name, null, null, version, null)));
                } else if (session != null) {
                    standing.add(standing(tally(at.name, name, session, version, null)));
                } else if (at == scope) {
                    for (String each : scope.sessions) {
                        standing.add(standing(tally(at.name, name, each, version, null)));
                    }
                }
            }
        }
        return standing;
    }

    /** Of a loop guard the key with most calls is told, of two such keys the first. */
    private String fullest(String scope, Version guard) {
        Tally fullest = null;
        long most = 0;
        for (Tally tally : loops.getOrDefault(scope + " " + guard.key, Map.of()).values()) {
            long used = sum(tally, 0);
            if (used > most) {
                most = used;
                fullest = tally;
            }
        }
        return fullest == null ? scope + " " + guard.key + " = 0+0" : standing(fullest);
    }

    /** Checks that a rolling window's sum is that of the time just past, exact to one bucket (I14). */
    void requireExactToOneBucket(String scope, String owner, String session, String key, long committed) {
        Tally tally = tallies.get(new Cell(scope, owner, session, key, null));
        Judge.require(
                tally == null || tally.exactToOneBucket(committed, now),
                () -> tally.shown + " has committed " + committed + " at " + now + ", and its events say otherwise");
    }

    private static Answer rejected(Rejection reason) {
        return new Answer("Rejected", reason, null, null);
    }

    private static Answer answer(String kind, Boolean repeated, Object detail) {
        return new Answer(kind, null, repeated, detail);
    }
}
