package io.holdfast.store.json;

import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Reads a snapshot that is any bytes: as they are, or with checksums that fit, so that the decoder sees them. */
public final class SnapshotFuzz {
    private SnapshotFuzz() {}

    /**
     * Decodes.
     *
     * @param bytes a snapshot; the first tells whether its checksums are put right
     */
    public static void fuzzerTestOneInput(byte[] bytes) {
        FakeDisk disk = new FakeDisk();
        disk.put("snapshot-00000002.jsonl", Checksums.putRight(bytes));
        try {
            SnapshotFile.read(new LedgerDirectory(Path.of("ledger"), disk), 2, () -> false);
        } catch (CorruptLedgerException refused) {
            if (!String.valueOf(refused.getMessage()).contains("snapshot-00000002.jsonl")) {
                throw new AssertionError("the refusal names no file", refused);
            }
        } catch (StoreException newerFormat) {
            if (!String.valueOf(newerFormat.getMessage()).contains("newer version")) {
                throw newerFormat;
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
