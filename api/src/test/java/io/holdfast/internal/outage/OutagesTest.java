package io.holdfast.internal.outage;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.internal.Ledger;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreUnavailableException;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fifty outages of 5 to 60 seconds on three nodes: what went ahead, against what was allowed to, and all of it booked once. */
@DisplayName("Over fifty outages")
@Timeout(120)
class OutagesTest {
    private static final long DOLLAR = 1_000_000_000;
    private static final long ALLOWANCE = 10 * DOLLAR;
    private static final long LONGEST_SECONDS = 40;
    private static final int NODES = 3;
    private static final OutageObserver NOBODY = new OutageObserver() {
        @Override
        public void admittedUnchecked(Operation.Reserve reserve, long used, long held) {}

        @Override
        public void notCarriedOut(Operation operation, Outcome.Rejected rejected, List<LimitState> limits) {
            throw new AssertionError(operation + " was refused: " + rejected);
        }

        @Override
        public void carriedOut(Operation operation, Outcome outcome) {}
    };

    @TempDir
    private Path directory;

    private final AtomicLong millis =
            new AtomicLong(Instant.parse("2026-11-22T09:00:00Z").toEpochMilli());
    private final FlakyStore store = new FlakyStore(LedgerStores.open("memory:", this::now));
    private final List<OutageLedger> nodes = new ArrayList<>();
    private int calls;
    private long promised;

    private Instant now() {
        return Instant.ofEpochMilli(millis.get());
    }

    @Test
    @DisplayName("all nodes together pass the limit by no more than their allowances, and everything is booked once")
    void bounded() {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Random random = new Random(seed);
        store.apply(new Operation.Define(
                new ScopeDefinition("alice", null, List.of(Limit.cost(Usd.of("25"), Window.lifetime()))), false));
        for (int node = 0; node < NODES; node++) {
            nodes.add(new OutageLedger(
                    Ledger.to(store, Duration.ofSeconds(30)),
                    new OutageTerms(
                            directory.resolve("node-" + node),
                            ALLOWANCE,
                            Duration.ofSeconds(LONGEST_SECONDS).toNanos(),
                            1_000_000,
                            10_000),
                    (operation, amounts) -> false,
                    this::now,
                    () -> millis.get() * 1_000_000,
                    NOBODY));
            nodes.get(node).apply(new Operation.Release("alice", held(reserve(node, 0))));
        }
        for (int outage = 0; outage < 50; outage++) {
            outage(random, "seed " + seed + ", outage " + outage);
        }
        nodes.forEach(OutageLedger::close);
        long[] booked = {0};
        store.entries(
                Instant.EPOCH,
                Instant.MAX,
                entry -> booked[0] += entry.amounts().cost());
        assertThat(booked[0]).as("seed %d", seed).isEqualTo(promised);
        assertThat(store.verify().differences()).isEmpty();
        Survival.of("outage of the store with an allowance, over three nodes", "memory", OutagesTest.class)
                .seed(seed)
                .tried(50)
                .lost(0)
                .doubled(0)
                .overshot(0)
                .outcome("calls", calls)
                .keep();
    }

    private void outage(Random random, String run) {
        store.link(random.nextBoolean() ? FlakyStore.Link.DOWN : FlakyStore.Link.ANSWER_TOO_LATE);
        long end = 5 + random.nextInt(56);
        long before = promised;
        for (long second = 0; second < end; second++) {
            millis.addAndGet(1_000);
            for (int node = 0; node < NODES; node++) {
                boolean admitted = call(node, 1 + random.nextInt(3), random.nextBoolean());
                assertThat(admitted && second > LONGEST_SECONDS)
                        .as("%s: admitted after %d s", run, second)
                        .isFalse();
            }
        }
        assertThat(promised - before).as(run).isLessThanOrEqualTo(NODES * ALLOWANCE);
        store.link(FlakyStore.Link.UP);
        for (OutageLedger node : nodes) {
            while (!node.available() || node.spooled() > 0 || node.unchecked() > 0) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    /** Makes a call of so many dollars on a node, if it may go ahead, and settles it at all or half of that. */
    private boolean call(int node, long dollars, boolean all) {
        Outcome outcome;
        try {
            outcome = reserve(node, dollars);
        } catch (StoreUnavailableException refused) {
            return false;
        }
        long actual = all ? dollars * DOLLAR : dollars * DOLLAR / 2;
        promised += actual;
        Outcome settled = nodes.get(node)
                .apply(new Operation.Commit("alice", held(outcome), new Amounts(actual, 1, 1, 1), false, Detail.NONE));
        assertThat(settled).isInstanceOf(Outcome.Settled.class);
        return true;
    }

    private Outcome reserve(int node, long dollars) {
        return nodes.get(node)
                .apply(new Operation.Reserve(
                        OperationId.given("call-" + calls++),
                        "alice",
                        null,
                        "m",
                        new Amounts(dollars * DOLLAR, 1, 1, 1),
                        Duration.ofMinutes(10).toMillis(),
                        OnExpiry.CHARGE,
                        Detail.NONE));
    }

    private static String held(Outcome outcome) {
        return ((Outcome.Held) outcome).holdId();
    }
}
