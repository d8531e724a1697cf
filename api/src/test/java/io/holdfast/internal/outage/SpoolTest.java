package io.holdfast.internal.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.StoreException;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The spool")
@Timeout(60)
class SpoolTest {
    private static final Detail DETAIL =
            new Detail(new Usage(1, 2, 3, 4, 5, Usd.of("0.000000006")), Map.of("tool", "search", "ü", ""));
    private static final SpoolRecord OPENED = new SpoolRecord.Opened(new Operation.Reserve(
            OperationId.given("call"), "alice", null, "m", new Amounts(7, 8, 9, 1), 60_000, OnExpiry.RELEASE, DETAIL));
    private static final SpoolRecord COMMIT = new SpoolRecord.Owed(
            new Operation.Commit("alice", "call", new Amounts(Amounts.UNPRICED, 8, 9, 1), true, DETAIL));
    private static final SpoolRecord RELEASE = new SpoolRecord.Owed(new Operation.Release("alice", "other"));
    private static final SpoolRecord BOOK = new SpoolRecord.Owed(
            new Operation.Book(new OperationId("made", false), "alice", "session", "m", Amounts.NONE, Detail.NONE));
    private static final SpoolRecord VOIDED = new SpoolRecord.Voided("alice", "lost");
    private static final List<SpoolRecord> ALL = List.of(OPENED, COMMIT, RELEASE, BOOK, VOIDED);

    @TempDir
    private Path directory;

    private Spool open() {
        return Spool.open(directory, 1_000);
    }

    private Path file() {
        return directory.resolve(Spool.FILE);
    }

    private List<SpoolRecord> reopened() {
        try (Spool spool = open()) {
            return List.copyOf(spool.outstanding().values());
        }
    }

    private void write(List<SpoolRecord> records) {
        try (Spool spool = open()) {
            records.forEach(spool::add);
        }
    }

    @Test
    @DisplayName("gives every kind of record back, in order, with its number")
    void roundTrip() {
        write(ALL);
        try (Spool spool = open()) {
            assertThat(spool.outstanding().values()).containsExactlyElementsOf(ALL);
            assertThat(spool.outstanding().keySet()).containsExactly(1L, 2L, 3L, 4L, 5L);
            assertThat(spool.add(RELEASE)).isGreaterThan(5);
        }
    }

    @Test
    @DisplayName("forgets what is done, and is empty when all is")
    void done() throws IOException {
        try (Spool spool = open()) {
            ALL.forEach(spool::add);
            spool.done(List.of(2L, 4L));
            assertThat(spool.size()).isEqualTo(3);
        }
        assertThat(reopened()).containsExactly(OPENED, RELEASE, VOIDED);
        try (Spool spool = open()) {
            spool.done(List.copyOf(spool.outstanding().keySet()));
        }
        assertThat(Files.size(file())).isZero();
        assertThat(reopened()).isEmpty();
    }

    @Test
    @DisplayName("puts a record in the place of others in one step, wherever its tail is torn")
    void exchanges() throws IOException {
        write(List.of(OPENED, COMMIT, RELEASE));
        long before = Files.size(file());
        try (Spool spool = open()) {
            assertThat(spool.exchange(List.of(1L, 2L), BOOK)).isEqualTo(4);
            assertThat(spool.outstanding().values()).containsExactly(RELEASE, BOOK);
        }
        assertThat(reopened()).containsExactly(RELEASE, BOOK);
        byte[] all = Files.readAllBytes(file());
        for (int length = (int) before; length < all.length; length++) {
            Files.write(file(), Arrays.copyOf(all, length));
            assertThat(reopened()).as("cut at %d", length).containsExactly(OPENED, COMMIT, RELEASE);
        }
    }

