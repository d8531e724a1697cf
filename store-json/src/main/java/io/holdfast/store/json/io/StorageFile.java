package io.holdfast.store.json.io;

import java.io.Closeable;
import java.io.IOException;

/** An open file. Reads and writes are for one thread at a time; {@link #force()} may run beside them. */
public interface StorageFile extends Closeable {
    /**
     * Reads some bytes.
     *
     * @param position where in the file
     * @param into where to put them
     * @param offset from which index on
     * @param length at most so many
     * @return how many were read; fewer than asked for only if the file ends there
     * @throws IOException if reading fails
     */
    int read(long position, byte[] into, int offset, int length) throws IOException;

    /**
     * Writes all the bytes.
     *
     * @param position where in the file
     * @param bytes from where
     * @param offset from which index on
     * @param length how many
     * @throws IOException if writing fails; some of the bytes may have been written
     */
    void write(long position, byte[] bytes, int offset, int length) throws IOException;

    /**
     * Returns the length of the file.
     *
     * @return its number of bytes
     * @throws IOException if that cannot be found out
     */
    long size() throws IOException;

    /**
     * Cuts the file.
     *
     * @param size its new length, at most the present one
     * @throws IOException if that fails
     */
    void truncate(long size) throws IOException;

    /**
     * Puts all that was written to the file on the disk, also what others wrote.
     *
     * @throws IOException if that fails; what is on the disk is unknown then, and asking again would not tell
     */
    void force() throws IOException;
}
