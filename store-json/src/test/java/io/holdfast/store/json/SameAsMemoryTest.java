package io.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.internal.MemoryStore;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SameAsMemoryTest {
    private static final Path PATH = Path.of("ledger");
    private static final Instant FOREVER = Instant.parse("9999-01-01T00:00:00Z");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void twoStoresOnOneDirectoryThatAreReopenedNowAndThenAnswerAsOneInMemory(long seed) {
        Random random = new Random(seed);
        AtomicLong now = new AtomicLong(1_800_000_000_000L);
        FakeDisk disk = new FakeDisk();
        Settings settings = new Settings(2_000 + random.nextInt(30_000), Runnable::run);
        List<JsonStore> stores = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            stores.add(JsonStore.open(PATH, disk, () -> Instant.ofEpochMilli(now.get()), settings));
        }
        Workload workload = new Workload(random, "w");
        try (MemoryStore memory = new MemoryStore(() -> Instant.ofEpochMilli(now.get()))) {
            for (int step = 0; step < 400; step++) {
                List<Operation> batch = step == 0 ? Workload.definitions() : workload.batch(4);
                int which = random.nextInt(2);
                assertThat(stores.get(which).apply(batch))
                        .as("seed %d step %d %s", seed, step, batch)
                        .isEqualTo(memory.apply(batch));
                now.addAndGet(random.nextInt(50) == 0 ? random.nextInt(40_000_000) : random.nextInt(5_000));
                if (random.nextInt(40) == 0) {
                    if (random.nextBoolean()) {
                        stores.get(which).close();
                    }
                    stores.set(which, JsonStore.open(PATH, disk, () -> Instant.ofEpochMilli(now.get()), settings));
                }
            }
            for (JsonStore store : stores) {
                assertThat(store.verify().differences()).as("seed %d", seed).isEmpty();
                assertThat(entries(store, Instant.EPOCH, FOREVER))
                        .as("seed %d", seed)
                        .isEqualTo(entries(memory, Instant.EPOCH, FOREVER));
                Instant from = Instant.ofEpochMilli(1_800_000_000_000L + random.nextInt(10_000_000));
                Instant to = from.plusMillis(random.nextInt(50_000_000));
                assertThat(entries(store, from, to)).as("seed %d", seed).isEqualTo(entries(memory, from, to));
                List<Object> definitions = new ArrayList<>();
                store.definitions(definitions::add);
                List<Object> expected = new ArrayList<>();
                memory.definitions(expected::add);
                assertThat(definitions).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
        stores.forEach(JsonStore::close);
        assertThat(disk.contents().keySet()).anyMatch(name -> name.startsWith("snapshot-"));
        assertThat(disk.contents().keySet()).noneMatch(name -> name.endsWith(".tmp"));
    }

    private static List<Entry> entries(LedgerStore store, Instant from, Instant to) {
        List<Entry> entries = new ArrayList<>();
        store.entries(from, to, entries::add);
        return entries;
    }
}
