package io.holdfast.internal.outage;

import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What one node owes its ledger, on its own disk: a file of records with a checksum each, forced before anything is
 * acknowledged. A torn tail is cut when it is opened; damage before the tail is not touched. For one process at a time.
 */
final class Spool implements AutoCloseable {
    static final String FILE = "spool.log";
    private static final String FRESH = "spool.new";
    private static final String LOCK = "spool.lock";
    private static final int HEADER = 2 * Integer.BYTES;
    private static final int LONGEST_RECORD = 1 << 20;
    private static final long COMPACT_ABOVE = 1 << 20;
    /**
     * The spools of this process. A second one is refused before it touches the lock file: to close any channel on that
     * would give up the lock of the first.
     */
    private static final Set<Path> IN_USE = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final int mostRecords;
    private final RandomAccessFile lockFile;
    private final Map<Long, Kept> outstanding = new LinkedHashMap<>();
    private RandomAccessFile file;
    /** What the outstanding records take of the file. */
    private long needed;

    private long nextNumber = 1;
    private boolean closed;
    private @Nullable String broken;

    /** An outstanding record and what it takes of the file. */
    private record Kept(SpoolRecord record, int bytes) {}

    private Spool(Path directory, int mostRecords, RandomAccessFile lockFile, RandomAccessFile file) {
        this.directory = directory;
        this.mostRecords = mostRecords;
        this.lockFile = lockFile;
        this.file = file;
    }

    /**
     * Opens the spool of a directory, which is made if need be.
     *
     * @param mostRecords how many records may be outstanding
     * @throws InvalidInputException if another process or manager uses it
     * @throws CorruptLedgerException if it is damaged before its tail
     * @throws StoreException if it cannot be read or written
     */
    static Spool open(Path directory, int mostRecords) {
        try {
            make(directory.toAbsolutePath());
            Path real = directory.toRealPath();
            if (!IN_USE.add(real)) {
                throw inUse(directory);
            }
            try {
                return opened(real, mostRecords);
            } catch (IOException | RuntimeException failure) {
                IN_USE.remove(real);
                throw failure;
            }
        } catch (IOException failure) {
            throw new StoreException("the spool " + directory + " cannot be opened: " + failure, failure);
        }
    }

    private static Spool opened(Path directory, int mostRecords) throws IOException {
        RandomAccessFile lockFile = locked(directory);
        try {
            RandomAccessFile file = new RandomAccessFile(directory.resolve(FILE).toFile(), "rw");
            Spool spool = new Spool(directory, mostRecords, lockFile, file);
            spool.read();
            forceDirectory(directory);
            return spool;
        } catch (IOException | RuntimeException failure) {
            lockFile.close();
            throw failure;
        }
    }

    /** Makes a directory that a loss of power does not take away again. */
    private static void make(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (!Files.isDirectory(directory) && parent != null) {
            make(parent);
            Files.createDirectories(directory);
            forceDirectory(parent);
        }
    }

    /** Returns what the ledger has yet to be told, oldest first, by number. */
    synchronized Map<Long, SpoolRecord> outstanding() {
        Map<Long, SpoolRecord> records = new LinkedHashMap<>();
        outstanding.forEach((number, kept) -> records.put(number, kept.record));
        return records;
    }

    synchronized boolean has(long number) {
        return outstanding.containsKey(number);
    }

    synchronized int size() {
        return outstanding.size();
    }

    /**
     * Keeps a record and returns when it is on disk.
     *
     * @return its number
     * @throws StoreException if the spool is full, or could not be written now or earlier
     */
    synchronized long add(SpoolRecord record) {
        if (outstanding.size() >= mostRecords) {
            throw new StoreException("the spool " + directory + " is full: " + mostRecords + " records", null);
        }
        long number = nextNumber;
        keep(number, record, append(number, record));
        return number;
    }

    /**
     * Puts a record in the place of others, in one step, and returns when it is on disk.
     *
     * @return its number
     * @throws StoreException if it could not be written now or earlier
     */
    synchronized long exchange(List<Long> numbers, SpoolRecord record) {
        long number = nextNumber;
        int bytes = append(number, new SpoolRecord.Instead(numbers, record));
        forget(numbers);
        keep(number, record, bytes);
        return number;
    }

