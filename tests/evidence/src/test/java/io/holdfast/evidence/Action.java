package io.holdfast.evidence;

import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Steps;
import io.holdfast.limit.Window;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Removal;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** One step of a random history. Holds are named by their place among those made so far, so that a history shrinks. */
sealed interface Action {
    List<String> SCOPES = List.of("t", "a", "b", "c", "d", "u1", "u2", "ua1", "v");
    List<String> TEMPLATES = List.of("u*", "ua*");
    List<String> SESSIONS = List.of("one", "two");
    List<String> MODELS = List.of("p:m1", "p:m2", "q:x");

    /** The ladder of the topmost scope and of one template. */
    Ladder LADDER = Ladder.of("p:m1", "p:m2", "q:x");

    static List<Ladder> ladders(String definition) {
        return definition.equals("t") || definition.equals("u*") ? List.of(LADDER) : List.of();
    }

    List<String> LOOPS = List.of("k1", "k2");

    /** The call as asked, by the lower models in {@code offered}, each for less, and last by a shorter answer. */
    static Operation.Request request(Reserve ask, String allotment) {
        List<Operation.Offer> offers = new ArrayList<>();
        int last = ask.offered() ? MODELS.size() : MODELS.indexOf(ask.model()) + 1;
        for (int i = MODELS.indexOf(ask.model()); i < last; i++) {
            int rung = offers.size();
            Amounts less = new Amounts(
                    ask.amounts().priced() ? ask.amounts().cost() >> rung : Amounts.UNPRICED,
                    ask.amounts().inputTokens(),
                    ask.amounts().outputTokens() >> rung,
                    ask.amounts().calls());
            offers.add(new Operation.Offer(MODELS.get(i), MODELS.get(i), less));
        }
        Operation.Offer lowest = offers.get(offers.size() - 1);
        Amounts least = new Amounts(
                Math.min(lowest.amounts().cost(), 1),
                lowest.amounts().inputTokens(),
                0,
                lowest.amounts().calls());
        Operation.Offer shorter = ask.shortened() ? new Operation.Offer(lowest.rung(), lowest.model(), least) : null;
        Operation.Policy policy =
                new Operation.Policy(ask.finalCall(), ask.loop(), ask.shortened() ? 0 : Operation.Policy.WHOLE);
        return new Operation.Request(ask.scope(), ask.session(), offers, shorter, policy, allotment);
    }

    record Define(String name, String parent, List<Limit> limits, boolean replace) implements Action {}

    record Remove(String name, Removal removal) implements Action {}

    /** A call; that of a child session if it names one of those made so far. */
    record Reserve(
            String scope,
            String session,
            String model,
            Amounts amounts,
            boolean finalCall,
            String loop,
            boolean offered,
            boolean shortened,
            Integer child,
            long ttl,
            OnExpiry onExpiry,
            int id)
            implements Action {}

    /** A child session; a child of a child if it names one of those made so far. */
    record Allot(String scope, String session, Integer child, long cost, long ttl, int id) implements Action {}

    record CloseChild(int child) implements Action {}

    record Commit(int hold, String otherScope, Amounts amounts, boolean estimated) implements Action {}

    record Release(int hold, String otherScope) implements Action {}

    record Extend(int hold, long ttl, int id) implements Action {}

    record Book(String scope, String session, String model, Amounts amounts, String loop, Integer child, int id)
            implements Action {}

    /** Asks about a call without making it. */
    record Check(Reserve call) implements Action {}

    record Reset(String scope, String session, int id) implements Action {}

    record Advance(Duration time) implements Action {}

    record Sweep() implements Action {}

    record Restart(boolean fromJournal) implements Action {}

    static Arbitrary<Action> any() {
        return Arbitraries.frequencyOf(
                Tuple.of(8, reserve().map(call -> (Action) call)),
                Tuple.of(2, allot()),
                Tuple.of(1, hold().map(CloseChild::new)),
                Tuple.of(6, commit()),
                Tuple.of(3, release()),
                Tuple.of(3, extend()),
                Tuple.of(4, book()),
                Tuple.of(1, check()),
                Tuple.of(5, advance()),
                Tuple.of(2, define(true)),
                Tuple.of(1, define(false)),
                Tuple.of(2, remove()),
                Tuple.of(1, reset()),
                Tuple.of(1, Arbitraries.just((Action) new Sweep())),
                Tuple.of(1, Arbitraries.of(true, false).map(fromJournal -> (Action) new Restart(fromJournal))));
    }

