package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.evidence.oracle.Judge;
import io.holdfast.evidence.oracle.Oracle;
import io.holdfast.evidence.oracle.Watch;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.tck.LedgerLocation;
import io.holdfast.tck.ManualClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/**
 * Random histories of two users of one ledger in turn, on every store, beside the oracle: generated scopes, limits, windows,
 * calls, schedules and clocks. After each step the outcome and every counter that it touched are what the oracle says, in
 * the end everything is.
 */
@Label("I1-I7, I14, I15, I20, I21: every store")
class StoreProperties {
    private static final int ACTIONS = 40;
    /** Servers and disks take their time; see {@link #often}. */
    private static final int FEW = 8;

    private static final boolean FULL = Boolean.getBoolean("holdfast.full");

    @Property(seed = Tries.SEED, edgeCases = EdgeCasesMode.NONE)
    @Label("in memory does what the oracle says")
    void memory(@ForAll("trees") List<Action> tree, @ForAll("actions") List<Action> actions) {
        play(Stores.MEMORY, tree, actions);
    }

    @Property(seed = Tries.SEED, edgeCases = EdgeCasesMode.NONE, tries = 20)
    @Label("in JSON files does what the oracle says, for two users and after each opening")
    void json(@ForAll("trees") List<Action> tree, @ForAll("actions") List<Action> actions) {
        play(Stores.JSON, tree, actions);
    }

    @Property(seed = Tries.SEED, edgeCases = EdgeCasesMode.NONE, tries = FEW)
    @Label("in H2 does what the oracle says, for two users and after each opening")
    void h2(@ForAll("trees") List<Action> tree, @ForAll("actions") List<Action> actions) {
        play(Stores.H2, tree, actions);
    }

    @Property(seed = Tries.SEED, edgeCases = EdgeCasesMode.NONE, tries = FEW)
    @Label("in SQLite does what the oracle says, for two users and after each opening")
    void sqlite(@ForAll("trees") List<Action> tree, @ForAll("actions") List<Action> actions) {
        play(Stores.SQLITE, tree, actions);
    }

    @Property(seed = Tries.SEED, edgeCases = EdgeCasesMode.NONE, tries = FEW)
    @Label("in PostgreSQL does what the oracle says, for two users and after each opening")
    void postgresql(@ForAll("trees") List<Action> tree, @ForAll("actions") List<Action> actions) {
        play(Stores.POSTGRESQL, tree, actions);
    }

    @Property(seed = Tries.SEED, edgeCases = EdgeCasesMode.NONE, tries = FEW)
    @Label("in MariaDB does what the oracle says, for two users and after each opening")
    void mariaDb(@ForAll("trees") List<Action> tree, @ForAll("actions") List<Action> actions) {
        play(Stores.MARIADB, tree, actions);
    }

    @Property(seed = Tries.SEED, edgeCases = EdgeCasesMode.NONE, tries = 1_000)
    @AddLifecycleHook(OnlyFull.class)
    @Label("in each store of files or of a database, tried often, does what the oracle says")
    void often(
            @ForAll("durable") Stores kind,
            @ForAll("trees") List<Action> tree,
            @ForAll("actions") List<Action> actions) {
        play(kind, tree, actions);
    }

    /** Leaves a property to the profile full: how often one is tried stands in its annotation, for all profiles. */
    private static final class OnlyFull implements SkipExecutionHook {
        @Override
        public SkipResult shouldBeSkipped(LifecycleContext context) {
            return FULL ? SkipResult.doNotSkip() : SkipResult.skip("takes minutes; run with -Pfull");
        }
    }

    @Provide
    Arbitrary<Stores> durable() {
        return Arbitraries.of(Stores.class).filter(Stores::durable);
    }

    @Provide
    Arbitrary<List<Action>> trees() {
        return Action.tree();
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        return Action.any().list().ofMaxSize(FULL ? 250 : ACTIONS).withSizeDistribution(RandomDistribution.uniform());
    }

    private static void play(Stores kind, List<Action> tree, List<Action> actions) {
        LedgerLocation location = kind.location();
        History history = new History(kind, location);
        try {
            tree.forEach(history::step);
            actions.forEach(history::step);
            history.finish();
        } finally {
            history.close();
            location.close();
        }
    }

    private static final class History {
        final ManualClock clock = new ManualClock(Instant.parse("2026-03-27T20:00:00Z"));
        final Oracle oracle = new Oracle();
        final Script script = new Script();
        final Judge judge;
        final boolean durable;
        final LedgerLocation location;
        final List<LedgerStore> stores = new ArrayList<>();
        final List<Watch> watches = new ArrayList<>();
        private int steps;

        History(Stores kind, LedgerLocation location) {
            this.durable = kind.durable();
            this.location = location;
            this.judge = new Judge(oracle, !durable);
            for (int user = 0; user < (durable ? 2 : 1); user++) {
                stores.add(location.open(clock));
                watches.add(new Watch(oracle));
                watches.get(user).read(clock.millis());
            }
        }

        void step(Action action) {
            int user = ++steps * 7 % 3 % stores.size();
            if (action instanceof Action.Advance advance) {
                clock.advance(advance.time());
            } else if (action instanceof Action.Restart) {
                restart(user);
            } else {
                Operation operation =
                        script.operation(action, oracle, watches.get(user).peek(clock.millis()));
                if (operation != null) {
                    apply(user, operation);
                }
            }
        }

        private void apply(int user, Operation operation) {
            script.happened(operation, carryOut(user, operation));
            if (operation instanceof Operation.OnScope on && !on.scope().endsWith("*")) {
                int other = (user + 1) % stores.size();
                carryOut(other, new Operation.Inspect(on.scope(), oracle.session(operation)));
            }
        }

        private Outcome carryOut(int user, Operation operation) {
            Outcome outcome = stores.get(user).apply(operation);
            judge.judge(operation, outcome, watches.get(user).read(clock.millis()));
            return outcome;
        }

        /** To open a ledger may or may not look at the clock; the question after it does. */
        private void restart(int user) {
            if (durable) {
                stores.get(user).close();
                stores.set(user, location.open(clock));
                watches.set(user, new Watch(oracle));
                carryOut(user, new Operation.Inspect("t", null));
            }
        }

        void finish() {
            for (int user = 0; user < stores.size(); user++) {
                judge.judgeAll(stores.get(user), watches.get(user).read(clock.millis()));
                assertThat(stores.get(user).verify().differences()).isEmpty();
            }
        }

        void close() {
            stores.forEach(LedgerStore::close);
        }
    }
}
