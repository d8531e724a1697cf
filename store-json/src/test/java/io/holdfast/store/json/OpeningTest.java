package io.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpeningTest {
    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"json:", "json: "})
    void aUrlNamesADirectory(String url) {
        assertThatThrownBy(() -> LedgerStores.open(url))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("must name a directory");
    }

    @Test
    void theDirectoryIsMadeWithItsParents() {
        Path directory = temp.resolve("a/b/c");
        LedgerStores.open("json:" + directory).close();
        assertThat(directory.resolve("journal-00000001.jsonl")).exists();
        assertThat(directory.resolve("lock")).exists();
    }

    @Test
    void aFileIsNoDirectory() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "x");
        assertThatThrownBy(() -> LedgerStores.open("json:" + file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("is a file");
        assertThatThrownBy(() -> LedgerStores.open("json:" + file.resolve("below")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("below");
        assertThat(file).hasContent("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nfs", "nfs4", "cifs", "smb2", "smbfs", "fuse.sshfs", "NFS"})
    void networkFileSystemsAreRefused(String type) {
        FakeDisk disk = new FakeDisk();
        disk.fileSystem = type;
        assertThatThrownBy(() -> JsonStore.open(Path.of("ledger"), disk, null, Settings.DEFAULT))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("network file system")
                .hasMessageContaining(type);
        assertThat(disk.contents()).isEmpty();
    }

    @Test
    void whatCannotBeWrittenIsSaidSo() {
        FakeDisk disk = new FakeDisk();
        disk.faults = call -> call.startsWith("write") ? FakeDisk.Effect.FAILS : FakeDisk.Effect.WORKS;
        assertThatThrownBy(() -> JsonStore.open(Path.of("ledger"), disk, null, Settings.DEFAULT))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("ledger")
                .hasMessageContaining("must be a directory that can be read and written");
    }

    @Test
    void aClosedStoreRefuses() {
        LedgerStore store = LedgerStores.open("json:" + temp.resolve("ledger"));
        store.close();
        store.close();
        assertThatThrownBy(() -> store.apply(new Operation.Sweep()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(store::verify).isInstanceOf(StoreException.class);
    }

    @Test
    void storesOfOneProcessShareTheDirectoryAndOneCanCloseBeforeTheOther() {
        String url = "json:" + temp.resolve("ledger");
        try (LedgerStore first = LedgerStores.open(url)) {
            LedgerStore second = LedgerStores.open(url);
            second.apply(new Operation.Define(new ScopeDefinition("s", null, List.of()), false));
            second.close();
            List<ScopeDefinition> definitions = new java.util.ArrayList<>();
            first.definitions(definitions::add);
            assertThat(definitions).extracting(ScopeDefinition::name).containsExactly("s");
            first.apply(new Operation.Define(new ScopeDefinition("t", null, List.of()), false));
        }
    }

    @Test
    void unfinishedFilesAreCleanedUp() throws IOException {
        Path directory = temp.resolve("ledger");
        LedgerStores.open("json:" + directory).close();
        Files.writeString(directory.resolve("journal-00000002.jsonl.tmp"), "x");
        Files.writeString(directory.resolve("snapshot-00000002.jsonl.tmp"), "x");
        LedgerStores.open("json:" + directory).close();
        assertThat(directory.resolve("journal-00000002.jsonl.tmp")).doesNotExist();
        try (LedgerStore store = JsonStore.open(
                directory, new io.holdfast.store.json.io.FileStorageIo(), null, new Settings(1_000, Runnable::run))) {
            assertThat(directory.resolve("snapshot-00000002.jsonl.tmp")).doesNotExist();
            assertThat(store.verify().clean()).isTrue();
        }
    }
}
