package io.holdfast.evidence.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.survival.Survival;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayName("I1-I9, I14, I15, I20, I21: the whole library, simulated")
@ExtendWith(Quiet.class)
class SimulatorTest {
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");
    private static final long SEEDS = Long.getLong("holdfast.simulator.seeds", FULL ? 10_000 : 200);
    private static final int STEPS = Integer.getInteger("holdfast.simulator.steps", 10_000);
    private static final long FIRST = Long.getLong("holdfast.simulator.first", 0);

    /** Two of three seeds have their ledger in files, with two nodes and a disk that fails; the third has it in memory. */
    static boolean durable(long seed) {
        return seed % 3 != 2;
    }

    @Test
    @DisplayName(
            "has the counters and holds that the oracle says after each step, whatever fails and whenever it is killed")
    void agrees() {
        List<String> failures = LongStream.range(FIRST, FIRST + SEEDS)
                .parallel()
                .mapToObj(SimulatorTest::failure)
                .filter(Objects::nonNull)
                .limit(1)
                .toList();
        assertThat(failures).isEmpty();
        Survival.of("crashes, faults and clock jumps of a simulation", "whole library", SimulatorTest.class)
                .seed(FIRST)
                .tried(SEEDS)
                .lost(0)
                .doubled(0)
                .overshot(0)
                .wrong(0)
                .outcome("operations compared", SEEDS * STEPS)
                .keep();
    }

    private static String failure(long seed) {
        try {
            new Simulation(seed, durable(seed), Tampering.NONE).run(STEPS);
            return null;
        } catch (AssertionError failure) {
            return failure.getMessage();
        }
    }
}
