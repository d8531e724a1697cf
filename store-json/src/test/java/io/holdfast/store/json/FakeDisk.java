package io.holdfast.store.json;

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
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One directory of files in memory that knows which of its contents a loss of power would leave, and that fails when it
 * is told to.
 */
final class FakeDisk implements StorageIo {
    private static final int SECTOR = 512;

    private final Map<String, Inode> names = new TreeMap<>();
    private Map<String, Inode> durableNames = new HashMap<>();
    private final ReentrantLock mutex = new ReentrantLock();
    private boolean aside;
    String fileSystem = "ext4";
    Faults faults = call -> Effect.WORKS;

    /** What becomes of a call. */
    enum Effect {
        WORKS,
        FAILS,
        /** Writes half of the bytes, and fails. */
        FAILS_HALFWAY,
        /** Does it all, and fails. */
        FAILS_AFTERWARDS,
        /** Fails where it would take room, by half of the bytes if there are any; else it works. */
        NO_ROOM,
        /** Interrupts the calling thread, and works. */
        INTERRUPTS
    }

    /** Decides what becomes of calls, and sees them before they happen. */
    interface Faults {
        Effect of(String call);
    }

    private static final class Inode {
        byte[] content = {};
        byte[] durable = {};
        List<Write> pending = new ArrayList<>();
    }

    /** A write, or with no bytes a cut. */
    private record Write(long position, byte[] bytes) {}

    /** Returns the files as they might be found after a loss of power right now. */
    synchronized FakeDisk afterPowerCut(Random random) {
        FakeDisk image = new FakeDisk();
        Map<Inode, byte[]> contents = new HashMap<>();
        Map<String, Inode> found = new TreeMap<>(durableNames);
        for (String name : new TreeMap<>(names).keySet()) {
            if (names.get(name) != durableNames.get(name) && random.nextBoolean()) {
                found.put(name, names.get(name));
            }
        }
        for (String name : durableNames.keySet()) {
            if (!names.containsKey(name) && random.nextBoolean()) {
                found.remove(name);
            }
        }
        found.forEach((name, inode) -> image.put(name, contents.computeIfAbsent(inode, each -> left(each, random))));
        return image;
    }

    private static byte[] left(Inode inode, Random random) {
        byte[] content = inode.durable;
        int style = random.nextInt(4);
        for (Write write : inode.pending) {
            if (style == 0 || (style == 1 && random.nextBoolean())) {
                continue;
            }
            content = style == 3 ? sectors(content, write, random) : applied(content, write, 0, write.bytes.length);
        }
        return content;
    }

    private static byte[] sectors(byte[] content, Write write, Random random) {
        if (write.bytes.length == 0) {
            return random.nextBoolean() ? content : applied(content, write, 0, 0);
        }
        byte[] result = content;
        int from = 0;
        while (from < write.bytes.length) {
            int to = (int)
                    Math.min(write.bytes.length, ((write.position + from) / SECTOR + 1) * SECTOR - write.position);
            if (random.nextInt(4) > 0) {
                result = applied(result, write, from, to);
            }
            from = to;
        }
        return result;
    }

    private static byte[] applied(byte[] content, Write write, int from, int to) {
        if (write.bytes.length == 0) {
            return Arrays.copyOf(content, (int) write.position);
        }
        byte[] result = Arrays.copyOf(content, (int) Math.max(content.length, write.position + to));
        System.arraycopy(write.bytes, from, result, (int) write.position + from, to - from);
        return result;
    }

    /** Returns the files as they would be found after a kill. */
    synchronized FakeDisk afterKill() {
        FakeDisk image = new FakeDisk();
        names.forEach((name, inode) -> image.put(name, inode.content));
        return image;
    }

    synchronized void put(String name, byte[] content) {
        Inode inode = new Inode();
        inode.content = content.clone();
        inode.durable = inode.content;
        names.put(name, inode);
        durableNames.put(name, inode);
    }

    synchronized byte[] get(String name) {
        return names.get(name).content.clone();
    }

    synchronized void remove(String name) {
        names.remove(name);
        durableNames.remove(name);
    }

