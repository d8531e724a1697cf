package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Charge;
import io.holdfast.Decision;
import io.holdfast.OutagePolicy;
import io.holdfast.OutageStatus;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.StoreUnavailableException;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * I13: a database server is killed under three nodes and stays away, 5 to 60 seconds each time in the long run. What went
 * ahead meanwhile is counted against what was allowed to.
 */
@DisplayName("Budgets whose database server is gone for a while")
@Timeout(3 * 3_600)
class OutageTest {
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");
    private static final int OUTAGES = FULL ? 50 : 1;
    private static final int NODES = 3;
    private static final Usd ALLOWANCE = Usd.of("10");
    private static final Duration LONGEST = Duration.ofSeconds(FULL ? 30 : 600);
    private static final Executor THREADS = task -> new Thread(task).start();
    private static final PriceBook PRICES = PriceBook.empty()
            .register(ModelPrice.of("acme", "lean").input("1").output("1").build());

    @TempDir
    private Path directory;

    private final long seed = Long.getLong("holdfast.seed", 20_261_125);
    private final Random random = new Random(seed);
    private final List<Node> nodes = new ArrayList<>();
    private long promised;

    /** A manager with a store and a spool of its own. */
    private static final class Node implements AutoCloseable {
        final LedgerStore store;
        final BudgetManager budgets;
        final Budget alice;

        /** A moment at which this node has seen the outage under way. */
        @Nullable
        Long seen;

        Node(String url, Path spool) {
            store = LedgerStores.open(url);
            budgets = BudgetManager.builder()
                    .store(store)
                    .prices(PRICES)
                    .sweepEvery(Duration.ofHours(1))
                    .outages(OutagePolicy.failOpen(spool, ALLOWANCE, LONGEST))
                    .build();
            budgets.register(BudgetScope.named("alice")
                    .limit(Limit.cost(Usd.of("25"), Window.lifetime()))
                    .build());
            alice = budgets.budget("alice");
            alice.reserve(dollars(0)).release();
        }

        @Override
        public void close() {
            budgets.close();
            store.close();
        }
    }

    private static Call dollars(long dollars) {
        return Call.to("lean").exactly(Usage.of(dollars * 1_000_000, 0));
    }

    @Test
    @DisplayName(
            "settle from their spools, let calls go ahead within their allowances, and book all of it once: PostgreSQL")
    void postgresql() {
        try (KilledServerTest.Server server = PostgresServer.own()) {
            outages(server, "PostgreSQL");
        }
    }

    @Test
    @DisplayName(
            "settle from their spools, let calls go ahead within their allowances, and book all of it once: MariaDB")
    void mariaDb() {
        assumeTrue(FULL, "takes half an hour");
        try (KilledServerTest.Server server = MariaDbServer.own()) {
            outages(server, "MariaDB");
        }
    }

    private void outages(KilledServerTest.Server server, String engine) {
        String url = server.url() + (server.url().contains("?") ? "&" : "?") + "holdfast.schema=if-missing";
        try {
            for (int node = 0; node < NODES; node++) {
                nodes.add(new Node(url, directory.resolve("node-" + node)));
            }
            long extra = 0;
            for (int outage = 0; outage < OUTAGES; outage++) {
                extra += outage(server, "outage " + outage + ", seed " + seed);
            }
            LedgerStore store = nodes.get(0).store;
            long[] booked = {0};
            Ops.entries(store)
                    .forEach(entry ->
                            booked[0] += entry.kind().sign() * entry.amounts().cost());
            assertThat(Usd.ofNanos(booked[0])).as("booked, seed %d", seed).isEqualTo(Usd.ofNanos(promised));
            assertThat(nodes.get(0).alice.summary().openHolds()).isZero();
            Ops.assertClean(store);
            Survival.of("outage of the server, calls let go ahead", engine, OutageTest.class)
                    .seed(seed)
                    .tried(OUTAGES)
                    .lost(0)
                    .doubled(0)
                    .overshot(0)
                    .outcome("nano-dollars let go ahead", extra)
                    .keep();
        } finally {
            nodes.forEach(Node::close);
        }
    }

    /** Kills the server for a while, and returns what calls came to that went ahead meanwhile. */
    private long outage(KilledServerTest.Server server, String run) {
        List<Reservation> before = new ArrayList<>();
        for (Node node : nodes) {
            if (node.alice.tryReserve(dollars(1)) instanceof Decision.Allowed<Reservation> allowed) {
                before.add(allowed.value());
            }
            node.seen = null;
        }
        server.kill();
        // All at the same time, as each node has to find out for itself, which takes a while.
        List<CompletableFuture<Charge>> settled = before.stream()
                .map(hold -> CompletableFuture.supplyAsync(() -> hold.commit(Usage.of(500_000, 0)), THREADS))
                .toList();
        settled.forEach(CompletableFuture::join);
        promised += 500_000_000L * settled.size();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(FULL ? 5 + random.nextInt(56) : 0);
        long extra = 0;
        boolean refused = false;
        while (!refused || System.nanoTime() < end) {
            refused = true;
            List<CompletableFuture<Long>> round = nodes.stream()
                    .map(node -> CompletableFuture.supplyAsync(() -> call(node, run), THREADS))
                    .toList();
            for (CompletableFuture<Long> each : round) {
                long came = each.join();
                extra += Math.max(0, came);
                refused &= came < 0;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(FULL ? 500 : 1));
        }
        assertThat(Usd.ofNanos(extra))
                .as("went ahead, %s", run)
                .isGreaterThan(Usd.ZERO)
                .isLessThanOrEqualTo(Usd.ofNanos(NODES * ALLOWANCE.nanos()));
        promised += extra;
        server.startAgain();
        for (Node node : nodes) {
            while (!node.budgets.outage().equals(new OutageStatus(true, 0, Usd.ZERO))) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
        return extra;
    }

    /** Makes a call and returns what it came to, all or half of what it could; less than zero where it was refused. */
    private long call(Node node, String run) {
        Long seen = node.seen;
        boolean over = seen != null && System.nanoTime() - seen > LONGEST.toNanos();
        try {
            long dollars = 1 + random.nextInt(3);
            Reservation hold = node.alice.reserve(dollars(dollars));
            assertThat(over).as("let go ahead after %s, %s", LONGEST, run).isFalse();
            long micros = random.nextBoolean() ? dollars * 1_000_000 : dollars * 500_000;
            hold.commit(Usage.of(micros, 0));
            return micros * 1_000;
        } catch (StoreUnavailableException refused) {
            return -1;
        } finally {
            node.seen = seen == null ? System.nanoTime() : seen;
        }
    }
}
