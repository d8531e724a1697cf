package io.holdfast.evidence.simulator;

import io.holdfast.Budget;
import io.holdfast.BudgetScope;
import io.holdfast.BudgetSession;
import io.holdfast.Call;
import io.holdfast.Charge;
import io.holdfast.Decision;
import io.holdfast.Reservation;
import io.holdfast.evidence.oracle.Judge;
import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Steps;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * What the callers do: half of it by way of the library's front, half as operations that only a store's caller can make, such
 * as asking again with an old id, or with the same id for something else.
 */
final class Clients {
    private static final List<String> SCOPES = List.of("t", "a", "b", "u1", "u2", "w1", "v");
    private static final Map<String, String> PARENTS = Map.of("a", "t", "b", "a", "u*", "b", "w*", "a", "w1", "a");
    private static final List<String> SESSIONS = List.of("s1", "s2", "s3");
    private static final List<String> LOOPS = List.of("k1", "k2", "k3");
    private static final Ladder LADDER = Ladder.of("acme:large", "acme:small", "acme:tiny");
    private static final int RECENT = 12;

    private final List<Operation.Reserve> holds = new ArrayList<>();
    private final List<Operation.Allot> children = new ArrayList<>();
    private final List<Operation> writes = new ArrayList<>();
    private SplittableRandom random;
    private int number;

    /** Defines the scopes that there are to begin with. */
    void definitions(Consumer<Operation> ask) {
        random = new SplittableRandom(SCOPES.hashCode());
        for (String name : List.of("t", "a", "b", "u*", "w*", "v")) {
            ask.accept(new Operation.Define(definition(name), false));
        }
    }

    /** Lets a client of a node do something. */
    void act(Node node, SplittableRandom decides, int step) {
        random = decides;
        number = step;
        int kind = random.nextInt(100);
        if (kind < 50) {
            throughTheFront(node, kind);
        } else {
            Operation operation = operation(kind);
            if (operation != null) {
                node.apply(operation);
            }
        }
    }

    // ---- by way of the library's front

    private void throughTheFront(Node node, int kind) {
        Budget budget = node.manager.budget(scope());
        Reservation handle = node.handles.isEmpty()
                ? null
                : node.handles.get(Math.max(0, node.handles.size() - 1 - random.nextInt(RECENT)));
        if (kind < 18) {
            Decision<Reservation> decision = budget.tryReserve(call());
            if (decision instanceof Decision.Allowed<Reservation> allowed) {
                node.handles.add(allowed.orThrow());
            }
        } else if (kind < 30 && handle != null) {
            Usage usage = usage();
            Charge charge = handle.commit(usage);
            long cost = Prices.cost(charge.model(), usage);
            Judge.require(
                    charge.amounts().cost() == cost,
                    () -> usage + " by " + charge.model() + " cost " + charge.amounts() + ", and was to cost " + cost);
        } else if (kind < 33 && handle != null) {
            handle.release();
        } else if (kind < 36 && handle != null) {
            handle.close();
        } else if (kind < 38 && handle != null) {
            handle.extend(Duration.ofMillis(ttl()));
        } else if (kind < 42) {
            budget.record(call(), usage());
        } else if (kind < 44) {
            budget.check(call());
        } else if (kind < 46) {
            child(node, budget);
        } else if (kind < 47) {
            budget.resetSession(any(SESSIONS));
        } else if (kind < 48) {
            budget.session(any(SESSIONS)).summary();
        } else {
            replace(node);
        }
    }

    private void child(Node node, Budget budget) {
        BudgetSession session = budget.session(any(SESSIONS));
        BudgetSession child = session.child("c" + number, Usd.ofNanos(random.nextInt(20_000_000)), Duration.ofHours(1));
        if (child.tryReserve(call()) instanceof Decision.Allowed<Reservation> allowed) {
            node.handles.add(allowed.orThrow());
        }
        if (random.nextBoolean()) {
            child.close();
        }
    }

    private void replace(Node node) {
        ScopeDefinition definition = definition(any(List.of("a", "b", "u*", "w*", "v", "u1")));
        BudgetScope.Builder scope =
                definition.template() ? BudgetScope.template(definition.name()) : BudgetScope.named(definition.name());
        if (definition.parent() != null) {
            scope.parent(definition.parent());
        }
        definition.limits().forEach(scope::limit);
        if (!definition.ladders().isEmpty()) {
            scope.ladder("acme:large", "acme:small", "acme:tiny");
        }
        node.manager.replace(scope.build());
    }

