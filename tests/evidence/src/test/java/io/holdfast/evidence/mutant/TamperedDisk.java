package io.holdfast.evidence.mutant;

import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import io.holdfast.store.json.io.StorageLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A disk that hands everything on. Each broken one leaves something out. */
class TamperedDisk implements StorageIo {
    private final StorageIo disk;

    TamperedDisk(StorageIo disk) {
        this.disk = disk;
    }

    /** Acknowledges a rename or a new file before the directory is on the disk. */
    static final class NoDirectorySync extends TamperedDisk {
        NoDirectorySync(StorageIo disk) {
            super(disk);
        }

        @Override
        public void forceDirectory(Path directory) {
            // left out
        }
    }

    /** Acknowledges what was written before it is on the disk. */
    static final class NoSync extends TamperedDisk {
        NoSync(StorageIo disk) {
            super(disk);
        }

        @Override
        public StorageFile open(Path file, Mode mode) throws IOException {
            return new HandedOn(super.open(file, mode)) {
                @Override
                public void force() {
                    // left out
                }
            };
        }
    }

    /** Takes the last record of a journal for a torn one whenever a process opens it. */
    static final class CutsTheTail extends TamperedDisk {
        private boolean cut;

        CutsTheTail(StorageIo disk) {
            super(disk);
        }

        @Override
        public StorageFile open(Path file, Mode mode) throws IOException {
            StorageFile opened = super.open(file, mode);
            long size = opened.size();
            boolean journal = file.getFileName().toString().startsWith("journal-") && mode == Mode.WRITE;
            if (journal && !cut && size > 600) {
                cut = true;
                opened.truncate(size - 3);
            }
            return opened;
        }
    }

    private static class HandedOn implements StorageFile {
        private final StorageFile file;

        HandedOn(StorageFile file) {
            this.file = file;
        }

        @Override
        public int read(long position, byte[] into, int offset, int length) throws IOException {
            return file.read(position, into, offset, length);
        }

        @Override
        public void write(long position, byte[] bytes, int offset, int length) throws IOException {
            file.write(position, bytes, offset, length);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void force() throws IOException {
            file.force();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        disk.createDirectory(directory);
    }

    @Override
    public String fileSystem(Path directory) throws IOException {
        return disk.fileSystem(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public StorageFile open(Path file, Mode mode) throws IOException {
        return disk.open(file, mode);
    }

    @Override
    public StorageLock openLock(Path file) throws IOException {
        return disk.openLock(file);
    }

    @Override
    public void atomicMove(Path from, Path to) throws IOException {
        disk.atomicMove(from, to);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        disk.forceDirectory(directory);
    }

    @Override
    public void delete(Path file) throws IOException {
        disk.delete(file);
    }
}
