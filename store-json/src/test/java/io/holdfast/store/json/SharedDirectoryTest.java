package io.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.store.json.io.FileStorageIo;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Amounts;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedDirectoryTest {
    private static final Settings TINY = new Settings(6_000, Settings.DEFAULT.background());

    @TempDir
    Path directory;

    static JsonStore open(Path directory) {
        return JsonStore.open(directory, new FileStorageIo(), null, TINY);
    }

    private static Operation reserve(String id) {
        return new Operation.Reserve(
                OperationId.given(id), "s", null, "m", new Amounts(7, 1, 2, 1), 600_000, OnExpiry.CHARGE, Detail.NONE);
    }

    private static Operation commit(String id) {
        return new Operation.Commit("s", id, new Amounts(5, 1, 1, 1), false, Detail.NONE);
    }

    private static void define(LedgerStore store, long calls) {
        store.apply(new Operation.Define(
                new ScopeDefinition("s", null, List.of(Limit.calls(calls, Window.lifetime()))), false));
    }

    @Test
    void threadsOfTwoStoresAdmitExactlyWhatFitsWhileSegmentsEnd() throws Exception {
        try (JsonStore first = open(directory);
                JsonStore second = open(directory)) {
            define(first, 200);
            ExecutorService threads = Executors.newFixedThreadPool(6);
            List<Future<Integer>> held = new ArrayList<>();
            for (int t = 0; t < 6; t++) {
                JsonStore store = t % 2 == 0 ? first : second;
                String prefix = "t" + t + "-";
                held.add(threads.submit(() -> {
                    int admitted = 0;
                    for (int i = 0; i < 60; i++) {
                        if (store.apply(reserve(prefix + i)) instanceof Outcome.Held) {
                            admitted++;
                            if (i % 2 == 0) {
                                assertThat(store.apply(commit(prefix + i))).isInstanceOf(Outcome.Settled.class);
                            }
                        }
                    }
                    return admitted;
                }));
            }
            int admitted = 0;
            for (Future<Integer> each : held) {
                admitted += each.get();
            }
            threads.shutdown();
            assertThat(admitted).isEqualTo(200);
            assertThat(first.verify().differences()).isEmpty();
            assertThat(second.verify().differences()).isEmpty();
        }
        try (JsonStore again = open(directory)) {
            assertThat(again.verify().differences()).isEmpty();
            assertThat(again.apply(reserve("more"))).isInstanceOf(Outcome.Denied.class);
        }
        assertThat(directory.toFile().list()).hasSizeGreaterThan(10).anyMatch(name -> name.startsWith("snapshot-"));
    }

    @Test
    void anInterruptedCallerLosesNothingAndStaysInterrupted() throws Exception {
        try (JsonStore store = open(directory)) {
            define(store, 1_000);
            ExecutorService threads = Executors.newFixedThreadPool(2);
            Callable<Boolean> interrupted = () -> {
                boolean always = true;
                String prefix = Thread.currentThread().getName() + "-";
                for (int i = 0; i < 40; i++) {
                    Thread.currentThread().interrupt();
                    assertThat(store.apply(reserve(prefix + i))).isInstanceOf(Outcome.Held.class);
                    always &= Thread.currentThread().isInterrupted();
                }
                return always && Thread.interrupted();
            };
            List<Future<Boolean>> results = threads.invokeAll(List.of(interrupted, interrupted));
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
            threads.shutdown();
            Outcome.Inspected inspected = (Outcome.Inspected) store.apply(new Operation.Inspect("s", null));
            assertThat(inspected.openHolds()).isEqualTo(80);
            assertThat(store.verify().differences()).isEmpty();
        }
    }

    @Test
    void processesThatAreKilledLoseNothingTheyAcknowledged() throws Exception {
        long seed = 20261122;
        Random random = new Random(seed);
        try (JsonStore store = open(directory)) {
            define(store, 1_000_000);
        }
        Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
        List<Child> children = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            children.add(new Child(directory, "p" + i, acknowledged));
        }
        int kills = Boolean.getBoolean("holdfast.full") ? 197 : 5;
        for (int kill = 0; kill < kills; kill++) {
            int victim = random.nextInt(children.size());
            children.get(victim).awaitAcknowledgements(20 + random.nextInt(60));
            children.get(victim).kill();
            children.set(victim, new Child(directory, "k" + kill, acknowledged));
        }
        for (Child child : children) {
            child.awaitAcknowledgements(10);
            child.kill();
        }
        assertThat(acknowledged).hasSizeGreaterThan(100);
        try (JsonStore store = open(directory)) {
            Map<String, Integer> found = new HashMap<>();
            store.entries(
                    Instant.EPOCH,
                    Instant.now().plusSeconds(60),
                    entry -> found.merge(entry.operationId(), 1, Integer::sum));
            for (String id : acknowledged) {
                assertThat(found).as("seed %d: acknowledged %s", seed, id).containsEntry(id, 1);
            }
            assertThat(found.values()).as("seed %d", seed).allMatch(count -> count == 1);
            assertThat(store.verify().differences()).as("seed %d", seed).isEmpty();
            Outcome.Inspected inspected = (Outcome.Inspected) store.apply(new Operation.Inspect("s", null));
            assertThat(inspected.limits().get(0).committed()).isEqualTo(found.size());
            Survival.of("SIGKILL of a writer", "JSON files", SharedDirectoryTest.class)
                    .seed(seed)
                    .tried(kills + children.size())
                    .lost(0)
                    .doubled(0)
                    .outcome("acknowledged", acknowledged.size())
                    .keep();
        }
    }

    /** A process that books until it is killed. */
    private static final class Child {
        private final Process process;
        private final Thread reader;
        private int seen;

        Child(Path directory, String name, Queue<String> acknowledged) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path").replace(File.pathSeparator + File.pathSeparator, ""),
                            KilledProcess.class.getName(),
                            directory.toString(),
                            name)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            reader = new Thread(() -> read(lines, acknowledged));
            reader.start();
        }

        private void read(BufferedReader lines, Queue<String> acknowledged) {
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.endsWith(".")) {
                        acknowledged.add(line.substring(0, line.length() - 1));
                        synchronized (this) {
                            seen++;
                            notifyAll();
                        }
                    }
                }
            } catch (IOException killed) {
                // what was read until then counts
            }
            synchronized (this) {
                seen = Integer.MAX_VALUE;
                notifyAll();
            }
        }

        synchronized void awaitAcknowledgements(int count) throws InterruptedException {
            while (seen < count) {
                wait();
            }
            assertThat(seen).as("the process died by itself").isLessThan(Integer.MAX_VALUE);
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
            reader.join();
        }
    }
}
