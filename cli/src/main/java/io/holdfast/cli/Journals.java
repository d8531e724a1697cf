package io.holdfast.cli;

import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Change;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Copies the journal of one ledger into another, and compares two. */
final class Journals {
    private static final int BATCH = 1_000;
    private static final int MOST_ASKED_AGAIN = 5;

    private Journals() {}

    /** Tells whether a change only marks where a copy began or ended. */
    static boolean marks(Change change) {
        return change instanceof Change.ImportBegun || change instanceof Change.ImportEnded;
    }

    /**
     * Copies every change into an empty ledger.
     *
     * @return how many there were
     */
    static long copy(LedgerStore from, LedgerStore to) {
        Writer writer = new Writer(to);
        from.changes(change -> {
            if (!marks(change)) {
                writer.write(change);
            }
        });
        return writer.end();
    }

    /** Gathers changes into batches. */
    private static final class Writer {
        private final LedgerStore to;
        private final String copy = "copy-" + UUID.randomUUID();
        private final List<Operation> batch = new ArrayList<>(BATCH);
        private long next;
        private long lastAt;

        Writer(LedgerStore to) {
            this.to = to;
        }

        void write(Change change) {
            if (next == 0) {
                add(new Change.ImportBegun(change.at(), copy));
                apply();
            }
            add(change);
            if (batch.size() >= BATCH) {
                apply();
            }
        }

        long end() {
            if (next == 0) {
                add(new Change.ImportBegun(0, copy));
            }
            add(new Change.ImportEnded(lastAt));
            apply();
            return next - 2;
        }

        private void add(Change change) {
            batch.add(new Operation.Import(copy, next++, change));
            lastAt = change.at();
        }

        /** A batch whose answer was lost is asked again; what had been taken over changes nothing then. */
        private void apply() {
            for (int asked = 1; ; asked++) {
                try {
                    to.apply(List.copyOf(batch));
                    batch.clear();
                    return;
                } catch (AmbiguousOutcomeException lost) {
                    if (asked == MOST_ASKED_AGAIN) {
                        throw lost;
                    }
                }
            }
        }
    }

    /** Returns where two journals differ, if they do. */
    static Optional<String> difference(LedgerStore from, LedgerStore to) {
        try (JournalReader source = new JournalReader(from);
                JournalReader target = new JournalReader(to)) {
            long number = 0;
            Optional<Change> wanted = source.next();
            Optional<Change> found = target.next();
            while (wanted.isPresent() && wanted.equals(found)) {
                number++;
                wanted = source.next();
                found = target.next();
            }
            if (wanted.isEmpty() && found.isEmpty()) {
                return Optional.empty();
            }
            String after = "after " + number + " equal changes ";
            if (found.isEmpty()) {
                return Optional.of(after + "the source goes on, the copy does not; was it in use?");
            }
            return Optional.of(after + "the source has "
                    + wanted.map(Change::toString).orElse("no more") + ", the copy has " + found.get());
        }
    }
}
