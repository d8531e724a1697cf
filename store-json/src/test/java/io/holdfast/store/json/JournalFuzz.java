package io.holdfast.store.json;

import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.StoreException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Opens a ledger whose first segment is any bytes: as they are, or with checksums that fit, so that the decoder sees them. */
public final class JournalFuzz {
    private static final Logger LOGGER = Logger.getLogger("io.holdfast.store.json");
    private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);

    private JournalFuzz() {}

    /**
     * Decodes.
     *
     * @param bytes a journal; the first tells whether its checksums are put right
     */
    public static void fuzzerTestOneInput(byte[] bytes) {
        LOGGER.setLevel(Level.OFF);
        FakeDisk disk = new FakeDisk();
        disk.put("journal-00000001.jsonl", Checksums.putRight(bytes));
        try (JsonStore store = JsonStore.open(Path.of("ledger"), disk, () -> NOW, Settings.DEFAULT)) {
            if (!store.verify().differences().isEmpty()) {
                throw new AssertionError(store.verify().differences());
            }
            store.entries(Instant.EPOCH, Instant.MAX, entry -> {});
        } catch (CorruptLedgerException refused) {
            if (!String.valueOf(refused.getMessage()).contains("journal-00000001.jsonl")) {
                throw new AssertionError("the refusal names no file", refused);
            }
        } catch (StoreException newerFormat) {
            if (!String.valueOf(newerFormat.getMessage()).contains("newer version")) {
                throw newerFormat;
            }
        }
    }
}
