package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateAudit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random trees of child sessions, their calls and their ends. After each step nothing is negative and open holds add up to
 * the counters; nothing is admitted unless every limit is kept; the journal and any snapshot give the same state; and in the
 * end nothing is held and exactly what was settled is booked.
 */
class AllotmentsTest {
    private static final long LIMIT = 1_000;
    private static final List<Limit> LIMITS = List.of(
            Limit.of(Meter.COST, LIMIT, Window.lifetime()),
            Limit.of(Meter.COST, LIMIT, Window.session()),
            Limit.of(Meter.COST, LIMIT, Window.rolling(Duration.ofSeconds(100))),
            Limit.of(Meter.COST, LIMIT, Window.parse("calendar(day;UTC)")));

    private final List<Change> journal = new ArrayList<>();
    private final List<String> allotments = new ArrayList<>();
    private final List<String> calls = new ArrayList<>();
    private LedgerState state = new LedgerState();
    private LedgerEngine engine = new LedgerEngine(state, journal::add);
    private long now = 1_800_000_000_000L;
    private long booked;
    private int ids;

    static LongStream seeds() {
        return LongStream.range(0, Boolean.getBoolean("holdfast.full") ? 5_000 : 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void keepTheirPromises(long seed) {
        Random random = new Random(seed);
        engine.apply(new Operation.Define(new ScopeDefinition("s", null, LIMITS), false), now);
        for (int step = 0; step < 120; step++) {
            step(random);
            assertThat(StateAudit.of(state).differences()).as("step %d", step).isEmpty();
            if (random.nextInt(15) == 0) {
                restart(random.nextBoolean());
            }
        }
        now += Duration.ofDays(40).toMillis();
        engine.apply(new Operation.Sweep(), now);
        LimitState lifetime = states().get(0);
        assertThat(states()).extracting(LimitState::held).containsOnly(0L);
        assertThat(lifetime.committed()).isEqualTo(booked);
        assertThat(state.openHolds()).isZero();
    }

    private void step(Random random) {
        switch (random.nextInt(10)) {
            case 0, 1 -> allot(random);
            case 2, 3, 4 -> reserve(random);
            case 5, 6 -> commit(random);
            case 7 -> release(random);
            case 8 -> now += random.nextInt(20) == 0 ? 86_400_000 : random.nextInt(30_000);
            default -> book(random);
        }
    }

    private void allot(Random random) {
        String from = random.nextInt(3) == 0 ? null : any(allotments, random);
        long cost = random.nextInt(from == null ? 400 : 200);
        Operation.Allot allot = new Operation.Allot(
                OperationId.given("a" + ids++), "s", "one", from, "child", cost, 1 + random.nextInt(200_000));
        if (admit(allot) instanceof Outcome.Held held) {
            allotments.add(held.holdId());
        }
    }

    private void reserve(Random random) {
        String from = random.nextInt(4) == 0 ? null : any(allotments, random);
        Amounts amounts = cost(random.nextInt(120));
        Operation.Request request = new Operation.Request(
                "s", "one", List.of(new Operation.Offer("m", "m", amounts)), null, Operation.Policy.NONE, from);
        OnExpiry onExpiry = random.nextInt(3) == 0 ? OnExpiry.RELEASE : OnExpiry.CHARGE;
        Operation.Reserve reserve = new Operation.Reserve(
                OperationId.given("c" + ids++), request, 1 + random.nextInt(150_000), onExpiry, Detail.NONE);
        if (admit(reserve) instanceof Outcome.Held held) {
            calls.add(held.holdId());
        }
    }

    /** Whatever is admitted leaves every limit kept, and what is refused changes nothing. */
    private Outcome admit(Operation operation) {
        engine.apply(new Operation.Sweep(), now);
        List<LimitState> before = states();
        Outcome outcome = engine.apply(operation, now);
        List<LimitState> after = states();
        for (int i = 0; i < after.size(); i++) {
            long was = before.get(i).committed() + before.get(i).held();
            long is = after.get(i).committed() + after.get(i).held();
            long most = outcome instanceof Outcome.Held ? LIMIT : was;
            assertThat(is).as("%s by %s", after.get(i), operation).isLessThanOrEqualTo(most);
        }
        return outcome;
    }

    private void commit(Random random) {
        String hold = any(calls, random);
        long actual = random.nextInt(3) == 0 ? random.nextInt(300) : random.nextInt(60);
        if (hold != null) {
            engine.apply(new Operation.Commit("s", hold, cost(actual), false, Detail.NONE), now);
        }
    }

    private void release(Random random) {
        String hold = random.nextBoolean() ? any(calls, random) : any(allotments, random);
        if (hold != null) {
            engine.apply(new Operation.Release("s", hold), now);
        }
    }

    private void book(Random random) {
        engine.apply(
                new Operation.Book(
                        OperationId.given("b" + ids++),
                        "s",
                        "one",
                        "m",
                        cost(random.nextInt(20)),
                        null,
                        any(allotments, random),
                        Detail.NONE),
                now);
    }

    private void restart(boolean fromJournal) {
        LedgerState fresh = EngineHistory.reopened(fromJournal, journal, state);
        assertThat(StateAudit.compare(journal.size(), fresh, state).differences())
                .isEmpty();
        state = fresh;
        engine = new LedgerEngine(state, journal::add);
    }

    private List<LimitState> states() {
        Outcome.Inspected inspected = (Outcome.Inspected) engine.apply(new Operation.Inspect("s", "one"), now);
        booked = 0;
        journal.forEach(change -> io.holdfast.internal.Entries.of(
                change,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                entry -> booked += entry.kind().sign() * entry.amounts().cost()));
        return inspected.limits();
    }

    private static String any(List<String> ids, Random random) {
        return ids.isEmpty() ? null : ids.get(Math.max(0, ids.size() - 1 - random.nextInt(6)));
    }

    private static Amounts cost(long nanos) {
        return new Amounts(nanos, 0, 0, 1);
    }
}
