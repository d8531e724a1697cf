package io.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.survival.Fuzzer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Any bytes whatever")
class DecoderFuzzTest {
    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);

    /** Returns a file of a ledger that has seen every kind of change, with a first byte that says what becomes of checksums. */
    private static List<byte[]> examples(String name, long segmentBytes) {
        FakeDisk disk = new FakeDisk();
        try (JsonStore store =
                JsonStore.open(Path.of("ledger"), disk, () -> NOW, new Settings(segmentBytes, Runnable::run))) {
            store.apply(Workload.definitions());
            Workload workload = new Workload(new Random(3), "f");
            // The first snapshot is deleted by the second but one.
            for (int i = 0; i < 40 && !disk.contents().containsKey("snapshot-00000002.jsonl"); i++) {
                store.apply(workload.batch(3));
            }
        }
        byte[] file = disk.get(name);
        byte[] asIs = new byte[file.length + 1];
        System.arraycopy(file, 0, asIs, 1, file.length);
        byte[] putRight = asIs.clone();
        putRight[0] = 1;
        return List.of(asIs, putRight, Arrays.copyOf(putRight, putRight.length / 3));
    }

    @Test
    @DisplayName("in a segment of the journal are read, cut off or refused by name")
    void journal() throws Exception {
        List<byte[]> examples = examples("journal-00000001.jsonl", 6_000);
        Fuzzer.fuzz("journal of JSON files", JournalFuzz.class, DecoderFuzzTest.class, examples);
    }

    @Test
    @DisplayName("in a snapshot are read or refused by name")
    void snapshot() throws Exception {
        List<byte[]> examples = examples("snapshot-00000002.jsonl", 1_500);
        Fuzzer.fuzz("snapshot of JSON files", SnapshotFuzz.class, DecoderFuzzTest.class, examples);
    }

    @Test
    @DisplayName("that were found before, or thought of, are read or refused")
    void found() throws IOException {
        assertThat(Fuzzer.replay(JournalFuzz.class, JournalFuzz::fuzzerTestOneInput))
                .isGreaterThan(5);
        assertThat(Fuzzer.replay(SnapshotFuzz.class, SnapshotFuzz::fuzzerTestOneInput))
                .isGreaterThan(5);
    }

    @Test
    @DisplayName("with checksums put right are lines again")
    void putRight() {
        byte[] example = examples("journal-00000001.jsonl", 6_000).get(1);
        byte[] changed = example.clone();
        changed[200] ^= 1;
        assertThat(Checksums.putRight(example)).isEqualTo(Arrays.copyOfRange(example, 1, example.length));
        assertThat(Checksums.putRight(changed)).isNotEqualTo(Arrays.copyOfRange(changed, 1, changed.length));
    }
}
