package io.holdfast.tck;

import io.holdfast.spi.LedgerStore;
import java.time.InstantSource;

/** A place where one ledger lives: empty at first, opened as often as asked. */
@FunctionalInterface
public interface LedgerLocation extends AutoCloseable {
    /**
     * Opens the ledger: made on the first call, and found again on later ones where the store is durable. A store that
     * is shared may be opened several times at once.
     *
     * @param clock the clock to follow; without meaning to a store whose own clock decides
     * @return the open store
     */
    LedgerStore open(InstantSource clock);

    /** Takes the ledger away; every store opened here has been closed before. */
    @Override
    default void close() {}
}
