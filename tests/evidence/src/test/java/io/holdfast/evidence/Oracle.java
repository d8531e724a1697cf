package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.CalendarUnit;
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
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
 * What a ledger ought to do, told a second time and in the plainest way: every charge stays in a list for ever, every
 * sum is taken anew, calendars are asked of java.time, and nothing is shared with the engine but its vocabulary. A
 * rolling window is known only within its one bucket of tolerance; what the ledger reports there must lie within, and
 * its decisions must follow from what it reports.
 */
final class Oracle {
    static final Duration REMEMBERED = Duration.ofHours(23);

    /** A counter: of a scope, or of a scope in a session of itself or of a scope below it. */
    record Cell(String scope, String owner, String session, String key) {}

    /** What an operation should have come to. Whatever is null is not to be looked at. */
    record Answer(
            String kind, Rejection reason, Boolean repeated, Object detail, Set<String> alerts, Set<String> expired) {}

    private record Charge(long admitted, long booked, BigInteger amount) {}

    private record Version(Limit limit, int number) {}

    private record Fired(int version, Object period, int alert) {}

    /** What the scopes that one template made have in common. */
    private static final class Template {
        final String name;

        Template(String name) {
            this.name = name;
        }

        Map<String, Version> limits = Map.of();
    }

    private static final class Scope {
        String parent;
        Map<String, Version> own;
        Template shared;
        boolean removed;
        boolean draining;
        final Set<String> sessions = new TreeSet<>();
    }

    /** A hold and its later fate. */
    static final class Hold {
        final Operation.Reserve asked;
        final List<Cell> cells;
        final String model;
        final Amounts amounts;
        final long delay;
        final List<String> steps;
        final long admitted;
        long expires;
        HoldState state = HoldState.ACTIVE;
        long settled;
        Amounts booked = Amounts.NONE;
        Map<Cell, Charge> doubt = new HashMap<>();
        Operation.Extend extended;

        Hold(Operation.Reserve asked, Way way, List<Cell> cells, long admitted) {
            this.asked = asked;
            this.model = way.offer.model();
            this.amounts = way.offer.amounts();
            this.delay = way.delay;
            this.steps = way.steps;
            this.cells = cells;
            this.admitted = admitted;
            this.expires = admitted + way.delay + asked.ttlMillis();
        }

        Object told() {
            return List.of(model, amounts, delay, expires, steps);
        }
    }

    /** What becomes of a request: by which offer, whether there is room, after what delay and why. */
    private record Way(Operation.Offer offer, boolean room, long delay, List<String> steps) {}

    private final Map<String, Scope> scopes = new TreeMap<>();
    private final Map<String, Template> templates = new TreeMap<>();
    private final Map<String, String> templateParents = new TreeMap<>();
    private final Map<Cell, Limit> limits = new HashMap<>();
    private final Map<Cell, List<Charge>> charges = new HashMap<>();
    private final Map<Cell, Set<Fired>> fired = new HashMap<>();
    final Map<String, Hold> holds = new TreeMap<>();
    private final Map<String, Operation> answered = new HashMap<>();
    private final Map<String, Long> answeredAt = new HashMap<>();
    private final Set<String> alerts = new TreeSet<>();
    private final Set<String> expired = new TreeSet<>();
    private int versions;
    long now = Long.MIN_VALUE;

    // ---- what may be asked

