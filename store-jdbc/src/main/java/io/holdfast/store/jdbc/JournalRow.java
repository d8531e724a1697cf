package io.holdfast.store.jdbc;

import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import java.util.ArrayList;
import java.util.List;

/**
 * A row of the journal: changes that one batch made, or, of a large batch, a part of them.
 *
 * @param first the number of the first change
 * @param last the number of the last change
 * @param firstAt the earliest time of a change
 * @param lastAt the latest time of a change
 * @param changes the changes as {@link ChangeWriter} writes them
 */
record JournalRow(long first, long last, long firstAt, long lastAt, String changes) {
    /** The most changes of a row. */
    private static final int MOST_CHANGES = 512;

    /** A row ends with the change that makes it longer, which keeps a page of rows small and is far below what a column takes. */
    private static final int LONG_ROW = 200_000;

    /** Returns the rows for changes of which the first has the number after a version. */
    static List<JournalRow> of(long version, List<Change> changes) {
        List<JournalRow> rows = new ArrayList<>(1);
        int from = 0;
        while (from < changes.size()) {
            List<Change> next = changes.subList(from, Math.min(changes.size(), from + MOST_CHANGES));
            ChangeWriter.Part part = ChangeWriter.first(next, LONG_ROW);
            rows.add(row(version + from, next.subList(0, part.count()), part.text()));
            from += part.count();
        }
        return rows;
    }

    private static JournalRow row(long version, List<Change> changes, String text) {
        long firstAt = Long.MAX_VALUE;
        long lastAt = Long.MIN_VALUE;
        for (Change change : changes) {
            firstAt = Math.min(firstAt, change.at());
            lastAt = Math.max(lastAt, change.at());
        }
        return new JournalRow(version + 1, version + changes.size(), firstAt, lastAt, text);
    }

    /**
     * Returns the changes.
     *
     * @throws CorruptLedgerException if they cannot be read, or are not as many as the numbers say
     */
    List<Change> list() {
        List<Change> list = ChangeReader.changes(changes, first);
        if (list.size() != last - first + 1) {
            throw new CorruptLedgerException(
                    "the row of the journal with changes " + first + " to " + last + " has " + list.size() + " changes",
                    null);
        }
        return list;
    }
}
