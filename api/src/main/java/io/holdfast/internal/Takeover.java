package io.holdfast.internal;

import io.holdfast.spi.Change;
import io.holdfast.spi.Operation;
import io.holdfast.spi.StoreException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How far a ledger has taken over the changes of another. */
final class Takeover {
    private @Nullable String copy;
    private long changes;
    private boolean ended = true;

    boolean underWay() {
        return !ended;
    }

    /** Refuses a ledger that has only a part of what it is to have. */
    void requireWhole() {
        if (!ended) {
            throw new StoreException(incomplete(), null);
        }
    }

    /** Returns what is wrong with the ledger, if it has only a part. */
    Optional<String> problem() {
        return ended ? Optional.empty() : Optional.of(incomplete());
    }

    private String incomplete() {
        return "the ledger was being copied from another, and that did not finish: it has " + (changes - 1)
                + " changes so far; delete it and copy again";
    }

    /** Returns whether the change was taken before, and refuses one whose turn it is not. */
    boolean has(Operation.Import step) {
        boolean begins = step.change() instanceof Change.ImportBegun;
        if (begins && copy == null) {
            return false;
        }
        if (!step.copy().equals(copy)) {
            throw new StoreException(
                    "the ledger cannot take over changes, as " + (copy == null ? "no copy has begun" : "it has already")
                            + "; they can only be copied into an empty ledger",
                    null);
        }
        if (step.number() > changes || (step.number() == changes && ended)) {
            throw new StoreException("change " + step.number() + " came where change " + changes + " is due", null);
        }
        return step.number() < changes;
    }

    void apply(Change change) {
        if (change instanceof Change.ImportBegun begun) {
            copy = begun.copy();
            ended = false;
        } else if (change instanceof Change.ImportEnded) {
            ended = true;
            changes++;
        }
        if (!ended) {
            changes++;
        }
    }

    Optional<StateItem> item() {
        return copy == null ? Optional.empty() : Optional.of(new StateItem.Imported(copy, changes, ended));
    }

    void load(StateItem.Imported item) {
        copy = item.copy();
        changes = item.changes();
        ended = item.ended();
    }
}
