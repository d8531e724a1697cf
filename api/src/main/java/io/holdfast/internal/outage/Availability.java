package io.holdfast.internal.outage;

import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.StoreUnavailableException;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Whether the ledger can be reached, as last seen by this node. */
final class Availability {
    private static final System.Logger LOG = System.getLogger(Availability.class.getName());

    private final LongSupplier nanos;
    private volatile @Nullable Outage outage;

    /**
     * An outage under way.
     *
     * @param sinceNanos when it was first seen, on the monotonic clock
     * @param cause what was seen
     */
    record Outage(long sinceNanos, RuntimeException cause) {}

    Availability(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** An answer that was lost once is no outage; a ledger that does not answer in time is. */
    static boolean isOutage(RuntimeException failure) {
        return failure instanceof StoreUnavailableException
                || (failure instanceof AmbiguousOutcomeException && failure.getCause() instanceof TimeoutException);
    }

    @Nullable
    Outage outage() {
        return outage;
    }

    /** Returns how long the outage has lasted, zero where there is none. */
    long downNanos() {
        Outage current = outage;
        return current == null ? 0 : Math.max(0, nanos.getAsLong() - current.sinceNanos());
    }

    synchronized void down(RuntimeException cause) {
        if (outage == null) {
            outage = new Outage(nanos.getAsLong(), cause);
            LOG.log(System.Logger.Level.WARNING, "the ledger cannot be reached: {0}", cause.getMessage());
        }
    }

    void up() {
        if (outage != null) {
            end();
        }
    }

    private synchronized void end() {
        if (outage != null) {
            outage = null;
            LOG.log(System.Logger.Level.INFO, "the ledger can be reached again");
        }
    }
}