    @Test
    @DisplayName("stays small while one record waits for long")
    void compacts() throws IOException {
        Map<String, String> tags = new HashMap<>();
        for (int tag = 0; tag < 30; tag++) {
            tags.put("tag-" + tag, "x".repeat(1_000));
        }
        SpoolRecord large = new SpoolRecord.Owed(
                new Operation.Commit("alice", "call", Amounts.NONE, false, new Detail(Usage.NONE, tags)));
        try (Spool spool = open()) {
            spool.add(OPENED);
            for (int round = 0; round < 4; round++) {
                List<Long> numbers = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    numbers.add(spool.add(large));
                }
                spool.done(numbers);
                assertThat(Files.size(file())).isLessThan(1_000);
            }
            spool.add(RELEASE);
        }
        assertThat(reopened()).containsExactly(OPENED, RELEASE);
    }

    @Test
    @DisplayName("cuts a torn tail, wherever it was torn")
    void tornTail() throws IOException {
        write(ALL.subList(0, 2));
        long whole = Files.size(file());
        write(List.of(BOOK));
        byte[] all = Files.readAllBytes(file());
        for (int length = (int) whole; length < all.length; length++) {
            Files.write(file(), Arrays.copyOf(all, length));
            assertThat(reopened()).as("cut at %d", length).containsExactly(OPENED, COMMIT);
            assertThat(Files.size(file())).isEqualTo(whole);
        }
    }

    @Test
    @DisplayName("refuses to open when damaged before its tail, and names the place")
    void damage() throws IOException {
        write(List.of(OPENED));
        int first = (int) Files.size(file());
        write(List.of(COMMIT, RELEASE));
        byte[] all = Files.readAllBytes(file());
        for (int at = 0; at < first; at++) {
            byte[] damaged = all.clone();
            damaged[at] ^= 0x10;
            Files.write(file(), damaged);
            assertThatThrownBy(this::open)
                    .as("damaged at %d", at)
                    .isInstanceOf(CorruptLedgerException.class)
                    .hasMessageContaining("offset 0");
            assertThat(Files.readAllBytes(file())).isEqualTo(damaged);
        }
    }

    @Test
    @DisplayName("takes nothing after it is closed, and cannot lie where a file is")
    void closed() throws IOException {
        Spool spool = open();
        spool.close();
        assertThatThrownBy(() -> spool.add(RELEASE)).isInstanceOf(StoreException.class);
        Path taken = Files.createFile(directory.resolve("taken"));
        assertThatThrownBy(() -> Spool.open(taken, 1)).isInstanceOf(StoreException.class);
    }

    @Test
    @DisplayName("that is large is not written anew for each record that is done")
    void compactsSeldom() throws IOException {
        Map<String, String> tags = new HashMap<>();
        for (int tag = 0; tag < 30; tag++) {
            tags.put("tag-" + tag, "x".repeat(1_000));
        }
        SpoolRecord large = new SpoolRecord.Owed(
                new Operation.Commit("alice", "call", Amounts.NONE, false, new Detail(Usage.NONE, tags)));
        try (Spool spool = open()) {
            List<Long> numbers = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                numbers.add(spool.add(large));
            }
            Set<Object> files = new HashSet<>();
            for (long number : numbers.subList(0, 119)) {
                spool.done(List.of(number));
                files.add(
                        Files.readAttributes(file(), BasicFileAttributes.class).fileKey());
            }
            assertThat(files).as("files written in all").hasSizeLessThan(8);
            assertThat(Files.size(file())).isLessThan(1 << 20);
        }
        assertThat(reopened()).containsExactly(large);
    }

    /** Tries to open a spool, as another process. */
    static final class Intruder {
        private static final int REFUSED = 3;

        private Intruder() {}

        public static void main(String[] arguments) {
            try (Spool spool = Spool.open(Path.of(arguments[0]), 10)) {
                spool.add(RELEASE);
            } catch (InvalidInputException refused) {
                System.exit(REFUSED);
            }
        }
    }

    private int intrude() throws IOException, InterruptedException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Intruder.class.getName(),
                        directory.toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    @Test
    @DisplayName("is closed to other processes, also after this one has tried to open it twice")
    void oneProcess() throws IOException, InterruptedException {
        try (Spool spool = open()) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("another manager");
            assertThat(intrude()).isEqualTo(Intruder.REFUSED);
            spool.add(BOOK);
        }
        assertThat(intrude()).as("once it is closed").isZero();
        assertThat(reopened()).containsExactly(BOOK, RELEASE);
    }
}
