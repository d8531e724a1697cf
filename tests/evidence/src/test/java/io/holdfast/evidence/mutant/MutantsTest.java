package io.holdfast.evidence.mutant;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.evidence.simulator.Quiet;
import io.holdfast.evidence.simulator.Simulation;
import io.holdfast.evidence.simulator.Tampering;
import io.holdfast.internal.MemoryStore;
import io.holdfast.limit.Limit;
import io.holdfast.spi.Change;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Amounts;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("I1-I9, I14-I16, I20: the checks themselves")
@ExtendWith(Quiet.class)
class MutantsTest {
    private static final int STEPS = 3_000;
    private static final int SEEDS = 12;

    /** Writes everything down as it is, and folds all of it again where a tampered store would. */
    private static final Tampering HONEST_STORE = Mutant.changes(change -> change instanceof Change.Booked booked
            ? List.of(Mutant.with(booked, booked.id(), booked.at(), booked.amounts()))
            : List.of(change));

    private static final Tampering HONEST_DISK = new Tampering((store, clock) -> store, TamperedDisk::new);

    /** A store that is wrong in one way. */
    enum Mutant {
        LOST_UPDATE(changes(change ->
                change instanceof Change.Booked booked && booked.id().value().endsWith("1")
                        ? List.of()
                        : List.of(change))),
        BOOKS_TWICE(changes(change -> change instanceof Change.Booked booked
                ? List.of(
                        booked, with(booked, OperationId.given("again-" + booked.id()), booked.at(), booked.amounts()))
                : List.of(change))),
        DOUBLE_COMMIT(changes(change -> change instanceof Change.Committed committed && committed.reversed() == null
                ? List.of(committed, again(committed))
                : List.of(change))),
        FLOAT_MONEY(changes(change -> change instanceof Change.Booked booked
                ? List.of(with(booked, booked.id(), booked.at(), asFloat(booked.amounts())))
                : List.of(change))),
        LEAK_ON_CANCEL(changes(change -> change instanceof Change.Released ? List.of() : List.of(change))),
        EXPIRES_FOR_NOTHING(changes(change -> change instanceof Change.Expired expired
                ? List.of(new Change.Expired(
                        expired.at(),
                        expired.holdId(),
                        expired.scope(),
                        expired.session(),
                        expired.model(),
                        expired.due(),
                        null,
                        expired.detail()))
                : List.of(change))),
        FORGETS_IDS(changes(change -> change instanceof Change.Booked booked
                ? List.of(with(booked, OperationId.given("other-" + booked.id()), booked.at(), booked.amounts()))
                : List.of(change))),
        HALF_A_PATH(changes(change ->
                change instanceof Change.Booked booked && booked.scope().equals("b") && booked.allotment() == null
                        ? List.of(new Change.Booked(
                                booked.at(),
                                booked.id(),
                                "a",
                                booked.session(),
                                booked.model(),
                                booked.amounts(),
                                booked.loopKey(),
                                null,
                                booked.fingerprint(),
                                booked.detail()))
                        : List.of(change))),
        WINDOW_THAT_COUNTS_TOO_LITTLE(changes(change -> change instanceof Change.Booked booked
                ? List.of(with(booked, booked.id(), booked.at() - 240_000, booked.amounts()))
                : List.of(change))),
        DROPPED_LATE_COMMIT(changes(
                change -> change instanceof Change.Committed committed && committed.kind() == EntryKind.LATE
                        ? List.of()
                        : List.of(change))),
        ZERO_IS_UNLIMITED(changes(change -> change instanceof Change.Defined defined
                ? List.of(new Change.Defined(defined.at(), withoutZeros(defined.definition())))
                : List.of(change))),
        OVERSHOOT_IS_CAPPED(changes(change -> change instanceof Change.Committed committed
                        && committed.amounts().outputTokens() > 900
                ? List.of(new Change.Committed(
                        committed.at(),
                        committed.holdId(),
                        committed.scope(),
                        committed.session(),
                        committed.model(),
                        committed.kind(),
                        new Amounts(
                                committed.amounts().cost(),
                                committed.amounts().inputTokens(),
                                900,
                                committed.amounts().calls()),
                        committed.reversed(),
                        committed.detail()))
                : List.of(change))),
        WALL_CLOCK(new Tampering((store, clock) -> new MemoryStore(InstantSource.system()), io -> io), false),
        NO_DIRECTORY_SYNC(new Tampering((store, clock) -> store, TamperedDisk.NoDirectorySync::new), true),
        NO_SYNC(new Tampering((store, clock) -> store, TamperedDisk.NoSync::new), true),
        DROPS_A_WHOLE_RECORD(new Tampering((store, clock) -> store, TamperedDisk.CutsTheTail::new), true);

