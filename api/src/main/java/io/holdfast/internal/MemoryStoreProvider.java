package io.holdfast.internal;

import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStoreProvider;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Opens {@code memory:}. */
public final class MemoryStoreProvider implements LedgerStoreProvider {
    @Override
    public String scheme() {
        return "memory";
    }

    @Override
    public LedgerStore open(String url, @Nullable InstantSource clock) {
        if (!url.equals("memory:")) {
            throw new InvalidInputException("store", url, "must be just memory: (each opening is a ledger of its own)");
        }
        return new MemoryStore(clock);
    }
}
