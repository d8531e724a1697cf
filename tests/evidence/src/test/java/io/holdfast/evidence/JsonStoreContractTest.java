package io.holdfast.evidence;

import io.holdfast.store.json.JsonStore;
import io.holdfast.store.json.Settings;
import io.holdfast.store.json.io.FileStorageIo;
import io.holdfast.tck.LedgerLocation;
import io.holdfast.tck.LedgerStoreContract;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The ledger on JSON files")
@ParameterizedClass(name = "with segments of {0} bytes")
@ValueSource(longs = {16 * 1024 * 1024, 2_048})
class JsonStoreContractTest extends LedgerStoreContract {
    private static final AtomicInteger LEDGERS = new AtomicInteger();

    @TempDir
    static Path scratch = Path.of("");

    @Parameter
    long segmentBytes;

    @Override
    protected LedgerLocation newLocation() {
        Path directory = scratch.resolve("ledger-" + LEDGERS.incrementAndGet());
        Settings settings = new Settings(segmentBytes, Settings.DEFAULT.background());
        return clock -> JsonStore.open(directory, new FileStorageIo(), clock, settings);
    }
}