    /** A tree of five levels to begin with, and templates below it. */
    static Arbitrary<List<Action>> tree() {
        return limits().list()
                .ofSize(8)
                .map(limits -> List.of(
                        new Define("t", null, limits.get(0), false),
                        new Define("a", "t", limits.get(1), false),
                        new Define("b", "a", limits.get(2), false),
                        new Define("c", "b", limits.get(3), false),
                        new Define("d", "c", limits.get(4), false),
                        new Define("u*", "b", limits.get(5), false),
                        new Define("ua*", "b", limits.get(6), false),
                        new Define("v", null, limits.get(7), false)));
    }

    private static Arbitrary<Action> define(boolean again) {
        Arbitrary<String> names =
                Arbitraries.frequencyOf(Tuple.of(4, Arbitraries.of(SCOPES)), Tuple.of(1, Arbitraries.of(TEMPLATES)));
        Map<String, String> parents = Map.of("a", "t", "b", "a", "c", "b", "d", "c", "u", "b");
        return Combinators.combine(
                        names, Arbitraries.integers().between(0, 9), limits(), Arbitraries.of(true, true, true, false))
                .as((name, odd, limits, replace) -> {
                    String usual = name.startsWith("u") ? "b" : parents.get(name);
                    String parent = odd > 0 ? usual : "v";
                    return new Define(name, name.equals(parent) ? null : parent, limits, replace && again);
                });
    }

    private static Arbitrary<Action> remove() {
        return Combinators.combine(
                        Arbitraries.frequencyOf(
                                Tuple.of(5, Arbitraries.of(SCOPES)), Tuple.of(1, Arbitraries.of(TEMPLATES))),
                        Arbitraries.of(Removal.class))
                .as(Remove::new);
    }

    private static Arbitrary<Reserve> reserve() {
        Arbitrary<Reserve> plain = Combinators.combine(
                        scope(),
                        session(),
                        Arbitraries.of(MODELS),
                        amounts(),
                        Arbitraries.of(false, false, true),
                        ttl(),
                        Arbitraries.of(OnExpiry.CHARGE, OnExpiry.CHARGE, OnExpiry.RELEASE),
                        id())
                .as((scope, session, model, amounts, last, ttl, onExpiry, id) ->
                        new Reserve(scope, session, model, amounts, last, null, true, false, null, ttl, onExpiry, id));
        return Combinators.combine(
                        plain,
                        Arbitraries.of(LOOPS).injectNull(0.5),
                        Arbitraries.of(true, true, true, false),
                        Arbitraries.of(true, false),
                        hold().injectNull(0.7))
                .as((call, loop, offered, shortened, child) -> new Reserve(
                        call.scope(),
                        call.session(),
                        call.model(),
                        call.amounts(),
                        call.finalCall(),
                        loop,
                        offered,
                        shortened,
                        child,
                        call.ttl(),
                        call.onExpiry(),
                        call.id()));
    }

    private static Arbitrary<Action> allot() {
        return Combinators.combine(
                        scope(),
                        Arbitraries.of(SESSIONS),
                        hold().injectNull(0.6),
                        Arbitraries.longs().between(0, 60),
                        ttl(),
                        id())
                .as(Allot::new);
    }

    private static Arbitrary<Action> commit() {
        return Combinators.combine(hold(), other(), amounts().injectNull(0.3), Arbitraries.of(false, false, true))
                .as(Commit::new);
    }

    private static Arbitrary<Action> release() {
        return Combinators.combine(hold(), other()).as(Release::new);
    }

    private static Arbitrary<Action> extend() {
        return Combinators.combine(hold(), ttl(), Arbitraries.integers().between(0, 20))
                .as(Extend::new);
    }

    private static Arbitrary<Action> book() {
        return Combinators.combine(
                        scope(),
                        session(),
                        Arbitraries.of(MODELS),
                        amounts(),
                        Arbitraries.of(LOOPS).injectNull(0.5),
                        hold().injectNull(0.8),
                        id())
                .as(Book::new);
    }

    private static Arbitrary<Action> check() {
        return reserve().map(Check::new);
    }

    private static Arbitrary<Action> reset() {
        return Combinators.combine(
                        scope(),
                        Arbitraries.of(SESSIONS),
                        Arbitraries.integers().between(0, 5))
                .as(Reset::new);
    }

    private static Arbitrary<Action> advance() {
        return Arbitraries.frequencyOf(
                        Tuple.of(4, Arbitraries.longs().between(1, 3_000)),
                        Tuple.of(3, Arbitraries.longs().between(1_000, 600_000)),
                        Tuple.of(3, Arbitraries.longs().between(60_000, 7_200_000)),
                        Tuple.of(2, Arbitraries.longs().between(3_600_000, 90_000_000)),
                        Tuple.of(1, Arbitraries.longs().between(86_400_000, 600_000_000)),
                        Tuple.of(2, Arbitraries.longs().between(-100_000_000, -1)))
                .map(millis -> new Advance(Duration.ofMillis(millis)));
    }

