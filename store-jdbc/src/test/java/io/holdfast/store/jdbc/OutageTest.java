package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.OutagePolicy;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A budget whose database server is gone for a while")
@Timeout(300)
class OutageTest {
    private static final Call CALL = Call.to("claude-sonnet-4-5").exactly(Usage.of(0, 100_000));

    @TempDir
    private Path directory;

    @Test
    @DisplayName(
            "acknowledges settlements, lets calls go ahead within its allowance, and books all of it once: PostgreSQL")
    void postgresql() {
        try (KilledServerTest.Server server = PostgresServer.own()) {
            String url = server.url() + (server.url().contains("?") ? "&" : "?") + "holdfast.schema=if-missing";
            try (LedgerStore store = LedgerStores.open(url);
                    BudgetManager budgets = BudgetManager.builder()
                            .store(store)
                            .sweepEvery(Duration.ofHours(1))
                            .outages(OutagePolicy.failOpen(directory, Usd.of("3.00"), Duration.ofMinutes(10)))
                            .build()) {
                outage(server, store, budgets);
            }
        }
    }

    /** Each call comes to 1.50. */
    private static void outage(KilledServerTest.Server server, LedgerStore store, BudgetManager budgets) {
        budgets.register(BudgetScope.named("alice")
                .limit(Limit.cost(Usd.of("3.00"), Window.lifetime()))
                .build());
        Budget alice = budgets.budget("alice");
        Reservation before = alice.reserve(CALL);
        server.kill();
        before.commit(Usage.of(0, 50_000));
        assertThat(budgets.outage().spooled()).isEqualTo(1);
        int admitted = 0;
        for (int i = 0; i < 5; i++) {
            admitted += admitted(alice) ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(2);
        assertThat(budgets.outage().available()).isFalse();
        server.startAgain();
        while (!budgets.outage().available() || budgets.outage().spooled() > 0) {
            LockSupport.parkNanos(10_000_000);
        }
        AtomicLong booked = new AtomicLong();
        store.entries(
                Instant.EPOCH,
                Instant.MAX,
                entry -> booked.addAndGet(entry.amounts().cost()));
        assertThat(Usd.ofNanos(booked.get())).isEqualTo(Usd.of("3.75"));
        assertThat(alice.summary().openHolds()).isZero();
        assertThat(store.verify().differences()).isEmpty();
    }

    private static boolean admitted(Budget alice) {
        try {
            alice.reserve(CALL).commit(Usage.of(0, 100_000));
            return true;
        } catch (io.holdfast.spi.StoreUnavailableException refused) {
            return false;
        }
    }
}
