package io.holdfast.evidence;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;

/**
 * Random histories, each told to the engine, to the ledger in memory, to a twin that is restarted now and then, and to
 * the oracle. After each step all four agree on the outcome, on every counter and on the state of every hold.
 */
@Label("I1-I7, I14, I15, I20, I21: the engine")
class EngineProperties {
    private static final int ACTIONS = Boolean.getBoolean("holdfast.full") ? 250 : 60;

    @Property(seed = Tries.SEED, edgeCases = EdgeCasesMode.NONE)
    @Label("does what the oracle says, also after a restart from its journal or from a snapshot")
    void agreesWithTheOracle(@ForAll("trees") List<Action> tree, @ForAll("actions") List<Action> actions) {
        EngineHistory.play(tree, actions);
    }

    @Provide
    Arbitrary<List<Action>> trees() {
        return Action.tree();
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        return Action.any().list().ofMaxSize(ACTIONS).withSizeDistribution(RandomDistribution.uniform());
    }
}