    private static Arbitrary<String> scope() {
        return Arbitraries.frequency(
                Tuple.of(1, "t"),
                Tuple.of(1, "b"),
                Tuple.of(6, "d"),
                Tuple.of(6, "u1"),
                Tuple.of(3, "u2"),
                Tuple.of(3, "ua1"),
                Tuple.of(2, "v"),
                Tuple.of(1, "nobody"));
    }

    private static Arbitrary<String> session() {
        return Arbitraries.of(SESSIONS).injectNull(0.15);
    }

    private static Arbitrary<Integer> hold() {
        return Arbitraries.integers().between(0, 7);
    }

    private static Arbitrary<String> other() {
        return Arbitraries.of("d", "nobody", "u1").injectNull(0.9);
    }

    private static Arbitrary<Integer> id() {
        return Arbitraries.integers().between(0, 40);
    }

    private static Arbitrary<Long> ttl() {
        return Arbitraries.of(1_000L, 60_000L, 3_600_000L, 86_400_000L);
    }

    static Arbitrary<Amounts> amounts() {
        return Combinators.combine(
                        Arbitraries.frequencyOf(
                                Tuple.of(20, Arbitraries.longs().between(0, 20)),
                                Tuple.of(1, Arbitraries.just(Amounts.UNPRICED))),
                        Arbitraries.longs().between(0, 10),
                        Arbitraries.longs().between(0, 10),
                        Arbitraries.longs().between(0, 2))
                .as(Amounts::new);
    }

    static Arbitrary<Window> windows() {
        return Arbitraries.of(
                Window.session(),
                Window.lifetime(),
                Window.rolling(Duration.ofSeconds(5)),
                Window.rolling(Duration.ofHours(1)),
                Window.rolling(Duration.ofHours(24)),
                Window.calendar(CalendarUnit.DAY, ZoneId.of("UTC")),
                Window.calendar(CalendarUnit.DAY, ZoneId.of("America/New_York")),
                Window.calendar(CalendarUnit.WEEK, ZoneId.of("Europe/Berlin")),
                Window.calendar(CalendarUnit.MONTH, ZoneId.of("Asia/Kathmandu")));
    }

    private static Steps steps(long amount, Enforcement enforcement, List<Integer> percents) {
        long throttle = amount * percents.get(1) / 100;
        return new Steps(
                amount * percents.get(0) / 100,
                throttle,
                throttle == 0 ? 0 : 1 + amount % 5_000,
                enforcement == Enforcement.HARD ? amount * percents.get(2) / 100 : 0);
    }

    private static Arbitrary<List<Limit>> limits() {
        Arbitrary<Limit> limit = Combinators.combine(
                        Arbitraries.of(Meter.class),
                        windows(),
                        Arbitraries.of("*", "*", "m1", "m*", "p:*"),
                        Arbitraries.frequencyOf(
                                Tuple.of(1, Arbitraries.just(0L)),
                                Tuple.of(5, Arbitraries.longs().between(1, 60)),
                                Tuple.of(8, Arbitraries.longs().between(60, 400))),
                        Arbitraries.of(Enforcement.HARD, Enforcement.HARD, Enforcement.ALERT_ONLY),
                        Arbitraries.of(List.<Integer>of(), List.of(500_000), List.of(100_000, 800_000, 1_000_000)),
                        Arbitraries.of(List.of(0, 0, 0), List.of(20, 0, 0), List.of(10, 30, 0), List.of(0, 50, 10)))
                .as((meter, window, models, amount, enforcement, alerts, steps) -> new Limit(
                        meter,
                        window,
                        ModelPattern.of(models),
                        amount,
                        enforcement,
                        alerts,
                        steps(amount, enforcement, steps)));
        Arbitrary<Limit> guard = Combinators.combine(
                        Arbitraries.longs().between(0, 6), Arbitraries.of(5, 3_600, 86_400))
                .as((calls, seconds) -> Limit.loopGuard(calls, Window.rolling(Duration.ofSeconds(seconds))));
        Arbitrary<List<Limit>> some = limit.list().ofMaxSize(3);
        return Combinators.combine(some, guard.injectNull(0.7)).as((limits, loops) -> {
            Map<String, Limit> byKey = new LinkedHashMap<>();
            if (loops != null) {
                byKey.put(loops.key(), loops);
            }
            limits.forEach(each -> byKey.putIfAbsent(each.key(), each));
            return List.copyOf(byKey.values());
        });
    }
}
