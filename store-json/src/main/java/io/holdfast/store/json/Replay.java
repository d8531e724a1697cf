package io.holdfast.store.json;

import io.holdfast.internal.LedgerState;
import io.holdfast.spi.Change;
import java.util.function.Consumer;

/**
 * A state that follows a journal. It forgets finished operations only when a later change shows that their time is over,
 * which is never sooner than the process forgot them that decided about that change.
 */
final class Replay implements Consumer<Change> {
    private final LedgerState state;
    private long changes;

    Replay(LedgerState state) {
        this.state = state;
    }

    @Override
    public void accept(Change change) {
        if (change.at() > state.lastTime() && state.lastTime() != Long.MIN_VALUE) {
            state.forget(state.lastTime());
        }
        state.apply(change);
        changes++;
    }

    LedgerState state() {
        return state;
    }

    /** Returns how many changes were applied. */
    long changes() {
        return changes;
    }
}
