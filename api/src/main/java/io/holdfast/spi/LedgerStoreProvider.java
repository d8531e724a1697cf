package io.holdfast.spi;

import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Opens the stores of one scheme of URL; found by {@link java.util.ServiceLoader}. */
public interface LedgerStoreProvider {
    /**
     * Returns the scheme.
     *
     * @return what stands before the first colon, in lower case, such as {@code "json"}
     */
    String scheme();

    /**
     * Opens a store.
     *
     * @param url the whole URL, such as {@code json:/var/lib/ledger}
     * @param clock the clock to use instead of the system's guarded one, where the process's clock decides
     * @return the open store
     * @throws io.holdfast.error.InvalidInputException if the URL is not one this provider reads
     * @throws StoreException if the store cannot be opened
     */
    LedgerStore open(String url, @Nullable InstantSource clock);
}
