package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.error.HoldfastException;
import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.survival.Survival;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A database server that is killed in the middle of the load and started again")
class KilledServerTest {
    private static final int ROUNDS = Boolean.getBoolean("holdfast.full") ? 100 : 2;
    private static final int THREADS = 4;

    /** A server of this test's own. */
    interface Server extends AutoCloseable {
        String url();

        /** Kills every process of the server without warning. */
        void kill();

        void startAgain();

        @Override
        void close();
    }

    @Test
    @DisplayName("keeps what it has acknowledged, once: PostgreSQL")
    void postgresql() throws InterruptedException {
        try (Server server = PostgresServer.own()) {
            killed(server, "PostgreSQL");
        }
    }

    @Test
    @DisplayName("keeps what it has acknowledged, once: MariaDB")
    void mariaDb() throws InterruptedException {
        try (Server server = MariaDbServer.own()) {
            killed(server, "MariaDB");
        }
    }

    private static void killed(Server server, String engine) throws InterruptedException {
        String url = server.url() + (server.url().contains("?") ? "&" : "?") + "holdfast.schema=if-missing";
        Set<String> acknowledged = Collections.synchronizedSet(new HashSet<>());
        try (LedgerStore store = LedgerStores.open(url)) {
            store.apply(Ops.define("s", 1_000_000));
            for (int round = 0; round < ROUNDS; round++) {
                AtomicBoolean stop = new AtomicBoolean();
                List<Thread> threads = new ArrayList<>();
                int before = acknowledged.size();
                for (int i = 0; i < THREADS; i++) {
                    String name = "r" + round + "t" + i;
                    Thread thread = new Thread(() -> load(store, name, stop, acknowledged));
                    thread.start();
                    threads.add(thread);
                }
                while (acknowledged.size() < before + 40) {
                    Thread.yield();
                }
                server.kill();
                server.startAgain();
                int after = acknowledged.size();
                while (acknowledged.size() < after + 20) {
                    Thread.yield();
                }
                stop.set(true);
                for (Thread thread : threads) {
                    thread.join();
                }
            }
            List<String> booked = Ops.entries(store).stream()
                    .filter(entry -> entry.kind() == EntryKind.COMMITTED)
                    .map(Entry::operationId)
                    .toList();
            assertThat(booked).doesNotHaveDuplicates().containsAll(acknowledged);
            assertThat(acknowledged).containsAll(booked);
            assertThat(Ops.state(store, "s").committed()).isEqualTo(2L * booked.size());
            Ops.assertClean(store);
            Survival.of("SIGKILL of the database server under load", engine, KilledServerTest.class)
                    .tried(ROUNDS)
                    .lost(0)
                    .doubled(0)
                    .outcome("acknowledged", acknowledged.size())
                    .keep();
        }
    }

    /** Asks until it is answered, each time with the same id. */
    private static void load(LedgerStore store, String name, AtomicBoolean stop, Set<String> acknowledged) {
        for (int i = 0; !stop.get(); i++) {
            String id = name + "-" + i;
            ask(store, Ops.reserve(id, "s", 3));
            ask(store, Ops.commit(id, "s", 2));
            acknowledged.add(id);
        }
    }

    private static void ask(LedgerStore store, Operation operation) {
        while (true) {
            try {
                store.apply(operation);
                return;
            } catch (HoldfastException noAnswer) {
                Thread.yield();
            }
        }
    }
}
