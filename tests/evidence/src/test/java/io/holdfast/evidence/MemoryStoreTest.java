package io.holdfast.evidence;

import io.holdfast.internal.MemoryStore;
import io.holdfast.tck.LedgerLocation;
import io.holdfast.tck.LedgerStoreContract;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The ledger in memory")
class MemoryStoreTest extends LedgerStoreContract {
    @Override
    protected LedgerLocation newLocation() {
        return MemoryStore::new;
    }
}
