package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What follows the last whole batch of the newest segment when nobody is writing. It is one of two things. Either a
 * writer was killed, or power was lost, before a batch was on the disk: then nobody was told of it, and it is cut off.
 * Or what was on the disk is damaged: then nothing is touched and the ledger is not opened.
 *
 * <p>They are told apart by what is known to have been on the disk, the largest of: what this process has synced itself;
 * what the file {@code synced} says; what any undamaged line says, before or after the damage. Damage below that is
 * damage to what was acknowledged. Damage above it is cut, also if whole lines follow: after a loss of power, later parts
 * of a file may be there and earlier ones not. In a segment that has a successor everything was on the disk.
 */
final class Tail {
    private static final int MOST_SCANNED = 64 * 1024 * 1024;
    private static final JsonFactory FACTORY = new JsonFactory();

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
        long synced = Math.max(Math.max(known, reader.synced()), Math.max(claims(tail, length), marked()));
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

    /** Returns the most that undamaged lines in the tail say was on the disk. */
    private long claims(byte[] tail, int length) {
        Line frame = new Line();
        long most = 0;
        long seed = Integer.toUnsignedLong(reader.crc());
        int from = 0;
        for (int end = Line.end(tail, 0, length); end > 0; end = Line.end(tail, from, length)) {
            if (seed != Line.DAMAGED && frame.check((int) seed, tail, from, end) != Line.DAMAGED) {
                most = Math.max(most, claim(tail, from, end));
            }
            seed = Line.written(tail, from, end);
            from = end;
        }
        return most;
    }

    private static long claim(byte[] tail, int from, int end) {
        ChangeReader line = new ChangeReader();
        try (JsonParser json = FACTORY.createParser(tail, from, end - from)) {
            line.read(json);
        } catch (IOException | RuntimeException unreadable) {
            return 0;
        }
        return line.synced();
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
