package io.holdfast.evidence;

import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A few of the histories of {@link EngineProperties}, to be asked of every mutation of the engine. */
@DisplayName("I1-I7, I14, I15, I20, I21: the engine, for a few histories")
class ShortHistoriesTest {
    private static final int HISTORIES = 25;
    private static final int ACTIONS = 80;
    private static final int SIZE = 1_000;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    @DisplayName("does what the oracle says, also after a restart from its journal or from a snapshot")
    void agreesWithTheOracle(long seed) {
        JqwikSession.run(() -> {
            Random random = new Random(seed);
            RandomGenerator<List<Action>> trees = Action.tree().generator(SIZE);
            Arbitrary<List<Action>> histories = Action.any().list().ofSize(ACTIONS);
            RandomGenerator<List<Action>> actions = histories.generator(SIZE);
            for (int i = 0; i < HISTORIES; i++) {
                EngineHistory.play(
                        trees.next(random).value(), actions.next(random).value());
            }
        });
    }
}
