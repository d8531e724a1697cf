package io.holdfast.spi;

import io.holdfast.error.InvalidInputException;
import java.time.InstantSource;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Opens ledgers by URL, with whatever stores are on the class path. */
public final class LedgerStores {
    private LedgerStores() {}

    /**
     * Opens a ledger on the system's clock.
     *
     * @param url a scheme and where the ledger is, such as {@code memory:} or {@code json:/var/lib/ledger}
     * @return the open store
     * @throws InvalidInputException if no store on the class path reads such a URL
     * @throws StoreException if the ledger cannot be opened
     */
    public static LedgerStore open(String url) {
        return open(url, null);
    }

    /**
     * Opens a ledger on a given clock.
     *
     * @param url a scheme and where the ledger is
     * @param clock the clock to follow, where the process's clock decides; without, the system's guarded one
     * @return the open store
     * @throws InvalidInputException if no store on the class path reads such a URL
     * @throws StoreException if the ledger cannot be opened
     */
    public static LedgerStore open(String url, @Nullable InstantSource clock) {
        TreeSet<String> schemes = new TreeSet<>();
        for (LedgerStoreProvider provider :
                ServiceLoader.load(LedgerStoreProvider.class, LedgerStores.class.getClassLoader())) {
            if (url.startsWith(provider.scheme() + ":")) {
                return provider.open(url, clock);
            }
            schemes.add(provider.scheme() + ":");
        }
        throw new InvalidInputException("store", url, "must begin with one of " + schemes);
    }
}
