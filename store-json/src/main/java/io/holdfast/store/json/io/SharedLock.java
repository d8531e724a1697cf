package io.holdfast.store.json.io;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One lock file, opened once in this process however many stores use it. An operating system that follows POSIX drops
 * all locks of a process on a file as soon as the process closes any descriptor of it; so there is one channel, and it is
 * closed only while this process is known to hold the lock by that very channel. The channel is an asynchronous one
 * because those are not closed by interrupts.
 */
final class SharedLock {
    private static final Map<Path, SharedLock> OPEN = new HashMap<>();
    private static final long RETRY_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long MAIN = 0;
    private static final long ASIDE = 1;

    private final Path key;
    private final AsynchronousFileChannel channel;
    private final ReentrantLock mutex = new ReentrantLock();
    private final Object asideMutex = new Object();
    private int users;
    private @Nullable FileLock held;
    private @Nullable FileLock heldAside;

    private SharedLock(Path key, AsynchronousFileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    static StorageLock open(Path file) throws IOException {
        Path name = file.getFileName();
        Path directory = file.toAbsolutePath().getParent();
        Path key = name == null || directory == null
                ? file.toAbsolutePath()
                : directory.toRealPath().resolve(name);
        synchronized (OPEN) {
            SharedLock lock = OPEN.get(key);
            if (lock == null) {
                lock = new SharedLock(
                        key,
                        AsynchronousFileChannel.open(
                                key, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
                OPEN.put(key, lock);
            }
            lock.users++;
            return lock.new Use();
        }
    }

    private void leave() throws IOException {
        synchronized (OPEN) {
            users--;
            if (users > 0) {
                return;
            }
            FileLock last = attempt(MAIN);
            if (last != null) {
                OPEN.remove(key);
                channel.close();
            }
            // Otherwise somebody else uses the directory right now, perhaps another copy of this class in this process,
            // whose lock the closing would drop: the channel stays for the next use.
        }
    }

    private @Nullable FileLock attempt(long region) throws IOException {
        try {
            return channel.tryLock(region, 1, false);
        } catch (OverlappingFileLockException otherCopy) {
            return null;
        }
    }

    /** Waits in the kernel for other processes, and by polling for another copy of this class in this process. */
    private FileLock await() throws IOException {
        FileLock lock = attempt(MAIN);
        while (lock == null) {
            try {
                lock = result(channel.lock(MAIN, 1, false));
            } catch (OverlappingFileLockException otherCopy) {
                LockSupport.parkNanos(this, RETRY_NANOS);
                lock = attempt(MAIN);
            }
        }
        return lock;
    }

    private static FileLock result(Future<FileLock> locking) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return locking.get();
                } catch (InterruptedException wait) {
                    interrupted = true;
                } catch (ExecutionException failure) {
                    throw new IOException("cannot lock: " + failure.getCause(), failure);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** One store's use of the lock. */
    private final class Use implements StorageLock {
        private boolean closed;

        @Override
        public ReentrantLock mutex() {
            return mutex;
        }

        @Override
        public void lock() throws IOException {
            held = await();
        }

        @Override
        public void unlock() throws IOException {
            FileLock lock = held;
            held = null;
            if (lock != null) {
                lock.release();
            }
        }

        @Override
        public boolean tryLockAside() throws IOException {
            synchronized (asideMutex) {
                if (heldAside != null) {
                    return false;
                }
                heldAside = attempt(ASIDE);
                return heldAside != null;
            }
        }

        @Override
        public void unlockAside() throws IOException {
            synchronized (asideMutex) {
                FileLock lock = heldAside;
                heldAside = null;
                if (lock != null) {
                    lock.release();
                }
            }
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                leave();
            }
        }
    }
}
