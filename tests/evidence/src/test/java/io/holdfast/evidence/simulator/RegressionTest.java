package io.holdfast.evidence.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holdfast.spi.StoreException;
import io.holdfast.store.json.JsonStore;
import io.holdfast.store.json.Settings;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayName("I7, I10: what the simulator has found")
@ExtendWith(Quiet.class)
class RegressionTest {
    private static final Path PATH = Path.of("ledger");

    /** Seed 4: it was told as an outcome that nobody knows, though nothing had been asked. */
    @Test
    @DisplayName("a sync that fails while a ledger is opened is told as a ledger that cannot be opened")
    void openingFails() {
        SimDisk disk = new SimDisk();
        int refused = 0;
        for (int call = 0; call < 60; call++) {
            SimDisk.Process process = disk.process();
            process.plan(call, SimDisk.Effect.FAILS_AFTERWARDS);
            Throwable failure = catchThrowable(() -> open(process).close());
            if (failure != null) {
                refused++;
                assertThat(failure).as("call %d", call).isExactlyInstanceOf(StoreException.class);
            }
        }
        assertThat(refused).isPositive();
    }

    private static JsonStore open(SimDisk.Process process) {
        return JsonStore.open(PATH, process, () -> Instant.EPOCH, new Settings(1_000, Runnable::run));
    }
}
