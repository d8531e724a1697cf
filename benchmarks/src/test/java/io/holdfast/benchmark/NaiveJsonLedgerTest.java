package io.holdfast.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The corrected naive ledger")
class NaiveJsonLedgerTest {
    @Test
    @DisplayName("loses nothing and passes no limit when threads race")
    void honest(@TempDir Path directory) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (NaiveJsonLedger ledger = new NaiveJsonLedger(directory)) {
            List<Future<Integer>> admitted = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                admitted.add(threads.submit(() -> {
                    int count = 0;
                    for (int i = 0; i < 20; i++) {
                        count += ledger.add("session", 3, 100) ? 1 : 0;
                    }
                    return count;
                }));
            }
            int sum = 0;
            for (Future<Integer> each : admitted) {
                sum += each.get();
            }

            assertThat(sum).isEqualTo(33);
            assertThat(ledger.total()).isEqualTo(99);
        } finally {
            threads.shutdownNow();
        }
        assertThat(Files.readString(directory.resolve("ledger.json"))).isEqualTo("{\"session\":99}");
    }
}
