package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.spi.Change;
import io.holdfast.spi.Operation;
import io.holdfast.spi.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing more is decided while 8,192 changes wait behind those that are being written to the tables for queries. */
@DisplayName("Tables for queries that are slow to follow the journal")
@Timeout(120)
class CatchingUpTest {
    private static final int BATCH = 512;
    private static final int WORTHWHILE = 4;
    private static final int MOST = 16;

    private final Spec spec = Spec.of(TestServer.H2);
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore mayGoOn = new Semaphore(0);
    private volatile boolean broken;
    private TestDatabase database;
    private HikariDataSource source;
    private JdbcStore store;
    private int holds;

    @BeforeEach
    void open() {
        database = spec.server().fresh();
        source = spec.source(database.url());
        store = JdbcStore.open(
                MeddledSource.of(source, new MeddledSource.Meddler() {
                    @Override
                    public void before(Connection connection, String step) throws SQLException {
                        if (step.startsWith("UPDATE holdfast_shown")) {
                            showing();
                        }
                    }
                }),
                JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING));
    }

    private void showing() throws SQLException {
        if (broken) {
            throw new SQLException("no more room", "53100");
        }
        begun.release();
        mayGoOn.acquireUninterruptibly();
    }

    @AfterEach
    void close() {
        mayGoOn.release(Integer.MAX_VALUE / 2);
        store.close();
        source.close();
        database.drop();
    }

    private void reserve(int batches) {
        for (int i = 0; i < batches; i++) {
            List<Operation> batch = new ArrayList<>(BATCH);
            for (int j = 0; j < BATCH; j++) {
                batch.add(Ops.reserve("h" + holds++, "s", 1));
            }
            store.apply(batch);
        }
    }

    private long shown() {
        return Jdbi.create(source)
                .withHandle(handle -> handle.createQuery("SELECT COUNT(*) FROM holdfast_holds")
                        .mapTo(Long.class)
                        .one());
    }

    @Test
    @DisplayName("hold callers up only until they are taken, not until they are written")
    void goesOn() throws Exception {
        store.apply(Ops.define("s", 1_000_000));
        reserve(WORTHWHILE);
        begun.acquire();
        reserve(MOST);
        CompletableFuture<Void> next = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            reserve(1);
            next.complete(null);
        });
        caller.start();
        while (caller.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(next).isNotDone();
        assertThat(shown()).isZero();

        mayGoOn.release();
        next.get(60, TimeUnit.SECONDS);

        begun.acquire();
        assertThat(shown()).isLessThan(MOST * BATCH);
        mayGoOn.release(Integer.MAX_VALUE / 2);
        store.showTables();
        assertThat(shown()).isEqualTo(holds);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("refuse callers where they cannot follow at all, and catch up once they can")
    void refuses() {
        mayGoOn.release(Integer.MAX_VALUE / 2);
        store.apply(Ops.define("s", 1_000_000));
        store.showTables();
        broken = true;
        assertThatThrownBy(() -> reserve(2 * MOST))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no more room");

        broken = false;
        assertThat(Ops.state(store, "s").held()).isEqualTo(MOST * BATCH);
        holds = MOST * BATCH;
        reserve(1);
        store.showTables();
        assertThat(shown()).isEqualTo((MOST + 1) * BATCH);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("leave for later what another process left, where it is too little")
    void leftByOthers() throws Exception {
        List<Change> changes = new ArrayList<>();
        mayGoOn.release(Integer.MAX_VALUE / 2);
        store.apply(Ops.define("s", 1_000_000));
        reserve(1);
        store.changes(changes::add);
        TestDatabase elsewhere = spec.server().fresh();
        try (HikariDataSource pool = spec.source(elsewhere.url())) {
            JdbcStore.open(pool, JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING))
                    .close();
            PublicTables tables = new PublicTables(Dialect.of(Engine.H2, "holdfast_"), "holdfast_", 0);
            try (Session session = Session.open(pool)) {
                Backlog left = tables.show(session, backlog(changes.subList(0, 3)), 1);
                assertThat(left.isEmpty()).isTrue();

                left = tables.show(session, backlog(changes), changes.size() - 2);
                assertThat(left.from()).isEqualTo(3);
                assertThat(left.to()).isEqualTo(changes.size());
                assertThat(tables.shown(session)).isEqualTo(3);

                left = tables.show(session, backlog(changes), changes.size() - 3);
                assertThat(left.isEmpty()).isTrue();
                assertThat(tables.shown(session)).isEqualTo(changes.size());
            }
        } finally {
            elsewhere.drop();
        }
    }

    private static Backlog backlog(List<Change> changes) {
        Backlog backlog = new Backlog(0);
        changes.forEach(backlog::add);
        return backlog;
    }

    @Test
    @DisplayName("show by themselves what is left where another process was faster")
    void outrun() throws Exception {
        store.apply(Ops.define("s", 1_000_000));
        begun.acquire();
        try (JdbcStore other = JdbcStore.open(source, JdbcOptions.ofDefaults())) {
            store.apply(List.of(Ops.reserve("known to both", "s", 1)));
            other.showTables();
            store.apply(List.of(Ops.reserve("left", "s", 1)));
            mayGoOn.release(Integer.MAX_VALUE / 2);
            while (shown() < 2) {
                Thread.sleep(1);
            }
        }
    }
}
