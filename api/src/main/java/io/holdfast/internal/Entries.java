package io.holdfast.internal;

import io.holdfast.spi.Change;
import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import java.time.Instant;
import java.util.function.Consumer;

/** The entries that a change stands for: none, one, or for a late commit two. */
public final class Entries {
    private Entries() {}

    /**
     * Returns a time in milliseconds, the nearest there is for one that lies beyond them.
     *
     * @param time any time
     * @return milliseconds since the epoch
     */
    public static long millis(Instant time) {
        try {
            return time.toEpochMilli();
        } catch (ArithmeticException beyond) {
            return time.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /**
     * Gives the entries of a change to a reader.
     *
     * @param change a change
     * @param from the first time wanted, in milliseconds since the epoch
     * @param to the first time no longer wanted
     * @param reader is given each entry
     */
    public static void of(Change change, long from, long to, Consumer<Entry> reader) {
        if (change.at() < from || change.at() >= to) {
            return;
        }
        Instant time = Instant.ofEpochMilli(change.at());
        if (change instanceof Change.Committed committed) {
            if (committed.reversed() != null) {
                reader.accept(new Entry(
                        committed.holdId(),
                        time,
                        EntryKind.REVERSED,
                        committed.scope(),
                        committed.session(),
                        committed.model(),
                        committed.reversed(),
                        committed.detail()));
            }
            reader.accept(new Entry(
                    committed.holdId(),
                    time,
                    committed.kind(),
                    committed.scope(),
                    committed.session(),
                    committed.model(),
                    committed.amounts(),
                    committed.detail()));
        } else if (change instanceof Change.Expired expired && expired.booked() != null) {
            reader.accept(new Entry(
                    expired.holdId(),
                    time,
                    EntryKind.IN_DOUBT,
                    expired.scope(),
                    expired.session(),
                    expired.model(),
                    expired.booked(),
                    expired.detail()));
        } else if (change instanceof Change.Booked booked) {
            reader.accept(new Entry(
                    booked.id().value(),
                    time,
                    EntryKind.RECORDED,
                    booked.scope(),
                    booked.session(),
                    booked.model(),
                    booked.amounts(),
                    booked.detail()));
        }
    }
}
