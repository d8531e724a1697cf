package io.holdfast.internal.outage;

import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreUnavailableException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A store whose link can fail in every way that matters; the store behind it never does. */
public final class FlakyStore extends ForwardingLedgerStore {
    private volatile Link link = Link.UP;
    private final AtomicInteger poisoned = new AtomicInteger();
    private volatile @Nullable String poison;

    /** What becomes of an operation. */
    public enum Link {
        /** It arrives, and so does its answer. */
        UP,
        /** It does not arrive, and that is known. */
        DOWN,
        /** It arrives, but its answer is lost at once. */
        ANSWER_LOST,
        /** It arrives, but nothing is heard of it in time. */
        ANSWER_TOO_LATE,
        /** It does not arrive, and nobody knows that. */
        SWALLOWED,
        /** The store is there and cannot do it. */
        BROKEN
    }

    /** Puts a link before a store. */
    public FlakyStore(LedgerStore store) {
        super(store);
    }

    /** Sets how the link is from now on. */
    public void link(Link state) {
        this.link = state;
    }

    /** Has the store fail at commits of one call, and lose its answers to bookings of it; null for neither. */
    public void poison(@Nullable String call) {
        this.poison = call;
    }

    /** Returns how often it has failed so. */
    public int poisoned() {
        return poisoned.get();
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        return switch (link) {
            case UP -> healthy(batch);
            case DOWN -> throw new StoreUnavailableException("connection refused", null);
            case BROKEN -> throw new StoreException("disk full", null);
            case SWALLOWED -> throw new AmbiguousOutcomeException("no answer", new TimeoutException());
            case ANSWER_LOST -> {
                super.apply(batch);
                throw new AmbiguousOutcomeException("connection reset", null);
            }
            case ANSWER_TOO_LATE -> {
                super.apply(batch);
                throw new AmbiguousOutcomeException("no answer", new TimeoutException());
            }
        };
    }

    private List<Outcome> healthy(List<Operation> batch) {
        for (Operation operation : batch) {
            boolean commit =
                    operation instanceof Operation.Commit op && op.holdId().equals(poison);
            boolean book =
                    operation instanceof Operation.Book op && op.id().value().equals(poison);
            if (commit || book) {
                poisoned.incrementAndGet();
                if (book) {
                    super.apply(batch);
                    throw new AmbiguousOutcomeException("connection reset", null);
                }
                throw new StoreException("fails at call '" + poison + "'", null);
            }
        }
        return super.apply(batch);
    }
}
