package io.holdfast.benchmark;

import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.List;

/** Acknowledges everything, and keeps all but some of what it has acknowledged: a store that is faster than it may be. */
final class ForgetfulStore extends ForwardingLedgerStore {
    private static final int FORGETS = 1_000;

    private final LedgerStore answers = LedgerStores.open("memory:");
    private int commits;

    ForgetfulStore() {
        super(LedgerStores.open("memory:"));
    }

    @Override
    public synchronized List<Outcome> apply(List<Operation> batch) {
        super.apply(batch.stream().map(this::remembered).toList());
        return answers.apply(batch);
    }

    /** Gives back what one commit in a thousand should have booked. */
    private Operation remembered(Operation operation) {
        return operation instanceof Operation.Commit commit && ++commits % FORGETS == 0
                ? new Operation.Release(commit.scope(), commit.holdId())
                : operation;
    }

    @Override
    public void close() {
        answers.close();
        super.close();
    }
}
