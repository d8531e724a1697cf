package io.holdfast.evidence;

import io.holdfast.store.json.JsonStore;
import io.holdfast.tck.LedgerLocation;
import io.holdfast.tck.LedgerStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The ledger in JSON files")
class JsonStoreContractTest extends LedgerStoreContract {
    @TempDir
    private Path directory;

    @Override
    protected LedgerLocation newLocation() {
        return clock -> JsonStore.open(directory, clock);
    }
}