    private Call call() {
        Call call = random.nextInt(8) == 0 ? Call.to(any(Prices.MODELS)) : Call.of(any(SESSIONS), any(Prices.MODELS));
        call = call.input(random.nextInt(2_000))
                .maxOutput(random.nextInt(1_000))
                .id("f" + number)
                .ttl(Duration.ofMillis(ttl()));
        call = random.nextInt(3) == 0 ? call.loopKey(any(LOOPS)) : call;
        call = random.nextInt(3) == 0 ? call.finalCall() : call;
        call = random.nextInt(4) == 0 ? call.releaseOnExpiry() : call;
        return random.nextInt(4) == 0 ? call.clampOutput(random.nextInt(100)) : call;
    }

    private Usage usage() {
        return Usage.of(random.nextInt(2_500), random.nextInt(1_200));
    }

    // ---- as operations

    private Operation operation(int kind) {
        if (kind < 65) {
            return noted(reserve("r" + number));
        } else if (kind < 74) {
            Operation.Reserve hold = recent(holds);
            boolean asHeld = random.nextInt(3) == 0;
            return hold == null
                    ? null
                    : noted(new Operation.Commit(
                            hold.scope(),
                            hold.id().value(),
                            asHeld ? hold.amounts() : amounts(),
                            random.nextInt(5) == 0,
                            Detail.NONE));
        } else if (kind < 78) {
            Operation.Reserve hold = recent(holds);
            return hold == null
                    ? null
                    : noted(new Operation.Release(hold.scope(), hold.id().value()));
        } else if (kind < 80) {
            Operation.Reserve hold = recent(holds);
            return hold == null
                    ? null
                    : noted(new Operation.Extend(
                            OperationId.given("x" + number),
                            hold.scope(),
                            hold.id().value(),
                            ttl()));
        } else if (kind < 84) {
            return noted(book("b" + number));
        } else if (kind < 86) {
            return new Operation.Check(reserve("c" + number).request());
        } else if (kind < 88) {
            return noted(allot());
        } else if (kind < 89) {
            Operation.Allot child = recent(children);
            return child == null
                    ? null
                    : noted(new Operation.Release(child.scope(), child.id().value()));
        } else if (kind < 92) {
            return recent(writes);
        } else if (kind < 93) {
            Operation.Reserve hold = recent(holds);
            return hold == null ? null : reserve(hold.id().value());
        } else if (kind < 94) {
            return new Operation.Define(definition(any(List.of("b", "u*", "w1", "v"))), random.nextInt(4) > 0);
        } else if (kind < 95) {
            return new Operation.Remove(
                    any(List.of("u1", "w1", "u2", "v", "b", "w*")), Removal.values()[random.nextInt(3)]);
        } else if (kind < 96) {
            return noted(new Operation.ResetSession(OperationId.given("q" + number), scope(), any(SESSIONS)));
        } else if (kind < 98) {
            return new Operation.Inspect(scope(), any(SESSIONS));
        }
        return new Operation.Sweep();
    }

    private Operation noted(Operation operation) {
        writes.add(operation);
        if (operation instanceof Operation.Reserve reserve) {
            holds.add(reserve);
        } else if (operation instanceof Operation.Allot allot) {
            children.add(allot);
        }
        return operation;
    }

    private Operation.Reserve reserve(String id) {
        Operation.Allot child = random.nextInt(6) == 0 ? recent(children) : null;
        String model = any(Prices.MODELS);
        List<Operation.Offer> offers = new ArrayList<>();
        Amounts amounts = amounts();
        offers.add(new Operation.Offer(model, model, amounts));
        if (random.nextInt(5) > 0) {
            for (int i = Prices.MODELS.indexOf(model) + 1; i < Prices.MODELS.size(); i++) {
                amounts = new Amounts(
                        amounts.priced() ? amounts.cost() / 4 : Amounts.UNPRICED,
                        amounts.inputTokens(),
                        amounts.outputTokens(),
                        amounts.calls());
                offers.add(new Operation.Offer(Prices.MODELS.get(i), Prices.MODELS.get(i), amounts));
            }
        }
        Operation.Policy policy = new Operation.Policy(
                random.nextInt(3) == 0, random.nextInt(3) == 0 ? any(LOOPS) : null, Operation.Policy.WHOLE);
        Operation.Request request = new Operation.Request(
                child == null ? scope() : child.scope(),
                child == null ? session() : child.session(),
                offers,
                null,
                policy,
                child == null ? null : child.id().value());
        return new Operation.Reserve(
                OperationId.given(id),
                request,
                ttl(),
                random.nextInt(4) == 0 ? OnExpiry.RELEASE : OnExpiry.CHARGE,
                Detail.NONE);
    }

