package io.holdfast.evidence.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.store.jdbc.TestLedgers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Their common clock is the machine's: {@link System#nanoTime()} counts from when it started, in every process. */
@DisplayName("I1, I2, I6, I7, I11, I12: what real processes see")
class ProcessHistoriesTest {
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");
    private static final int PROCESSES = 3;
    private static final int ROUNDS = FULL ? 200 : 10;
    private static final int ASKS = 10;
    private static final long SEED = 20_261_125;
    private static final long LONGEST_MINUTES = FULL ? 10 : 2;

    @TempDir
    Path scratch;

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"JSON", "SQLITE", "POSTGRESQL", "MARIADB"})
    @DisplayName("is explained by one operation after the other, on every store that processes share")
    void isLinearizable(String kind) throws Exception {
        String url = kind.equals("JSON") ? "json:" + scratch.resolve("ledger") : TestLedgers.url(kind);
        List<Process> processes = new ArrayList<>();
        try (LedgerStore store = LedgerStores.open(url, null)) {
            for (int round = 0; round < ROUNDS; round++) {
                store.apply(Ask.definitions("r" + round + "-"));
            }
            for (int client = 0; client < PROCESSES; client++) {
                processes.add(start(url, client));
            }
            awaitReady(processes);
            Files.createFile(scratch.resolve("go"));
            List<List<Event>> histories = histories(processes);
            for (int round = 0; round < ROUNDS; round++) {
                Recorder last = new Recorder(store, "r" + round + "-", PROCESSES, 0);
                last.audit();
                histories.get(round).addAll(last.events);
                assertThat(histories.get(round)).hasSize(PROCESSES * ASKS + Ask.USERS.size());
                assertThat(Checker.accepts(histories.get(round)))
                        .as("round %d in %s:\n%s", round, kind, HistoriesTest.shown(histories.get(round)))
                        .isTrue();
            }
            assertThat(store.verify().differences()).isEmpty();
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private Process start(String url, int client) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HistoryWorker.class.getName(),
                        url,
                        scratch.toString(),
                        Integer.toString(client),
                        Long.toString(SEED),
                        Integer.toString(ROUNDS),
                        Integer.toString(ASKS))
                .redirectOutput(scratch.resolve("out-" + client).toFile())
                .redirectError(scratch.resolve("err-" + client).toFile())
                .start();
    }

    private void awaitReady(List<Process> processes) throws Exception {
        for (int client = 0; client < PROCESSES; client++) {
            while (!Files.exists(scratch.resolve("ready-" + client))) {
                assertThat(processes.get(client).isAlive())
                        .as("process %d is up: %s", client, scratch.resolve("err-" + client))
                        .isTrue();
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private List<List<Event>> histories(List<Process> processes) throws Exception {
        List<List<Event>> histories = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            histories.add(new ArrayList<>());
        }
        for (int client = 0; client < PROCESSES; client++) {
            assertThat(processes.get(client).waitFor(LONGEST_MINUTES, TimeUnit.MINUTES))
                    .as("process %d ended", client)
                    .isTrue();
            assertThat(processes.get(client).exitValue())
                    .as("%s", Files.readString(scratch.resolve("err-" + client)))
                    .isZero();
            for (String line : Files.readAllLines(scratch.resolve("out-" + client))) {
                String[] parts = line.split("\\|");
                Ask ask = Ask.parse(parts[3]);
                String answer = parts[4].equals("?") ? null : parts[4];
                histories
                        .get(Integer.parseInt(parts[0]))
                        .add(new Event(client, ask, answer, Long.parseLong(parts[1]), Long.parseLong(parts[2])));
            }
        }
        return histories;
    }
}