    synchronized Map<String, String> contents() {
        Map<String, String> contents = new TreeMap<>();
        names.forEach((name, inode) ->
                contents.put(name, new String(inode.content, java.nio.charset.StandardCharsets.ISO_8859_1)));
        return contents;
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    private Effect begin(String call) throws IOException {
        Effect effect = faults.of(call);
        if (effect == Effect.FAILS) {
            throw new IOException("injected at " + call);
        } else if (effect == Effect.INTERRUPTS) {
            Thread.currentThread().interrupt();
            return Effect.WORKS;
        } else if (effect == Effect.NO_ROOM) {
            return noRoom(call);
        }
        return effect;
    }

    private Effect noRoom(String call) throws IOException {
        if (call.startsWith("write ")) {
            return Effect.FAILS_HALFWAY;
        }
        String opened = call.startsWith("open ") ? call.substring("open ".length()) : null;
        if (call.startsWith("move ")
                || call.equals("createDirectory")
                || (opened != null && !names.containsKey(opened))) {
            throw new IOException("No space left on device, at " + call);
        }
        return Effect.WORKS;
    }

    private static void end(Effect effect, String call) throws IOException {
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
        return fileSystem;
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        end(begin("list"), "list");
        return new ArrayList<>(names.keySet());
    }

    @Override
    public synchronized StorageFile open(Path file, Mode mode) throws IOException {
        String call = "open " + name(file);
        end(begin(call), call);
        Inode inode = names.get(name(file));
        if (inode == null) {
            if (mode == Mode.READ) {
                throw new FileNotFoundException(file.toString());
            }
            inode = new Inode();
            names.put(name(file), inode);
        }
        return new Open(name(file), inode);
    }

    @Override
    public synchronized void atomicMove(Path from, Path to) throws IOException {
        String call = "move " + name(to);
        Effect effect = begin(call);
        Inode inode = names.remove(name(from));
        if (inode == null) {
            throw new FileNotFoundException(from.toString());
        }
        names.put(name(to), inode);
        end(effect, call);
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        Effect effect = begin("forceDirectory");
        durableNames = new HashMap<>(names);
        end(effect, "forceDirectory");
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
        String call = "delete " + name(file);
        Effect effect = begin(call);
        names.remove(name(file));
        end(effect, call);
    }

    @Override
    public StorageLock openLock(Path file) throws IOException {
        end(begin("openLock"), "openLock");
        return new StorageLock() {
            @Override
            public ReentrantLock mutex() {
                return mutex;
            }

            @Override
            public void lock() throws IOException {
                end(begin("lock"), "lock");
            }

            @Override
            public void unlock() throws IOException {
                end(begin("unlock"), "unlock");
            }

            @Override
            public boolean tryLockAside() throws IOException {
                end(begin("tryLockAside"), "tryLockAside");
                boolean taken = !aside;
                aside = true;
                return taken;
            }

            @Override
            public void unlockAside() throws IOException {
                aside = false;
                end(begin("unlockAside"), "unlockAside");
            }

            @Override
            public void close() {}
        };
    }

    private final class Open implements StorageFile {
        private final String name;
        private final Inode inode;
        private boolean closed;

        Open(String name, Inode inode) {
            this.name = name;
            this.inode = inode;
        }

        private Effect start(String call) throws IOException {
            if (closed) {
                throw new IOException(name + " is closed");
            }
            return begin(call + " " + name);
        }

        @Override
        public int read(long position, byte[] into, int offset, int length) throws IOException {
            synchronized (FakeDisk.this) {
                end(start("read"), "read");
                int count = (int) Math.max(0, Math.min(length, inode.content.length - position));
                System.arraycopy(inode.content, (int) Math.min(position, inode.content.length), into, offset, count);
                return count;
            }
        }

        @Override
        public void write(long position, byte[] bytes, int offset, int length) throws IOException {
            synchronized (FakeDisk.this) {
                Effect effect = start("write");
                int count = effect == Effect.FAILS_HALFWAY ? length / 2 : length;
                Write write = new Write(position, Arrays.copyOfRange(bytes, offset, offset + count));
                if (count > 0) {
                    inode.content = applied(inode.content, write, 0, count);
                    inode.pending.add(write);
                }
                end(effect, "write " + name);
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (FakeDisk.this) {
                end(start("size"), "size");
                return inode.content.length;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FakeDisk.this) {
                Effect effect = start("truncate");
                Write cut = new Write(size, new byte[0]);
                inode.content = applied(inode.content, cut, 0, 0);
                inode.pending.add(cut);
                end(effect, "truncate " + name);
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (FakeDisk.this) {
                Effect effect = start("force");
                if (effect != Effect.FAILS_HALFWAY) {
                    inode.durable = inode.content;
                    inode.pending.clear();
                }
                end(effect, "force " + name);
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