    private Operation.Book book(String id) {
        Operation.Allot child = random.nextInt(6) == 0 ? recent(children) : null;
        return new Operation.Book(
                OperationId.given(id),
                child == null ? scope() : child.scope(),
                child == null ? session() : child.session(),
                any(Prices.MODELS),
                amounts(),
                random.nextInt(3) == 0 ? any(LOOPS) : null,
                child == null ? null : child.id().value(),
                Detail.NONE);
    }

    private Operation.Allot allot() {
        Operation.Allot above = random.nextInt(3) == 0 ? recent(children) : null;
        return new Operation.Allot(
                OperationId.given("l" + number),
                above == null ? scope() : above.scope(),
                above == null ? any(SESSIONS) : above.session(),
                above == null ? null : above.id().value(),
                "child" + number,
                random.nextInt(10_000_000),
                ttl());
    }

    private Amounts amounts() {
        return new Amounts(
                random.nextInt(50) == 0 ? Amounts.UNPRICED : random.nextInt(8_000_000),
                random.nextInt(1_000),
                random.nextInt(1_000),
                random.nextInt(3));
    }

    private long ttl() {
        return switch (random.nextInt(4)) {
            case 0 -> 1_000;
            case 1 -> 1 + random.nextInt(60_000);
            case 2 -> 600_000;
            default -> 3_600_000;
        };
    }

    // ---- scopes

    private ScopeDefinition definition(String name) {
        Map<String, Limit> limits = new LinkedHashMap<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            Limit limit = limit();
            limits.putIfAbsent(limit.key(), limit);
        }
        if (random.nextInt(3) == 0) {
            Limit guard = Limit.loopGuard(2 + random.nextInt(20), Window.rolling(Duration.ofMinutes(10)));
            limits.put(guard.key(), guard);
        }
        boolean ladder = name.equals("t") || name.equals("u*");
        return new ScopeDefinition(
                name, parent(name), List.copyOf(limits.values()), ladder ? List.of(LADDER) : List.of());
    }

    private static String parent(String name) {
        String parent = PARENTS.get(name);
        return parent == null && name.startsWith("u") ? "b" : parent;
    }

    private Limit limit() {
        Meter meter = Meter.values()[random.nextInt(Meter.values().length)];
        long call = switch (meter) {
            case COST -> 4_000_000;
            case CALLS -> 1;
            default -> 1_000;
        };
        Window window = switch (random.nextInt(7)) {
            case 0 -> Window.session();
            case 1 -> Window.lifetime();
            case 2 -> Window.rolling(Duration.ofMinutes(5));
            case 3 -> Window.rolling(Duration.ofHours(1));
            case 4 -> Window.rolling(Duration.ofHours(24));
            case 5 -> Window.calendar(CalendarUnit.DAY, ZoneId.of("America/New_York"));
            default -> Window.calendar(CalendarUnit.WEEK, ZoneId.of("Europe/Berlin"));
        };
        long calls = window == Window.lifetime() || window == Window.session() ? 5_000 : 200;
        long amount = random.nextInt(20) == 0 ? 0 : call * (calls / 4 + random.nextInt((int) calls));
        Enforcement enforcement = random.nextInt(3) == 0 ? Enforcement.ALERT_ONLY : Enforcement.HARD;
        return new Limit(
                meter,
                window,
                ModelPattern.of(any(List.of("*", "*", "acme:large", "acme:*", "tiny"))),
                amount,
                enforcement,
                random.nextBoolean() ? List.of() : List.of(100_000, 500_000, 1_000_000),
                steps(amount, enforcement));
    }

    private Steps steps(long amount, Enforcement enforcement) {
        boolean throttles = random.nextInt(4) == 0 && amount > 10;
        return new Steps(
                random.nextInt(3) == 0 ? amount / 3 : 0,
                throttles ? amount / 2 : 0,
                throttles ? 1 + random.nextInt(5_000) : 0,
                enforcement == Enforcement.HARD && random.nextInt(4) == 0 ? amount / 10 : 0);
    }

    // ---- choosing

    private String scope() {
        return random.nextInt(40) == 0 ? "nobody" : any(SCOPES);
    }

    private String session() {
        return random.nextInt(8) == 0 ? null : any(SESSIONS);
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private <T> T recent(List<T> list) {
        return list.isEmpty() ? null : list.get(Math.max(0, list.size() - 1 - random.nextInt(RECENT)));
    }
}