    /** Notes that the ledger has these, and gives the disk back what is no longer needed. */
    synchronized void done(List<Long> numbers) {
        if (numbers.isEmpty()) {
            return;
        }
        append(nextNumber, new SpoolRecord.Done(numbers));
        forget(numbers);
        try {
            if (outstanding.isEmpty()) {
                file.setLength(0);
                file.getFD().sync();
            } else if (file.length() > Math.max(COMPACT_ABOVE, 2 * needed)) {
                compact();
            }
        } catch (IOException failure) {
            throw broken(failure);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        broken = "it is closed";
        try {
            file.close();
            lockFile.close();
        } catch (IOException failure) {
            throw new StoreException("the spool " + directory + " cannot be closed: " + failure, failure);
        } finally {
            IN_USE.remove(directory);
        }
    }

    private void keep(long number, SpoolRecord record, int bytes) {
        outstanding.put(number, new Kept(record, bytes));
        needed += bytes;
    }

    private void forget(List<Long> numbers) {
        for (Long number : numbers) {
            Kept kept = outstanding.remove(number);
            needed -= kept == null ? 0 : kept.bytes;
        }
    }

    /** Returns how many bytes it took. */
    private int append(long number, SpoolRecord record) {
        if (broken != null) {
            throw new StoreException("the spool " + directory + " takes nothing more: " + broken, null);
        }
        try {
            byte[] framed = framed(number, record);
            file.write(framed);
            file.getFD().sync();
            nextNumber = number + 1;
            return framed.length;
        } catch (IOException failure) {
            throw broken(failure);
        }
    }

    /** After a failed write or sync nobody knows what is on disk, so that nothing more is written until it is read again. */
    private StoreException broken(IOException failure) {
        broken = "writing failed earlier: " + failure;
        return new StoreException("the spool " + directory + " cannot be written: " + failure, failure);
    }

    private void compact() throws IOException {
        Path fresh = directory.resolve(FRESH);
        try (RandomAccessFile copy = new RandomAccessFile(fresh.toFile(), "rw")) {
            copy.setLength(0);
            for (Map.Entry<Long, Kept> each : outstanding.entrySet()) {
                copy.write(framed(each.getKey(), each.getValue().record));
            }
            copy.getFD().sync();
        }
        file.close();
        Files.move(fresh, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory(directory);
        file = new RandomAccessFile(directory.resolve(FILE).toFile(), "rw");
        file.seek(file.length());
    }

    private void read() throws IOException {
        byte[] all = Files.readAllBytes(directory.resolve(FILE));
        ByteBuffer bytes = ByteBuffer.wrap(all);
        while (bytes.hasRemaining()) {
            int offset = bytes.position();
            if (!readNext(bytes)) {
                refuseDamage(all, offset);
                file.setLength(offset);
                file.getFD().sync();
                break;
            }
        }
        file.seek(file.length());
    }

    /** Takes in the record at the position, or answers false where there is no whole one. */
    private boolean readNext(ByteBuffer bytes) throws IOException {
        byte[] body = body(bytes);
        if (body == null) {
            return false;
        }
        long number = ByteBuffer.wrap(body).getLong();
        SpoolRecord record = RecordCodec.record(Arrays.copyOfRange(body, Long.BYTES, body.length));
        nextNumber = Math.max(nextNumber, number + 1);
        if (record instanceof SpoolRecord.Done done) {
            forget(done.numbers());
        } else if (record instanceof SpoolRecord.Instead instead) {
            forget(instead.numbers());
            keep(number, instead.record(), HEADER + body.length);
        } else {
            keep(number, record, HEADER + body.length);
        }
        return true;
    }

    /** A torn write leaves no whole record behind it; where there is one, the file was damaged later. */
    private void refuseDamage(byte[] all, int offset) {
        for (int from = offset + 1; from < all.length; from++) {
            if (body(ByteBuffer.wrap(all, from, all.length - from)) != null) {
                throw new CorruptLedgerException(
                        "the spool " + directory.resolve(FILE) + " is damaged at offset " + offset, null);
            }
        }
    }

    private static byte @Nullable [] body(ByteBuffer bytes) {
        if (bytes.remaining() < HEADER) {
            return null;
        }
        int length = bytes.getInt();
        int checksum = bytes.getInt();
        if (length <= Long.BYTES || length > LONGEST_RECORD || length > bytes.remaining()) {
            return null;
        }
        byte[] body = new byte[length];
        bytes.get(body);
        return checksum(body) == checksum ? body : null;
    }

    private static byte[] framed(long number, SpoolRecord record) {
        byte[] payload = RecordCodec.bytes(record);
        byte[] body = ByteBuffer.allocate(Long.BYTES + payload.length)
                .putLong(number)
                .put(payload)
                .array();
        return ByteBuffer.allocate(HEADER + body.length)
                .putInt(body.length)
                .putInt(checksum(body))
                .put(body)
                .array();
    }

    private static int checksum(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return (int) crc.getValue();
    }

    private static RandomAccessFile locked(Path directory) throws IOException {
        RandomAccessFile lockFile = new RandomAccessFile(directory.resolve(LOCK).toFile(), "rw");
        try {
            FileLock lock = lockFile.getChannel().tryLock();
            if (lock != null) {
                return lockFile;
            }
        } catch (OverlappingFileLockException taken) {
            // This library was loaded twice in this process.
        }
        lockFile.close();
        throw inUse(directory);
    }

    private static InvalidInputException inUse(Path directory) {
        return new InvalidInputException("spool", directory.toString(), "must not be in use by another manager");
    }

    private static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
