package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.survival.Survival;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes that share a ledger and are killed lose nothing that was answered, and nothing is booked twice. */
class KilledProcessTest {
    private static final int PROCESSES = 3;
    private static final int CALLS = 40;
    private static final int ROUNDS = Boolean.getBoolean("holdfast.full") ? 100 : 2;

    /** Books so many times unless it is killed, and tells each id once it is answered. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) {
            long most = Long.parseLong(arguments[2]);
            try (LedgerStore store = LedgerStores.open(arguments[0])) {
                for (int i = 0; i < most; i++) {
                    String id = arguments[1] + "-" + i;
                    store.apply(List.of(Ops.reserve(id, "s", 3), Ops.commit(id, "s", 2)));
                    System.out.println("ACK " + id);
                    System.out.flush();
                }
            }
        }
    }

    @ParameterizedTest(name = "on {0}")
    @EnumSource
    void killed(TestServer server) throws IOException, InterruptedException {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Random random = new Random(seed);
        int writers = 2;
        TestDatabase database = server.fresh();
        String url =
                database.url() + (server == TestServer.H2 ? ";AUTO_SERVER=TRUE;" : "&") + "holdfast.schema=if-missing";
        Set<String> acknowledged = Collections.synchronizedSet(new HashSet<>());
        try {
            try (LedgerStore store = LedgerStores.open(url)) {
                store.apply(Ops.define("s", 1_000_000));
            }
            for (int round = 0; round < ROUNDS; round++) {
                List<Process> processes = new ArrayList<>();
                List<Thread> readers = new ArrayList<>();
                int before = acknowledged.size();
                for (int writer = 0; writer < writers; writer++) {
                    Process process = start(url, "w" + round + "." + writer, Long.MAX_VALUE);
                    processes.add(process);
                    Thread reader = new Thread(() -> read(process, acknowledged));
                    reader.start();
                    readers.add(reader);
                }
                int enough = before + 20 + random.nextInt(40);
                while (acknowledged.size() < enough && processes.get(0).isAlive()) {
                    Thread.onSpinWait();
                    Thread.yield();
                }
                processes.forEach(Process::destroyForcibly);
                for (Process process : processes) {
                    process.waitFor();
                }
                for (Thread reader : readers) {
                    reader.join();
                }
                assertThat(acknowledged.size()).as("seed %d", seed).isGreaterThan(before);
            }
            try (LedgerStore store = LedgerStores.open(url)) {
                List<String> booked = Ops.entries(store).stream()
                        .filter(entry -> entry.kind() == EntryKind.COMMITTED)
                        .map(Entry::operationId)
                        .collect(Collectors.toList());
                assertThat(booked).as("seed %d", seed).doesNotHaveDuplicates().containsAll(acknowledged);
                assertThat(Ops.state(store, "s").committed()).isEqualTo(2L * booked.size());
                Ops.assertClean(store);
            }
            Survival.of("SIGKILL of a writer", server.toString(), KilledProcessTest.class)
                    .seed(seed)
                    .tried((long) ROUNDS * writers)
                    .lost(0)
                    .doubled(0)
                    .outcome("acknowledged", acknowledged.size())
                    .keep();
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest(name = "on {0}")
    @EnumSource
    void together(TestServer server) throws IOException, InterruptedException {
        TestDatabase database = server.fresh();
        String url =
                database.url() + (server == TestServer.H2 ? ";AUTO_SERVER=TRUE;" : "&") + "holdfast.schema=if-missing";
        Set<String> acknowledged = Collections.synchronizedSet(new HashSet<>());
        try (LedgerStore store = LedgerStores.open(url)) {
            assertThat(store.traits().shared()).isTrue();
            store.apply(Ops.define("s", 3L * PROCESSES * CALLS));
            List<Process> processes = new ArrayList<>();
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < PROCESSES; i++) {
                Process process = start(url, "w0." + i, CALLS);
                processes.add(process);
                Thread reader = new Thread(() -> read(process, acknowledged));
                reader.start();
                readers.add(reader);
            }
            for (Process process : processes) {
                assertThat(process.waitFor()).isZero();
            }
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(acknowledged).hasSize(PROCESSES * CALLS);
            assertThat(Ops.entries(store).stream().map(Entry::operationId))
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(acknowledged);
            assertThat(Ops.state(store, "s").committed()).isEqualTo(2L * PROCESSES * CALLS);
            assertThat(Ops.state(store, "s").held()).isZero();
            Ops.assertClean(store);
        } finally {
            database.drop();
        }
    }

    private static Process start(String url, String name, long calls) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Writer.class.getName(),
                        url,
                        name,
                        Long.toString(calls))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void read(Process process, Set<String> acknowledged) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                // The last line may have been cut by the kill.
                if (line.matches("ACK w[0-9]+\\.[0-9]+-[0-9]+")) {
                    acknowledged.add(line.substring(4));
                }
            }
        } catch (IOException killed) {
            // There is no more to read.
        }
    }
}
