package io.holdfast.evidence.simulator;

import io.holdfast.spi.LedgerStore;
import io.holdfast.store.json.io.StorageIo;
import java.time.InstantSource;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * What a broken library is made of, to see that it is caught.
 *
 * @param store makes of each store that is opened, and its clock, what is used in its place
 * @param io makes of each process's disk what is used in its place
 */
public record Tampering(BiFunction<LedgerStore, InstantSource, LedgerStore> store, UnaryOperator<StorageIo> io) {
    /** Everything as it is. */
    public static final Tampering NONE = new Tampering((store, clock) -> store, io -> io);
}