    Set<String> liveScopes() {
        return scopes.entrySet().stream()
                .filter(each -> !each.getValue().removed)
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    Set<String> sessions(String scope) {
        return scopes.get(scope).sessions;
    }

    /** Tells whether the ledger must still know everything the operation refers to. */
    boolean remembers(Operation op, long clock) {
        long since = Math.max(now, clock) - REMEMBERED.toMillis();
        String hold = op instanceof Operation.Commit commit
                ? key(commit.scope(), commit.holdId())
                : op instanceof Operation.Release release
                        ? key(release.scope(), release.holdId())
                        : op instanceof Operation.Extend extend
                                ? key(extend.scope(), extend.holdId())
                                : op instanceof Operation.Reserve reserve
                                        ? key(reserve.scope(), reserve.id().value())
                                        : null;
        Hold known = hold == null ? null : holds.get(hold);
        if (known != null && (known.state == HoldState.ACTIVE ? known.expires : known.settled) < since) {
            return false;
        }
        String answer = op instanceof Operation.Book book
                ? key(book.scope(), "book " + book.id().value())
                : op instanceof Operation.ResetSession reset
                        ? key(reset.scope(), "reset " + reset.id().value())
                        : null;
        return answer == null || answeredAt.getOrDefault(answer, now) >= since;
    }

    // ---- operations

    Answer apply(Operation op, long clock, List<LimitState> reported) {
        now = Math.max(now, clock);
        alerts.clear();
        expired.clear();
        expire();
        return decide(op, reported);
    }

    private Answer decide(Operation op, List<LimitState> reported) {
        if (op instanceof Operation.Define define) {
            return define(define);
        } else if (op instanceof Operation.Remove remove) {
            return remove(remove);
        } else if (op instanceof Operation.Reserve reserve) {
            return reserve(reserve, reported);
        } else if (op instanceof Operation.Check check) {
            return check(check, reported);
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
            return found(inspect.scope()) == null
                    ? rejected(Rejection.UNKNOWN_SCOPE)
                    : answer("Inspected", null, openHolds(inspect.scope()));
        }
        return answer("Done", null, false);
    }

    private void expire() {
        for (Hold hold : holds.values()) {
            if (hold.state == HoldState.ACTIVE && hold.expires <= now) {
                hold.state = HoldState.EXPIRED;
                hold.settled = hold.expires;
                expired.add(hold.asked.scope() + "/" + hold.asked.id().value());
                drained(hold.asked.scope());
                if (hold.asked.onExpiry() == OnExpiry.CHARGE) {
                    hold.booked = hold.amounts;
                    for (Cell cell : hold.cells) {
                        hold.doubt.put(cell, charge(cell, hold.admitted, hold.expires, hold.booked));
                    }
                }
            }
        }
    }

    private Answer define(Operation.Define op) {
        ScopeDefinition wanted = op.definition();
        String name = wanted.name();
        Scope scope = scopes.get(name);
        Map<String, Version> present = wanted.template()
                ? templates.containsKey(name) ? templates.get(name).limits : null
                : scope == null || scope.removed || scope.draining ? null : scope.own;
        String parent = wanted.template() ? templateParents.get(name) : scope == null ? null : scope.parent;
        if (present != null) {
            List<Limit> had = present.values().stream().map(Version::limit).toList();
            if (Objects.equals(parent, wanted.parent()) && asSet(had).equals(asSet(wanted.limits()))) {
                return had.equals(wanted.limits()) ? answer("Done", null, false) : null;
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
            Map<String, Version> next = versions(wanted.limits(), present);
            templates.computeIfAbsent(name, Template::new).limits = next;
            templateParents.put(name, wanted.parent());
            return answer("Done", null, true);
        }
        Map<String, Version> before = scope == null || scope.removed ? null : limitsOf(scope);
        if (scope == null) {
            scope = new Scope();
            scope.parent = wanted.parent();
            scopes.put(name, scope);
        }
        scope.own = versions(wanted.limits(), before);
        scope.shared = null;
        scope.removed = false;
        scope.draining = false;
        return answer("Done", null, true);
    }

    private static Set<Limit> asSet(List<Limit> limits) {
        return new HashSet<>(limits);
    }

    private Map<String, Version> versions(List<Limit> wanted, Map<String, Version> before) {
        Map<String, Version> next = new java.util.LinkedHashMap<>();
        for (Limit limit : wanted) {
            Version old = before == null ? null : before.get(limit.key());
            next.put(limit.key(), old != null && old.limit.equals(limit) ? old : new Version(limit, ++versions));
        }
        return next;
    }

    private Answer remove(Operation.Remove op) {
        if (op.scope().endsWith("*")) {
            templateParents.remove(op.scope());
            return templates.remove(op.scope()) == null
                    ? rejected(Rejection.UNKNOWN_SCOPE)
                    : answer("Done", null, true);
        }
        Scope scope = scopes.get(op.scope());
        if (scope == null || scope.removed) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        boolean parent = templateParents.containsValue(op.scope())
                || scopes.values().stream()
                        .anyMatch(each -> !each.removed && op.scope().equals(each.parent));
        if (parent) {
            return rejected(Rejection.HAS_CHILDREN);
        }
        boolean open = openHolds(op.scope()) > 0;
        if (open && op.removal() == Removal.REJECT) {
            return rejected(Rejection.OPEN_HOLDS);
        }
        if (open && op.removal() == Removal.DRAIN) {
            boolean changed = !scope.draining;
            scope.draining = true;
            return answer("Done", null, changed);
        }
        gone(op.scope(), scope);
        return answer("Done", null, true);
    }

    /** What was counted stays; alerts that had fired may fire again once the scope is back. */
    private void gone(String name, Scope scope) {
        fired.keySet().removeIf(cell -> cell.scope.equals(name) && (cell.owner == null || cell.owner.equals(name)));
        scope.removed = true;
        scope.draining = false;
        scope.own = null;
        scope.shared = null;
    }

    private void drained(String name) {
        Scope scope = scopes.get(name);
        if (scope.draining && openHolds(name) == 0) {
            gone(name, scope);
        }
    }

    private Answer reserve(Operation.Reserve op, List<LimitState> reported) {
        Scope scope = found(op.scope());
        if (scope == null) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        String key = key(op.scope(), op.id().value());
        Hold earlier = holds.get(key);
        if (earlier != null) {
            return same(earlier.asked, op) ? answer("Held", true, earlier.told()) : rejected(Rejection.ID_REUSED);
        }
        Answer objection = objection(scope, op.scope(), op.session(), op.model(), op.amounts());
        if (objection != null) {
            return objection;
        }
        Way way = way(scope, op.request(), reported);
        objection = objection(scope, op.scope(), op.session(), way.offer.model(), way.offer.amounts());
        if (objection != null) {
            return objection;
        }
        List<Cell> cells = cells(op.scope(), scope, op.session(), way.offer.model());
        if (!way.room) {
            Set<String> blocking = new TreeSet<>();
            cells.stream()
                    .filter(cell -> !room(cell, way.offer, op.request().policy().finalCall(), reported))
                    .forEach(cell -> blocking.add(show(cell)));
            return answer("Denied", null, blocking);
        }
        touch(op.scope(), scope, op.session());
        Hold hold = new Hold(op, way, cells, now);
        holds.put(key, hold);
        return answer("Held", false, hold.told());
    }

    private Answer check(Operation.Check op, List<LimitState> reported) {
        Scope scope = found(op.scope());
        if (scope == null) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        Answer objection = objection(scope, op.scope(), op.session(), op.model(), op.amounts());
        if (objection != null) {
            return objection;
        }
        Way way = way(scope, op.request(), reported);
        objection = objection(scope, op.scope(), op.session(), way.offer.model(), way.offer.amounts());
        if (objection != null) {
            return objection;
        }
        Set<String> limits = new TreeSet<>();
        cells(op.scope(), scope, op.session(), way.offer.model())
                .forEach(cell -> limits.add(show(new Cell(cell.scope, null, null, cell.key))));
        return answer("Checked", null, List.of(way.room, way.offer.model(), way.delay, way.steps, limits));
    }

    /** Goes down the offers, the first as asked: one for each limit whose soft step is passed, and past those without room. */
    private Way way(Scope scope, Operation.Request request, List<LimitState> reported) {
        List<Operation.Offer> offers = ladder(request.scope(), scope)
                ? request.offers()
                : request.offers().subList(0, 1);
        List<String> steps = new ArrayList<>();
        Set<Cell> counted = new HashSet<>();
        int place = 0;
        while (place < offers.size() - 1) {
            Operation.Offer offer = offers.get(place);
            int further = 0;
            boolean usable =
                    objection(scope, request.scope(), request.session(), offer.model(), offer.amounts()) == null;
            for (Cell cell : cells(request.scope(), scope, request.session(), offer.model())) {
                long soft = limits.get(cell).steps().downgradeAt();
                if (soft > 0 && above(soft, cell, offer, reported) && counted.add(cell)) {
                    steps.add("DOWNGRADE " + cell.scope + " " + cell.key);
                    further++;
                }
                boolean room = room(cell, offer, request.policy().finalCall(), reported);
                if (place > 0 && !room) {
                    steps.add("PASS_OVER " + cell.scope + " " + cell.key);
                }
                usable &= room;
            }
            if (further == 0 && (usable || place == 0)) {
                break;
            }
            place = Math.min(place + Math.max(1, further), offers.size() - 1);
        }
        Operation.Offer offer = offers.get(place);
        long delay = 0;
        boolean room = true;
        List<String> throttles = new ArrayList<>();
        for (Cell cell : cells(request.scope(), scope, request.session(), offer.model())) {
            long step = limits.get(cell).steps().throttleAt();
            if (step > 0 && above(step, cell, offer, reported)) {
                delay = Math.max(delay, limits.get(cell).steps().delayMillis());
                throttles.add("THROTTLE " + cell.scope + " " + cell.key);
            }
            room &= room(cell, offer, request.policy().finalCall(), reported);
        }
        if (room) {
            steps.addAll(throttles);
        }
        steps.sort(null);
        if (!room) {
            return new Way(offer, false, 0, steps);
        }
        return new Way(offer, true, delay, steps);
    }

    private boolean ladder(String name, Scope scope) {
        String at = name;
        Scope each = scope;
        while (each != null) {
            String definition = each.own != null ? at : each.shared == null ? at : each.shared.name;
            if (!Action.ladders(definition).isEmpty()) {
                return true;
            }
            at = each.parent;
            each = at == null ? null : scopes.get(at);
        }
        return false;
    }

    private BigInteger sum(Cell cell, Operation.Offer offer, List<LimitState> reported) {
        return BigInteger.valueOf(reported(cell, reported).committed())
                .add(held(cell))
                .add(BigInteger.valueOf(offer.amounts().on(limits.get(cell).meter())));
    }

    private boolean above(long step, Cell cell, Operation.Offer offer, List<LimitState> reported) {
        return sum(cell, offer, reported).compareTo(BigInteger.valueOf(step)) > 0;
    }

    private boolean room(Cell cell, Operation.Offer offer, boolean finalCall, List<LimitState> reported) {
        Limit limit = limits.get(cell);
        long most = limit.amount() - (finalCall ? 0 : limit.steps().finalReserve());
        return !limit.hard() || sum(cell, offer, reported).compareTo(BigInteger.valueOf(most)) <= 0;
    }

    static List<String> shown(List<PassedStep> steps) {
        return steps.stream()
                .map(step -> step.kind() + " " + step.scope() + " " + step.limit())
                .sorted()
                .toList();
    }

    private Answer objection(Scope scope, String name, String session, String model, Amounts amounts) {
        if (scope.draining) {
            return rejected(Rejection.DRAINING);
        }
        boolean missing = false;
        boolean priceless = false;
        for (Version version : matching(name, scope, model)) {
            missing |= perSession(version.limit) && session == null;
            priceless |= version.limit.meter() == Meter.COST && amounts.cost() == Amounts.UNPRICED;
        }
        return missing ? rejected(Rejection.SESSION_REQUIRED) : priceless ? rejected(Rejection.UNPRICED) : null;
    }

    private Answer commit(Operation.Commit op) {
        Hold hold = own(op.scope(), op.holdId());
        if (hold == null) {
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
        boolean cost = hold.cells.stream().anyMatch(cell -> limits.get(cell).meter() == Meter.COST);
        if (cost && op.amounts().cost() == Amounts.UNPRICED) {
            return rejected(Rejection.UNPRICED);
        }
        hold.doubt.forEach((cell, charge) -> charges.get(cell).removeIf(each -> each == charge));
        hold.state = hold.state == HoldState.EXPIRED ? HoldState.LATE_COMMITTED : HoldState.COMMITTED;
        hold.settled = now;
        hold.booked = op.amounts();
        drained(op.scope());
        hold.cells.forEach(cell -> charge(cell, hold.admitted, now, op.amounts()));
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
        hold.state = HoldState.RELEASED;
        hold.settled = now;
        drained(op.scope());
        return answer("Settled", false, HoldState.RELEASED);
    }

    private Answer extend(Operation.Extend op) {
        Hold hold = own(op.scope(), op.holdId());
        if (hold == null) {
            return rejected(Rejection.UNKNOWN_HOLD);
        }
        if (hold.extended != null && hold.extended.id().equals(op.id())) {
            return hold.extended.ttlMillis() == op.ttlMillis()
                    ? answer("Extended", true, hold.expires)
                    : rejected(Rejection.ID_REUSED);
        }
        if (hold.state != HoldState.ACTIVE) {
            return rejected(Rejection.HOLD_SETTLED);
        }
        hold.expires = Math.max(hold.expires, now + op.ttlMillis());
        hold.extended = op;
        return answer("Extended", false, hold.expires);
    }

    private Answer book(Operation.Book op) {
        Scope scope = found(op.scope());
        if (scope == null) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        String key = key(op.scope(), "book " + op.id().value());
        if (answered.get(key) instanceof Operation.Book earlier) {
            boolean same = earlier.scope().equals(op.scope())
                    && Objects.equals(earlier.session(), op.session())
                    && earlier.model().equals(op.model())
                    && earlier.amounts().equals(op.amounts());
            return same ? answer("Booked", true, answeredAt.get(key)) : rejected(Rejection.ID_REUSED);
        }
        boolean draining = scope.draining;
        scope.draining = false;
        Answer objection = objection(scope, op.scope(), op.session(), op.model(), op.amounts());
        scope.draining = draining;
        if (objection != null) {
            return objection;
        }
        touch(op.scope(), scope, op.session());
        cells(op.scope(), scope, op.session(), op.model()).forEach(cell -> charge(cell, now, now, op.amounts()));
        answered.put(key, op);
        answeredAt.put(key, now);
        return answer("Booked", false, now);
    }

    private Answer reset(Operation.ResetSession op) {
        Scope scope = found(op.scope());
        if (scope == null) {
            return rejected(Rejection.UNKNOWN_SCOPE);
        }
        String key = key(op.scope(), "reset " + op.id().value());
        if (answered.get(key) instanceof Operation.ResetSession earlier) {
            return earlier.equals(op) ? answer("Done", null, false) : rejected(Rejection.ID_REUSED);
        }
        if (!scope.sessions.contains(op.session())) {
            return rejected(Rejection.UNKNOWN_SESSION);
        }
        for (Cell cell : charges.keySet()) {
            if (op.scope().equals(cell.owner) && op.session().equals(cell.session)) {
                charges.get(cell).clear();
                fired.remove(cell);
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
                && one.request().policy().equals(other.request().policy());
    }

    // ---- scopes

    /** Returns the scope that pays in this name, made of a template if need be, but not yet kept. */
    private Scope found(String name) {
        Scope known = scopes.get(name);
        if (known != null && !known.removed) {
            return known;
        }
        String longest = templates.keySet().stream()
                .filter(template -> name.startsWith(template.substring(0, template.length() - 1)))
                .max(java.util.Comparator.comparingInt(String::length))
                .orElse(null);
        if (longest == null || name.contains("*")) {
            return null;
        }
        String parent = templateParents.get(longest);
        if (known != null && !Objects.equals(known.parent, parent)) {
            return null;
        }
        Scope made = new Scope();
        made.parent = parent;
        made.shared = templates.get(longest);
        if (known != null) {
            made.sessions.addAll(known.sessions);
        }
        return made;
    }

    private void touch(String name, Scope scope, String session) {
        scopes.put(name, scope);
        if (session != null) {
            scope.sessions.add(session);
        }
    }

    private static Map<String, Version> limitsOf(Scope scope) {
        return scope.own != null ? scope.own : scope.shared == null ? Map.of() : scope.shared.limits;
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
        return hold == null || !hold.asked.scope().equals(scope) ? null : hold;
    }

    private long openHolds(String scope) {
        return holds.values().stream()
                .filter(hold ->
                        hold.state == HoldState.ACTIVE && hold.asked.scope().equals(scope))
                .count();
    }

    // ---- counters

    private List<Version> matching(String name, Scope scope, String model) {
        List<Version> matching = new ArrayList<>();
        for (Scope at = scope; at != null; at = at.parent == null ? null : scopes.get(at.parent)) {
            limitsOf(at).values().stream()
                    .filter(version -> covers(version.limit.models().text(), model))
                    .forEach(matching::add);
        }
        return matching;
    }

    private List<Cell> cells(String name, Scope scope, String session, String model) {
        List<Cell> cells = new ArrayList<>();
        String at = name;
        Scope each = scope;
        while (each != null) {
            for (Version version : limitsOf(each).values()) {
                if (covers(version.limit.models().text(), model)) {
                    boolean perSession = perSession(version.limit);
                    Cell cell =
                            new Cell(at, perSession ? name : null, perSession ? session : null, version.limit.key());
                    limits.put(cell, version.limit);
                    cells.add(cell);
                }
            }
            at = each.parent;
            each = at == null ? null : scopes.get(at);
        }
        return cells;
    }

    private static boolean covers(String pattern, String model) {
        String regex = java.util.Arrays.stream(pattern.split("\\*", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
        String name = model.toLowerCase(Locale.ROOT);
        return name.matches(regex)
                || (name.contains(":") && name.replaceFirst("[^:]*:", "").matches(regex));
    }

    private static boolean perSession(Limit limit) {
        return limit.window().toString().equals("session");
    }

    private Charge charge(Cell cell, long admitted, long booked, Amounts amounts) {
        Charge charge = new Charge(
                admitted, booked, BigInteger.valueOf(amounts.on(limits.get(cell).meter())));
        charges.computeIfAbsent(cell, none -> new ArrayList<>()).add(charge);
        alert(cell);
        return charge;
    }

    private void alert(Cell cell) {
        Scope scope = scopes.get(cell.scope);
        Version version =
                scope == null || scope.removed ? null : limitsOf(scope).get(cell.key);
        if (version == null || cell.key.contains("rolling")) {
            return;
        }
        Object period = cell.key.contains("calendar") ? period(version.limit, now) : "ever";
        BigInteger used = used(cell, 0);
        for (int alert = 0; alert < version.limit.alerts().size(); alert++) {
            BigInteger threshold = BigDecimal.valueOf(version.limit.amount())
                    .multiply(BigDecimal.valueOf(version.limit.alerts().get(alert), 6))
                    .setScale(0, RoundingMode.CEILING)
                    .toBigInteger();
            if (used.compareTo(threshold) >= 0
                    && fired.computeIfAbsent(cell, none -> new HashSet<>())
                            .add(new Fired(version.number, period, alert))) {
                alerts.add(show(cell) + " " + alert);
            }
        }
    }

    /** Sums up what counts now; of a rolling window what is younger than its length and the tolerance given. */
    private BigInteger used(Cell cell, long tolerance) {
        Limit limit = limits.get(cell);
        String window = limit.window().toString();
        BigInteger sum = BigInteger.ZERO;
        for (Charge charge : charges.getOrDefault(cell, List.of())) {
            boolean counts = true;
            if (window.startsWith("calendar")) {
                counts = period(limit, charge.admitted).equals(period(limit, now));
            } else if (window.startsWith("rolling")) {
                counts = charge.booked > now - length(window).toMillis() - tolerance;
            }
            sum = counts ? sum.add(charge.amount) : sum;
        }
        return sum;
    }

    private BigInteger held(Cell cell) {
        Limit limit = limits.get(cell);
        boolean calendar = limit.window().toString().startsWith("calendar");
        BigInteger sum = BigInteger.ZERO;
        for (Hold hold : holds.values()) {
            boolean counts = hold.state == HoldState.ACTIVE && hold.cells.contains(cell);
            if (counts && (!calendar || period(limit, hold.admitted).equals(period(limit, now)))) {
                sum = sum.add(BigInteger.valueOf(hold.amounts.on(limit.meter())));
            }
        }
        return sum;
    }

    private static Duration length(String window) {
        return Duration.parse(window.substring("rolling(".length(), window.length() - 1));
    }

    private static long bucket(String window) {
        return Math.max(1_000, length(window).toMillis() / 288);
    }

    /** Returns the first day of the day, week or month that a time is in: the last that began no later. */
    private static LocalDate period(Limit limit, long time) {
        String[] parts = limit.window().toString().split("[(;)]");
        ZoneId zone = ZoneId.of(parts[2]);
        LocalDate day = LocalDate.ofInstant(Instant.ofEpochMilli(time), zone).plusDays(2);
        while (day.atStartOfDay(zone).toInstant().toEpochMilli() > time) {
            day = day.minusDays(1);
        }
        return switch (CalendarUnit.valueOf(parts[1].toUpperCase(Locale.ROOT))) {
            case DAY -> day;
            case WEEK -> day.minusDays(day.getDayOfWeek().getValue() - DayOfWeek.MONDAY.getValue());
            case MONTH -> day.withDayOfMonth(1);
        };
    }

    // ---- comparing

    /** Checks what the ledger tells of a scope and everything above it. */
    void compare(String scope, String session, List<LimitState> states) {
        Set<String> expected = new TreeSet<>();
        String at = scope;
        while (at != null) {
            for (Version version : limitsOf(scopes.get(at)).values()) {
                if (!perSession(version.limit)) {
                    expected.add(show(new Cell(at, null, null, version.limit.key())));
                } else if (session != null) {
                    expected.add(show(new Cell(at, scope, session, version.limit.key())));
                } else if (at.equals(scope)) {
                    for (String each : sessions(scope)) {
                        expected.add(show(new Cell(at, scope, each, version.limit.key())));
                    }
                }
            }
            at = scopes.get(at).parent;
        }
        List<String> told = new ArrayList<>();
        for (LimitState state : states) {
            String of = state.session() == null || session != null ? session : state.session();
            Cell cell = cell(scope, of, state);
            told.add(show(cell));
            limits.putIfAbsent(cell, state.limit());
            assertThat(limitsOf(scopes.get(cell.scope)).get(cell.key).limit)
                    .as("the limit of %s", cell)
                    .isEqualTo(state.limit());
            compare(cell, state);
        }
        assertThat(told).as("limits of %s", scope).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static Cell cell(String scope, String session, LimitState state) {
        boolean perSession = perSession(state.limit());
        return new Cell(
                state.scope(),
                perSession ? scope : null,
                perSession ? session : null,
                state.limit().key());
    }

    private void compare(Cell cell, LimitState state) {
        limits.put(cell, state.limit());
        assertThat(BigInteger.valueOf(state.held())).as("held of %s", state).isEqualTo(held(cell));
        BigInteger committed = BigInteger.valueOf(state.committed());
        if (cell.key.contains("rolling")) {
            long bucket = bucket(state.limit().window().toString());
            assertThat(committed)
                    .as("committed of %s at %s", state, Instant.ofEpochMilli(now))
                    .isBetween(used(cell, 0), used(cell, bucket));
        } else {
            assertThat(committed)
                    .as("committed of %s at %s", state, Instant.ofEpochMilli(now))
                    .isEqualTo(used(cell, 0));
        }
    }

    private LimitState reported(Cell cell, List<LimitState> reported) {
        return reported.stream()
                .filter(state ->
                        state.scope().equals(cell.scope) && state.limit().key().equals(cell.key))
                .findAny()
                .orElseThrow();
    }

    static String show(Cell cell) {
        return cell.scope + " " + cell.key + (cell.session == null ? "" : " " + cell.owner + "/" + cell.session);
    }

    static String show(String scope, String session, LimitState state) {
        return show(cell(scope, session, state));
    }

    private Answer rejected(Rejection reason) {
        return new Answer("Rejected", reason, null, null, Set.copyOf(alerts), Set.copyOf(expired));
    }

    private Answer answer(String kind, Boolean repeated, Object detail) {
        return new Answer(kind, null, repeated, detail, Set.copyOf(alerts), Set.copyOf(expired));
    }
}
