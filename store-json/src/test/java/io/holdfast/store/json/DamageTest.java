package io.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Entry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Amounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DamageTest {
    private static final Path PATH = Path.of("ledger");
    private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);
    private static final String FIRST = "journal-00000001.jsonl";
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");
    private static final Logger LOGGER = Logger.getLogger("io.holdfast.store.json");

    @BeforeAll
    static void quiet() {
        LOGGER.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        LOGGER.setLevel(null);
    }

    private static JsonStore open(FakeDisk disk) {
        return JsonStore.open(PATH, disk, () -> NOW, Settings.DEFAULT);
    }

    private static JsonStore openTiny(FakeDisk disk) {
        return JsonStore.open(PATH, disk, () -> NOW, new Settings(1_000, Runnable::run));
    }

    private static Operation book(int number) {
        return new Operation.Book(
                OperationId.given("b" + number), "s", "session", "m", new Amounts(number, 1, 2, 1), Detail.NONE);
    }

    /** Books one after the other, and the last two in one batch. */
    private static FakeDisk ledger(int bookings, boolean tiny) {
        FakeDisk disk = new FakeDisk();
        try (JsonStore store = tiny ? openTiny(disk) : open(disk)) {
            store.apply(new Operation.Define(
                    new ScopeDefinition("s", null, List.of(Limit.calls(1_000, Window.lifetime()))), false));
            for (int i = 0; i < bookings - 2; i++) {
                store.apply(book(i));
            }
            store.apply(List.of(book(bookings - 2), book(bookings - 1)));
        }
        return disk;
    }

    private static List<String> booked(FakeDisk disk) {
        try (JsonStore store = open(disk)) {
            assertThat(store.verify().differences()).isEmpty();
            List<String> ids = new ArrayList<>();
            store.entries(Instant.EPOCH, NOW.plusMillis(1), entry -> ids.add(entry.operationId()));
            if (!ids.isEmpty()) {
                Outcome.Inspected inspected = (Outcome.Inspected) store.apply(new Operation.Inspect("s", null));
                assertThat(inspected.limits().get(0).committed()).isEqualTo(ids.size());
            }
            return ids;
        }
    }

    private static FakeDisk copy(FakeDisk disk) {
        return disk.afterKill();
    }

    @Test
    void anyFlippedBitOfWhatWasAcknowledgedIsFoundAndNothingIsChanged() {
        FakeDisk disk = ledger(6, false);
        byte[] whole = disk.get(FIRST);
        for (int at = 0; at < whole.length; at++) {
            for (int bit = at % 3; bit < 8; bit += 3) {
                FakeDisk damaged = copy(disk);
                byte[] bytes = whole.clone();
                bytes[at] ^= (byte) (1 << bit);
                damaged.put(FIRST, bytes);
                String context = "bit " + bit + " of byte " + at;
                assertThatThrownBy(() -> open(damaged))
                        .as(context)
                        .isInstanceOf(CorruptLedgerException.class)
                        .hasMessageContaining(FIRST)
                        .hasMessageContaining("byte ");
                assertThat(damaged.get(FIRST)).as(context).isEqualTo(bytes);
            }
        }
    }

    /**
     * Whatever byte of whatever file is another, or missing with all after it, the ledger is refused by name, or what it
     * counts and lists is all that was booked: never less without a word.
     */
    @Test
    void noDamageToAnyFileMakesTheSumSmallerUnnoticed() {
        FakeDisk whole = ledger(FULL ? 60 : 24, true);
        List<String> expected = booked(copy(whole));
        Map<String, Integer> flips = new TreeMap<>();
        Map<String, Integer> cuts = new TreeMap<>();
        for (String name : whole.contents().keySet()) {
            byte[] bytes = whole.get(name);
            for (int at = 0; at < bytes.length; at++) {
                for (int bit = FULL ? 0 : at % 8; bit < 8; bit += FULL ? 1 : 8) {
                    byte[] flipped = bytes.clone();
                    flipped[at] ^= (byte) (1 << bit);
                    String came = cameOf(whole, name, flipped, expected, "bit " + bit + " of byte " + at);
                    flips.merge(came, 1, Integer::sum);
                }
                cuts.merge(cameOf(whole, name, Arrays.copyOf(bytes, at), expected, "cut at " + at), 1, Integer::sum);
            }
        }
        assertThat(flips.keySet()).contains("refused when opened");
        keep("bit flipped, in every byte of every file", flips);
        keep("file cut, at every byte of every file", cuts);
    }

    private static String cameOf(FakeDisk whole, String name, byte[] bytes, List<String> expected, String what) {
        FakeDisk damaged = copy(whole);
        damaged.put(name, bytes);
        String context = name + ", " + what;
        try (JsonStore store = open(damaged)) {
            Outcome.Inspected inspected = (Outcome.Inspected) store.apply(new Operation.Inspect("s", null));
            assertThat(inspected.limits().get(0).committed()).as(context).isEqualTo(expected.size());
            try {
                List<String> ids = new ArrayList<>();
                store.entries(Instant.EPOCH, NOW.plusMillis(1), entry -> ids.add(entry.operationId()));
                assertThat(ids).as(context).isEqualTo(expected);
                assertThat(store.verify().differences()).as(context).isEmpty();
                return "harmless";
            } catch (CorruptLedgerException found) {
                assertThat(found).as(context).hasMessageContaining("journal-");
                return "refused when read";
            }
        } catch (CorruptLedgerException found) {
            assertThat(damaged.get(name)).as(context).isEqualTo(bytes);
            return "refused when opened";
        }
    }

    private static void keep(String fault, Map<String, Integer> outcomes) {
        Survival row = Survival.of(fault, "JSON files", DamageTest.class)
                .tried(outcomes.values().stream().mapToInt(Integer::intValue).sum())
                .lost(0)
                .wrong(0);
        outcomes.forEach(row::outcome);
        row.keep();
    }

    @Test
    void withoutTheMarkOfWhatIsOnTheDiskOnlyTheLastBatchCanBeTakenForUnfinished() {
        FakeDisk disk = ledger(6, false);
        disk.remove("synced");
        byte[] whole = disk.get(FIRST);
        int lastBatch = start(whole, 2);
        for (int at = 0; at < whole.length; at++) {
            FakeDisk damaged = copy(disk);
            byte[] bytes = whole.clone();
            bytes[at] ^= (byte) (1 << (at % 8));
            damaged.put(FIRST, bytes);
            if (at < lastBatch) {
                assertThatThrownBy(() -> open(damaged), "byte " + at).isInstanceOf(CorruptLedgerException.class);
                assertThat(damaged.get(FIRST)).isEqualTo(bytes);
            } else if (claims(bytes, lastBatch) != claims(whole, lastBatch)) {
                assertThatThrownBy(() -> open(damaged), "byte " + at).isInstanceOf(CorruptLedgerException.class);
            } else {
                assertThat(booked(damaged)).as("byte " + at).containsExactly("b0", "b1", "b2", "b3");
                assertThat(damaged.get(FIRST)).isEqualTo(Arrays.copyOf(whole, lastBatch));
                assertThat(damaged.get("journal-00000001.cut-" + lastBatch))
                        .isEqualTo(Arrays.copyOfRange(bytes, lastBatch, bytes.length));
            }
        }
    }

    @Test
    void aBatchThatItsWriterDidNotFinishIsCutOffWhereverItEnds() {
        FakeDisk disk = ledger(6, false);
        byte[] whole = disk.get(FIRST);
        int lastBatch = start(whole, 2);
        FakeDisk before = copy(disk);
        before.remove("synced");
        before.put(FIRST, Arrays.copyOf(whole, lastBatch));
        booked(before);
        for (int length = lastBatch; length < whole.length; length++) {
            FakeDisk torn = copy(before);
            torn.put(FIRST, Arrays.copyOf(whole, length));
            assertThat(booked(torn)).as("length " + length).containsExactly("b0", "b1", "b2", "b3");
            assertThat(torn.get(FIRST)).isEqualTo(Arrays.copyOf(whole, lastBatch));
            FakeDisk lost = copy(disk);
            lost.put(FIRST, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> open(lost), "length " + length).isInstanceOf(CorruptLedgerException.class);
        }
    }

    @Test
    void whateverFollowsTheLastBatchIsCutOff() {
        FakeDisk disk = ledger(4, false);
        byte[] whole = disk.get(FIRST);
        Random random = new Random(5);
        byte[] garbage = new byte[3_000];
        random.nextBytes(garbage);
        byte[] blank = new byte[10_000];
        byte[] again = Arrays.copyOfRange(whole, start(whole, 1), whole.length);
        for (byte[] tail : List.of(garbage, blank, again, "\n".getBytes(StandardCharsets.UTF_8))) {
            FakeDisk longer = copy(disk);
            byte[] bytes = Arrays.copyOf(whole, whole.length + tail.length);
            System.arraycopy(tail, 0, bytes, whole.length, tail.length);
            longer.put(FIRST, bytes);
            assertThat(booked(longer)).hasSize(4);
            assertThat(longer.get(FIRST)).isEqualTo(whole);
        }
    }

    @Test
    void aRunningStoreCutsOffWhatAKilledOneLeft() {
        FakeDisk disk = new FakeDisk();
        try (JsonStore store = open(disk)) {
            store.apply(new Operation.Define(new ScopeDefinition("s", null, List.of()), false));
            store.apply(book(1));
            byte[] whole = disk.get(FIRST);
            byte[] torn = Arrays.copyOf(whole, whole.length + 20);
            System.arraycopy(whole, start(whole, 1), torn, whole.length, 20);
            disk.put(FIRST, torn);
        }
        FakeDisk shared = copy(disk);
        JsonStore store = open(shared);
        byte[] whole = shared.get(FIRST);
        try (JsonStore other = open(shared)) {
            other.apply(book(2));
        }
        assertThat(((Outcome.Booked) store.apply(book(2))).repeated()).isTrue();
        store.close();
        assertThat(shared.get(FIRST).length).isGreaterThan(whole.length);
    }

    @Test
    void aRunningStoreSeesThatTheEndWasReplacedByAsMuch() throws IOException {
        FakeDisk disk = new FakeDisk();
        try (JsonStore store = open(disk)) {
            store.apply(new Operation.Define(
                    new ScopeDefinition("s", null, List.of(Limit.calls(1_000, Window.lifetime()))), false));
            store.apply(book(1));
            FakeDisk other = copy(disk);
            store.apply(book(2));
            try (JsonStore elsewhere = open(other)) {
                elsewhere.apply(book(3));
            }
            byte[] replacement = other.get(FIRST);
            assertThat(replacement).hasSameSizeAs(disk.get(FIRST));
            try (StorageFile file = disk.open(PATH.resolve(FIRST), StorageIo.Mode.WRITE)) {
                file.write(0, replacement, 0, replacement.length);
            }
            assertThat(((Outcome.Booked) store.apply(book(3))).repeated()).isTrue();
            assertThat(((Outcome.Booked) store.apply(book(2))).repeated()).isFalse();
            assertThat(store.verify().differences()).isEmpty();
        }
        assertThat(booked(disk)).containsExactly("b1", "b3", "b2");
    }

    @Test
    void damageToASnapshotCostsTimeOnly() {
        FakeDisk disk = ledger(40, true);
        List<String> snapshots = disk.contents().keySet().stream()
                .filter(name -> name.startsWith("snapshot-"))
                .toList();
        assertThat(snapshots).hasSize(2);
        List<String> expected = booked(copy(disk));
        assertThat(expected).hasSize(40);
        Random random = new Random(6);
        for (int round = 0; round < 200; round++) {
            FakeDisk damaged = copy(disk);
            for (String name : snapshots) {
                byte[] bytes = damaged.get(name);
                switch (random.nextInt(5)) {
                    case 0 -> damaged.remove(name);
                    case 1 -> damaged.put(name, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
                    case 2 -> damaged.put(name, Arrays.copyOf(bytes, bytes.length + 1));
                    default -> {
                        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                        damaged.put(name, bytes);
                    }
                }
            }
            assertThat(booked(damaged)).as("round " + round).isEqualTo(expected);
        }
    }

    @Test
    void anotherLedgersSnapshotIsNotUsed() {
        FakeDisk disk = ledger(40, true);
        FakeDisk other = ledger(40, true);
        for (String name : other.contents().keySet()) {
            if (name.startsWith("snapshot-")) {
                disk.put(name, other.get(name));
            }
        }
        assertThat(booked(disk)).hasSize(40);
    }

    @Test
    void damageToAFinishedSegmentIsFoundByVerifying() {
        FakeDisk disk = ledger(40, true);
        byte[] bytes = disk.get(FIRST);
        bytes[bytes.length / 2] ^= 1;
        disk.put(FIRST, bytes);
        try (JsonStore store = openTiny(disk)) {
            assertThatThrownBy(store::verify)
                    .isInstanceOf(CorruptLedgerException.class)
                    .hasMessageContaining(FIRST);
            List<Entry> entries = new ArrayList<>();
            assertThatThrownBy(() -> store.entries(Instant.EPOCH, NOW.plusMillis(1), entries::add))
                    .isInstanceOf(CorruptLedgerException.class);
        }
    }

    @Test
    void missingSegmentsAreFound() {
        FakeDisk disk = ledger(40, true);
        List<String> segments = disk.contents().keySet().stream()
                .filter(name -> name.startsWith("journal-"))
                .toList();
        assertThat(segments).hasSizeGreaterThan(5);
        for (String segment : segments) {
            FakeDisk damaged = copy(disk);
            damaged.remove(segment);
            assertThatThrownBy(() -> openTiny(damaged), segment).isInstanceOf(CorruptLedgerException.class);
        }
    }

    @Test
    void aSegmentOfANewerFormatIsNotTouched() {
        FakeDisk disk = new FakeDisk();
        LineWriter line = new LineWriter();
        line.begin(Header.JOURNAL).number("format", 2).text("something", "new").end();
        byte[] bytes = Arrays.copyOf(line.bytes(), line.length());
        disk.put(FIRST, bytes);
        assertThatThrownBy(() -> open(disk))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("format 2")
                .hasMessageContaining("newer version");
        assertThat(disk.get(FIRST)).isEqualTo(bytes);
    }

    /** Returns what the line at the place says was on the disk, or what it says instead, if that is more. */
    private static long claims(byte[] bytes, int line) {
        String text = new String(bytes, line, bytes.length - line, StandardCharsets.ISO_8859_1);
        java.util.regex.Matcher claim =
                java.util.regex.Pattern.compile("\"synced\":([0-9]+)").matcher(text);
        return claim.find() && Long.parseLong(claim.group(1)) <= line + claim.start()
                ? Math.max(line, Long.parseLong(claim.group(1)))
                : line;
    }

    /** Returns where the last so many lines start. */
    private static int start(byte[] bytes, int lines) {
        int at = bytes.length;
        for (int i = 0; i < lines; i++) {
            at--;
            while (at > 0 && bytes[at - 1] != '\n') {
                at--;
            }
        }
        return at;
    }
}
