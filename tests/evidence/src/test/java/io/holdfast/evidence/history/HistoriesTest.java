package io.holdfast.evidence.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.evidence.Stores;
import io.holdfast.spi.LedgerStore;
import io.holdfast.survival.Survival;
import io.holdfast.tck.LedgerLocation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("I1, I2, I4, I6, I7, I11, I12, I20: what real threads see")
class HistoriesTest {
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");
    static final int CLIENTS = 4;
    private static final int ASKS = 9;

    private static int histories(Stores kind) {
        return switch (kind) {
            case MEMORY -> FULL ? 4_000 : 400;
            case JSON -> FULL ? 2_000 : 60;
            default -> FULL ? 1_000 : 20;
        };
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @DisplayName("is explained by one operation after the other, on every store, also where answers are lost")
    void isLinearizable(Stores kind) throws Exception {
        int count = histories(kind);
        int unknown = 0;
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        LedgerLocation location = kind.location();
        List<LedgerStore> stores = new ArrayList<>();
        try {
            Instant now = Instant.ofEpochMilli(1_800_000_000_000L);
            for (int i = 0; i < (kind == Stores.MEMORY ? 1 : 2); i++) {
                stores.add(location.open(() -> now));
            }
            for (int seed = 0; seed < count; seed++) {
                List<Event> history = record(threads, stores, seed);
                unknown +=
                        (int) history.stream().filter(event -> !event.known()).count();
                assertThat(Checker.accepts(history))
                        .as("history %d in %s:\n%s", seed, kind, shown(history))
                        .isTrue();
            }
            assertThat(stores.get(0).verify().differences()).isEmpty();
        } finally {
            threads.shutdownNow();
            stores.forEach(LedgerStore::close);
            location.close();
        }
        Survival.of(
                        "answers lost among " + CLIENTS + " threads",
                        kind.name().toLowerCase(java.util.Locale.ROOT),
                        getClass())
                .tried(unknown)
                .wrong(0)
                .outcome("histories explained", count)
                .keep();
    }

    static List<Event> record(ExecutorService threads, List<LedgerStore> stores, int seed) throws Exception {
        String prefix = "r" + seed + "-";
        stores.get(0).apply(Ask.definitions(prefix));
        CountDownLatch start = new CountDownLatch(CLIENTS);
        List<Future<List<Event>>> running = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Recorder recorder = new Recorder(stores.get(client % stores.size()), prefix, client, seed);
            running.add(threads.submit(() -> {
                start.countDown();
                start.await();
                recorder.ask(ASKS);
                return recorder.events;
            }));
        }
        List<Event> history = new ArrayList<>();
        for (Future<List<Event>> each : running) {
            history.addAll(each.get());
        }
        Recorder last = new Recorder(stores.get(stores.size() - 1), prefix, CLIENTS, seed);
        last.audit();
        history.addAll(last.events);
        return history;
    }

    static String shown(List<Event> history) {
        return history.stream()
                .sorted(Comparator.comparingLong(Event::invoked))
                .map(Event::toString)
                .collect(Collectors.joining("\n"));
    }
}
