package io.holdfast.evidence.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A few short runs, to be asked of every mutation of the engine. They do not look for the steps that matter. */
@DisplayName("I1-I9, I14, I15, I20, I21: the whole library, simulated for a while")
@ExtendWith(Quiet.class)
class ShortSimulationTest {
    private static final int STEPS = 800;
    private static final int CALM_STEPS = 2_500;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {70_001, 70_002, 70_003})
    @DisplayName("in memory, does what the oracle says")
    void inMemory(long seed) {
        check(seed, false, CALM_STEPS);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {70_011, 70_012, 70_013, 70_014})
    @DisplayName("in files, does what the oracle says, whatever fails")
    void inFiles(long seed) {
        check(seed, true, STEPS);
    }

    private static void check(long seed, boolean durable, int steps) {
        Simulation.Failure failure = new Simulation(seed, durable, Tampering.NONE)
                .attempt(IntStream.range(0, steps).boxed().toList());
        assertThat(failure == null ? null : failure.what()).as("seed %d", seed).isNull();
    }
}