        final Tampering tampering;
        final boolean durable;

        Mutant(Tampering tampering) {
            this(tampering, false);
        }

        Mutant(Tampering tampering, boolean durable) {
            this.tampering = tampering;
            this.durable = durable;
        }

        private static Tampering changes(Function<Change, List<Change>> changes) {
            return new Tampering((store, clock) -> new TamperedStore(store.traits(), clock, changes), io -> io);
        }

        /** What is right to be found with nothing tampered with. */
        Tampering honest() {
            return durable ? HONEST_DISK : this == WALL_CLOCK ? Tampering.NONE : HONEST_STORE;
        }

        private static Change again(Change.Committed committed) {
            return new Change.Booked(
                    committed.at(),
                    OperationId.given("again-" + committed.holdId()),
                    committed.scope(),
                    committed.session(),
                    committed.model(),
                    committed.amounts(),
                    null,
                    null,
                    1,
                    committed.detail());
        }

        private static Change with(Change.Booked booked, OperationId id, long at, Amounts amounts) {
            return new Change.Booked(
                    at,
                    id,
                    booked.scope(),
                    booked.session(),
                    booked.model(),
                    amounts,
                    booked.loopKey(),
                    booked.allotment(),
                    booked.fingerprint(),
                    booked.detail());
        }

        /** Seven digits, of which a call of four thousandths of a dollar needs all. */
        private static Amounts asFloat(Amounts amounts) {
            float dollars = amounts.cost() / 1e9f;
            return new Amounts(
                    Math.round(dollars * 1e9), amounts.inputTokens(), amounts.outputTokens(), amounts.calls());
        }

        private static ScopeDefinition withoutZeros(ScopeDefinition definition) {
            List<Limit> limits = definition.limits().stream()
                    .map(limit -> limit.amount() > 0
                            ? limit
                            : new Limit(
                                    limit.meter(),
                                    limit.window(),
                                    limit.models(),
                                    Long.MAX_VALUE / 2,
                                    limit.enforcement(),
                                    limit.alerts()))
                    .toList();
            return new ScopeDefinition(definition.name(), definition.parent(), limits, definition.ladders());
        }
    }

    @ParameterizedTest(name = "catch {0}")
    @EnumSource
    @DisplayName("catch a store that is wrong in one way, and find nothing wrong with the same where it is not")
    void catchIt(Mutant mutant) {
        Simulation.Failure caught = null;
        for (int seed = 0; seed < SEEDS && caught == null; seed++) {
            caught = run(seed, mutant.durable, mutant.tampering);
            if (caught != null) {
                Simulation.Failure honest = run(seed, mutant.durable, mutant.honest());
                assertThat(honest == null ? null : honest.what())
                        .as("seed %d, with nothing tampered with", seed)
                        .isNull();
            }
        }
        assertThat(caught).as("what went wrong with %s", mutant).isNotNull();
        assertThat(caught.what())
                .as("it was noticed by the oracle, and did not just break")
                .isInstanceOf(AssertionError.class);
        Survival.of("stores broken on purpose", "the checks themselves", MutantsTest.class)
                .tried(1)
                .outcome("caught", 1)
                .keep();
    }

    @Test
    @DisplayName("say which few steps matter")
    void sayWhich() {
        Simulation simulation = new Simulation(0, false, Mutant.LEAK_ON_CANCEL.tampering);
        Simulation.Failure failure =
                simulation.attempt(IntStream.range(0, STEPS).boxed().toList());
        assertThat(simulation.shrunk(failure).steps()).hasSizeLessThan(6);
    }

    private static Simulation.Failure run(int seed, boolean durable, Tampering tampering) {
        return new Simulation(seed, durable, tampering)
                .attempt(IntStream.range(0, STEPS).boxed().toList());
    }
}
