package io.holdfast.store.json;

import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What follows the last whole batch of the newest segment when nobody is writing. It is one of two things. Either a
 * writer was killed, or power was lost, before a batch was on the disk: then nobody was told of it, and it is cut off.
 * Or what was on the disk is damaged: then nothing is touched and the ledger is not opened.
 *
 * <p>They are told apart by what is known to have been on the disk, the largest of: what this process has synced itself;
 * what the file {@code synced} says; what any line says, before or after the damage. Damage below that is
 * damage to what was acknowledged. Damage above it is cut, also if whole lines follow: after a loss of power, later parts
 * of a file may be there and earlier ones not. In a segment that has a successor everything was on the disk.
 */
final class Tail {
    private static final int MOST_SCANNED = 64 * 1024 * 1024;
    private static final int MOST_DIGITS = 18;
    private static final byte[] CLAIM = "\"synced\":".getBytes(StandardCharsets.US_ASCII);

    private final LedgerDirectory directory;
    private final SegmentReader reader;

    Tail(LedgerDirectory directory, SegmentReader reader) {
        this.directory = directory;
        this.reader = reader;
    }

    /**
     * Cuts the tail off; the caller has the lock.
     *
     * @param known how much of the file this process knows to have been on the disk
     * @throws CorruptLedgerException if it was on the disk before
     */
    void cut(long known) throws IOException {
        if (directory.list().segments().contains(reader.segment() + 1)) {
            throw new CorruptLedgerException(StateLoader.damage(reader), null);
        }
        long from = reader.position();
        int length = (int) Math.min(MOST_SCANNED, reader.file().size() - from);
        byte[] tail = new byte[length];
        length = reader.file().read(from, tail, 0, length);
        long synced = Math.max(Math.max(known, reader.synced()), Math.max(claims(tail, length, from), marked()));
        if (synced > from) {
            throw new CorruptLedgerException(
                    reader.path() + " is damaged at byte " + from + ": what follows is no whole line, though the first "
                            + synced + " bytes were on the disk; nothing was changed",
                    null);
        }
        keep(from, tail, length);
        reader.file().truncate(from);
    }

    private long marked() throws IOException {
        SyncedMark.Mark mark = SyncedMark.read(directory, reader.header().ledger());
        if (mark == null || mark.segment() < reader.segment()) {
            return 0;
        }
        return mark.segment() == reader.segment() ? mark.offset() : Long.MAX_VALUE;
    }

    /**
     * Returns the most that anything in the tail says was on the disk. That may be in a line that cannot be checked, the
     * one before it being damaged; a string of a caller cannot look like it, as its quotes are escaped. Nothing can say so of what comes after itself.
     */
    private static long claims(byte[] tail, int length, long from) {
        long most = 0;
        for (int at = 0; at + CLAIM.length < length; at++) {
            if (Arrays.equals(tail, at, at + CLAIM.length, CLAIM, 0, CLAIM.length)) {
                long claim = number(tail, at + CLAIM.length, length);
                most = claim <= from + at ? Math.max(most, claim) : most;
            }
        }
        return most;
    }

    private static long number(byte[] tail, int from, int length) {
        long value = 0;
        int end = Math.min(length, from + MOST_DIGITS);
        for (int at = from; at < end && tail[at] >= '0' && tail[at] <= '9'; at++) {
            value = value * 10 + tail[at] - '0';
        }
        return value;
    }

    /** Keeps a copy of what is cut, for people; a disk without room for it does not stop the ledger. */
    private void keep(long from, byte[] tail, int length) {
        Path copy = directory.cut(reader.segment(), from);
        try (StorageFile out = directory.io().open(copy, StorageIo.Mode.WRITE)) {
            out.truncate(0);
            out.write(0, tail, 0, length);
        } catch (IOException failure) {
            Log.warn("cannot keep in " + copy + " what a killed writer left unfinished", failure);
        }
    }
}
