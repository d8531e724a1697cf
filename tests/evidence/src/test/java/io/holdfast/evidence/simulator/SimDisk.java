package io.holdfast.evidence.simulator;

import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import io.holdfast.store.json.io.StorageLock;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * One directory of files in memory, seen by several processes, each of which fails or dies where it is told to. Knows what a
 * loss of power would leave: writes since the last sync are kept, dropped, torn at 512 bytes or reordered, and so are names
 * since the last sync of the directory.
 */
final class SimDisk {
    private static final int SECTOR = 512;

    private Map<String, Inode> names = new TreeMap<>();
    private Map<String, Inode> durableNames = new HashMap<>();
    private Process aside;
    private int deaths;

    /** Bytes that grow. */
    private static final class Bytes {
        byte[] bytes = new byte[1024];
        int size;

        void write(long position, byte[] from, int offset, int length) {
            int end = (int) position + length;
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
            }
            if (position > size) {
                Arrays.fill(bytes, size, (int) position, (byte) 0);
            }
            System.arraycopy(from, offset, bytes, (int) position, length);
            size = Math.max(size, end);
        }

        void cut(long length) {
            size = (int) Math.min(size, length);
        }
    }

    private static final class Inode {
        final Bytes content = new Bytes();
        final Bytes durable = new Bytes();
        final List<Write> pending = new ArrayList<>();

        void force() {
            pending.forEach(write -> write.to(durable, 0, write.bytes == null ? 0 : write.bytes.length));
            pending.clear();
        }

        /** Keeps of what was not forced what a loss of power happens to leave. */
        void losePower(RandomGenerator random) {
            if (pending.isEmpty()) {
                return;
            }
            int style = random.nextInt(4);
            for (Write write : pending) {
                boolean dropped = style == 0 || (style == 1 && random.nextBoolean());
                if (!dropped && style == 3 && write.bytes != null) {
                    tear(write, random);
                } else if (!dropped) {
                    write.to(durable, 0, write.bytes == null ? 0 : write.bytes.length);
                }
            }
            pending.clear();
            content.cut(0);
            content.write(0, durable.bytes, 0, durable.size);
        }

        private void tear(Write write, RandomGenerator random) {
            int from = 0;
            while (from < write.bytes.length) {
                long sectorEnd = ((write.position + from) / SECTOR + 1) * SECTOR;
                int to = (int) Math.min(write.bytes.length, sectorEnd - write.position);
                if (random.nextInt(4) > 0) {
                    write.to(durable, from, to);
                }
                from = to;
            }
        }
    }

    /** A write, or without bytes a cut. */
    private record Write(long position, byte[] bytes) {
        void to(Bytes target, int from, int to) {
            if (bytes == null) {
                target.cut(position);
            } else {
                target.write(position + from, bytes, from, to - from);
            }
        }
    }

    /** What becomes of a call. */
    enum Effect {
        WORKS,
        FAILS,
        FAILS_HALFWAY,
        FAILS_AFTERWARDS,
        DIES,
        DIES_AFTERWARDS
    }

    /** Takes the power away from every process, and leaves what a disk may have then. */
    void losePower(RandomGenerator random) {
        Map<String, Inode> found = new TreeMap<>(durableNames);
        names.forEach((name, inode) -> {
            if (inode != durableNames.get(name) && random.nextBoolean()) {
                found.put(name, inode);
            }
        });
        durableNames.keySet().forEach(name -> {
            if (!names.containsKey(name) && random.nextBoolean()) {
                found.remove(name);
            }
        });
        found.values().stream().distinct().forEach(inode -> inode.losePower(random));
        names = found;
        durableNames = new HashMap<>(found);
        aside = null;
        deaths++;
    }

    /** Starts a process that sees this disk. */
    Process process() {
        return new Process();
    }

    /** The disk as one process sees it. */
    final class Process implements StorageIo {
        private final ReentrantLock mutex = new ReentrantLock();
        private final int bornAfter = deaths;
        private boolean dead;
        private int callsLeft = -1;
        private Effect planned = Effect.WORKS;

        /** Lets something become of the call after so many more. */
        void plan(int calls, Effect effect) {
            callsLeft = calls;
            planned = effect;
        }

        void plan() {
            callsLeft = -1;
        }

        /** Ends the process; what it wrote stays. */
        void kill() {
            dead = true;
            if (aside == this) {
                aside = null;
            }
        }

        private Effect begin(String call) throws IOException {
            if (dead || bornAfter != deaths) {
                throw new Death(call);
            }
            if (callsLeft < 0 || callsLeft-- > 0) {
                return Effect.WORKS;
            }
            if (planned == Effect.DIES) {
                kill();
                throw new Death(call);
            }
            if (planned == Effect.FAILS) {
                throw new IOException("injected at " + call);
            }
            return planned;
        }

        private void end(Effect effect, String call) throws IOException {
            if (effect == Effect.DIES_AFTERWARDS) {
                kill();
                throw new Death(call);
            }
            if (effect != Effect.WORKS) {
                throw new IOException("injected after " + call);
            }
        }

        @Override
        public void createDirectory(Path directory) throws IOException {
            end(begin("createDirectory"), "createDirectory");
        }

        @Override
        public String fileSystem(Path directory) {
            return "ext4";
        }

        @Override
        public List<String> list(Path directory) throws IOException {
            end(begin("list"), "list");
            return new ArrayList<>(names.keySet());
        }

        @Override
        public StorageFile open(Path file, Mode mode) throws IOException {
            String name = file.getFileName().toString();
            end(begin("open"), "open");
            Inode inode = names.get(name);
            if (inode == null) {
                if (mode == Mode.READ) {
                    throw new FileNotFoundException(name);
                }
                inode = new Inode();
                names.put(name, inode);
            }
            return new OpenFile(this, inode);
        }

        @Override
        public StorageLock openLock(Path file) throws IOException {
            end(begin("openLock"), "openLock");
            return new Lock(this);
        }

        @Override
        public void atomicMove(Path from, Path to) throws IOException {
            Effect effect = begin("move");
            Inode inode = names.remove(from.getFileName().toString());
            if (inode == null) {
                throw new FileNotFoundException(from.toString());
            }
            names.put(to.getFileName().toString(), inode);
            end(effect, "move");
        }

        @Override
        public void forceDirectory(Path directory) throws IOException {
            Effect effect = begin("forceDirectory");
            durableNames = new HashMap<>(names);
            end(effect, "forceDirectory");
        }

        @Override
        public void delete(Path file) throws IOException {
            Effect effect = begin("delete");
            names.remove(file.getFileName().toString());
            end(effect, "delete");
        }
    }

    /** The lock of the directory. One thread runs everything, so nobody ever waits for it. */
    private final class Lock implements StorageLock {
        private final Process process;

        Lock(Process process) {
            this.process = process;
        }

        @Override
        public ReentrantLock mutex() {
            return process.mutex;
        }

        @Override
        public void lock() throws IOException {
            process.end(process.begin("lock"), "lock");
        }

        @Override
        public void unlock() throws IOException {
            process.end(process.begin("unlock"), "unlock");
        }

        @Override
        public boolean tryLockAside() throws IOException {
            process.end(process.begin("tryLockAside"), "tryLockAside");
            if (aside != null) {
                return false;
            }
            aside = process;
            return true;
        }

        @Override
        public void unlockAside() throws IOException {
            Effect effect = process.begin("unlockAside");
            aside = null;
            process.end(effect, "unlockAside");
        }

        @Override
        public void close() {}
    }

    private static final class OpenFile implements StorageFile {
        private final Process process;
        private final Inode inode;

        OpenFile(Process process, Inode inode) {
            this.process = process;
            this.inode = inode;
        }

        @Override
        public int read(long position, byte[] into, int offset, int length) throws IOException {
            process.end(process.begin("read"), "read");
            int count = (int) Math.max(0, Math.min(length, inode.content.size - position));
            if (count > 0) {
                System.arraycopy(inode.content.bytes, (int) position, into, offset, count);
            }
            return count;
        }

        @Override
        public void write(long position, byte[] bytes, int offset, int length) throws IOException {
            Effect effect = process.begin("write");
            int count = effect == Effect.FAILS_HALFWAY ? length / 2 : length;
            if (count > 0) {
                inode.content.write(position, bytes, offset, count);
                inode.pending.add(new Write(position, Arrays.copyOfRange(bytes, offset, offset + count)));
            }
            process.end(effect, "write");
        }

        @Override
        public long size() throws IOException {
            process.end(process.begin("size"), "size");
            return inode.content.size;
        }

        @Override
        public void truncate(long size) throws IOException {
            Effect effect = process.begin("truncate");
            inode.content.cut(size);
            inode.pending.add(new Write(size, null));
            process.end(effect, "truncate");
        }

        @Override
        public void force() throws IOException {
            Effect effect = process.begin("force");
            if (effect != Effect.FAILS_HALFWAY) {
                inode.force();
            }
            process.end(effect, "force");
        }

        @Override
        public void close() {
            // nothing is kept open
        }
    }
}
