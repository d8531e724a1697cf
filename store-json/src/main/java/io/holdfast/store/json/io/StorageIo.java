package io.holdfast.store.json.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * All that the JSON store asks of a file system. Nothing here may be disturbed by {@link Thread#interrupt()}: an
 * interrupted caller neither loses its I/O nor closes a file that others use.
 */
public interface StorageIo {
    /**
     * Makes a directory and its parents, unless they are there, and puts them on the disk.
     *
     * @param directory the directory
     * @throws IOException if that fails or something else has its name
     */
    void createDirectory(Path directory) throws IOException;

    /**
     * Returns the kind of file system a directory is on.
     *
     * @param directory a directory that is there
     * @return the name that the operating system uses, such as {@code ext4} or {@code nfs4}
     * @throws IOException if that cannot be found out
     */
    String fileSystem(Path directory) throws IOException;

    /**
     * Returns the names of the files in a directory.
     *
     * @param directory the directory
     * @return their names, in no order
     * @throws IOException if it cannot be read
     */
    List<String> list(Path directory) throws IOException;

    /**
     * Opens a file.
     *
     * @param file the file
     * @param mode whether to write
     * @return the open file
     * @throws java.io.FileNotFoundException if it is not there and not to be made, or may not be opened
     * @throws IOException if opening fails otherwise
     */
    StorageFile open(Path file, Mode mode) throws IOException;

    /**
     * Opens the lock that all users of a directory share, in this process and others.
     *
     * @param file the lock's own file, which is made if need be and never renamed or deleted
     * @return the lock
     * @throws IOException if it cannot be opened
     */
    StorageLock openLock(Path file) throws IOException;

    /**
     * Renames a file in one step, over whatever has the name.
     *
     * @param from the file
     * @param to its new name in the same directory
     * @throws IOException if that fails
     */
    void atomicMove(Path from, Path to) throws IOException;

    /**
     * Puts a directory's list of files on the disk.
     *
     * @param directory the directory
     * @throws IOException if that fails
     */
    void forceDirectory(Path directory) throws IOException;

    /**
     * Deletes a file if it is there.
     *
     * @param file the file
     * @throws IOException if that fails
     */
    void delete(Path file) throws IOException;

    /** What a file is opened for. */
    enum Mode {
        /** Reading a file that is there. */
        READ,
        /** Reading and writing; the file is made if need be. */
        WRITE
    }
}
