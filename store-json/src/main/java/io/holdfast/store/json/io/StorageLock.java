package io.holdfast.store.json.io;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/** The lock of one directory: a mutex for the threads of this process, and a file lock for the processes. */
public interface StorageLock extends Closeable {
    /**
     * Returns the mutex that everybody in this process who opened this lock shares.
     *
     * @return always the same
     */
    ReentrantLock mutex();

    /**
     * Waits until no other process has the lock and takes it. The caller has the {@link #mutex()} and keeps it until
     * after {@link #unlock()}.
     *
     * @throws IOException if locking fails
     */
    void lock() throws IOException;

    /**
     * Gives the lock back.
     *
     * @throws IOException if that fails
     */
    void unlock() throws IOException;

    /**
     * Takes a second lock of the same directory, for work in the background, if nobody has it.
     *
     * @return whether it was taken
     * @throws IOException if locking fails
     */
    boolean tryLockAside() throws IOException;

    /**
     * Gives the second lock back.
     *
     * @throws IOException if that fails
     */
    void unlockAside() throws IOException;

    /**
     * Ends this use of the lock. The caller holds neither of the two.
     *
     * @throws IOException if that fails
     */
    @Override
    void close() throws IOException;
}
