package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.event.BudgetEvent;
import io.holdfast.internal.outage.FlakyStore;
import io.holdfast.internal.outage.FlakyStore.Link;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.LedgerStores;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One event of every kind there is, brought about by what brings it about in life. */
@DisplayName("The message of an event of any kind")
@Timeout(60)
class EventMessagesTest {
    private static final PriceBook PRICES = PriceBook.empty()
            .register(ModelPrice.of("acme", "lean").input("1").output("2").build());

    @TempDir
    private Path directory;

    private final ManualClock clock = new ManualClock();
    private final FlakyStore store = new FlakyStore(LedgerStores.open("memory:", clock));
    private final ConcurrentLinkedQueue<BudgetEvent> events = new ConcurrentLinkedQueue<>();

    private static Call lean(long dollars) {
        return Call.of("s", "lean").exactly(Usage.of(dollars * 1_000_000, 0));
    }

    private static Usage used(long dollars) {
        return Usage.of(dollars * 1_000_000, 0);
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Brings about each kind, the first time in the order of the kinds. */
    private Map<Class<?>, BudgetEvent> eachKind() {
        try (BudgetManager budgets = BudgetManager.builder()
                .store(store)
                .clock(clock)
                .prices(PRICES)
                .sweepEvery(Duration.ofHours(1))
                .listener(events::add)
                .outages(OutagePolicy.failOpen(directory, Usd.of("20"), Duration.ofMinutes(5))
                        .probeEvery(Duration.ofMillis(1)))
                .build()) {
            budgets.register(BudgetScope.named("alice")
                    .limit(Limit.cost(Usd.of("10"), Window.rolling(Duration.ofHours(1)))
                            .alertAt(0.5))
                    .loopGuard(9, Duration.ofMinutes(90))
                    .build());
            Budget alice = budgets.budget("alice");
            alice.tryReserve(lean(11));
            for (int i = 0; i < 10; i++) {
                alice.tryReserve(lean(0).loopKey("again"));
            }
            alice.reserve(lean(4)).commit(used(5));
            Reservation late = alice.reserve(lean(2).ttl(Duration.ofMinutes(1)));
            clock.advance(Duration.ofMinutes(2));
            late.commit(used(1));
            Reservation hold = alice.reserve(lean(1).id("call-1"));
            Reservation same = alice.reserve(lean(1).id("call-1"));
            hold.commit(used(1));
            store.link(Link.DOWN);
            same.commit(used(3));
            alice.reserve(lean(4)).commit(used(2));
            alice.reserve(lean(5)).release();
            store.link(Link.UP);
            await(() -> budgets.outage().equals(new OutageStatus(true, 0, Usd.ZERO)));
        }
        Map<Class<?>, BudgetEvent> first = new LinkedHashMap<>();
        events.forEach(event -> first.putIfAbsent(event.getClass(), event));
        return first;
    }

    @Test
    @DisplayName("names scope, limit, what is used and held, the amount, and when it frees")
    void namesAll() {
        Map<Class<?>, BudgetEvent> kinds = eachKind();
        assertThat(kinds.keySet()).containsExactlyInAnyOrder(BudgetEvent.class.getPermittedSubclasses());
        assertThat(kinds.values())
                .allSatisfy(event -> assertThat(event.message())
                        .matches("(?s).*scope 'alice'.*limit .*: used .*, held .*, limit .*, frees .*"));
        assertThat(message(kinds, BudgetEvent.CallRefused.class))
                .contains("call to acme:lean refused", "limit cost/rolling(PT1H)", "used 0.00 USD", "asked 11.00 USD");
        assertThat(message(kinds, BudgetEvent.LoopDetected.class))
                .contains("a loop of calls to acme:lean", "key 'again'", "held 9 calls", "limit 9 calls");
        assertThat(message(kinds, BudgetEvent.AlertReached.class)).contains("reached 50 %", "used 5.00 USD");
        assertThat(message(kinds, BudgetEvent.CallOvershot.class)).contains("came to 5.00 USD", "where 4.00 USD");
        assertThat(message(kinds, BudgetEvent.HoldExpired.class)).contains("in doubt: 2.00 USD", "used 7.00 USD");
        assertThat(message(kinds, BudgetEvent.CommittedLate.class)).contains("settled late at 1.00 USD");
        assertThat(message(kinds, BudgetEvent.AdmittedUnchecked.class))
                .contains("call '", "session 's'", "at most 4.00 USD")
                .endsWith("limit allowance of this node: used 0.00 USD, held 4.00 USD, limit 20.00 USD,"
                        + " frees when the ledger is back");
        assertThat(message(kinds, BudgetEvent.SettlementRefused.class))
                .contains(
                        "call 'call-1'",
                        "it is already committed with other amounts; 3.00 USD",
                        "not booked: scope 'alice'",
                        "limit 10.00 USD");
        List<BudgetEvent> unchecked = events.stream()
                .filter(BudgetEvent.AdmittedUnchecked.class::isInstance)
                .toList();
        assertThat(unchecked).hasSize(2);
        assertThat(unchecked.get(1).message())
                .as("what calls before it came to, and what this one can come to")
                .contains("used 2.00 USD, held 5.00 USD");
    }

    private static String message(Map<Class<?>, BudgetEvent> kinds, Class<?> kind) {
        BudgetEvent event = kinds.get(kind);
        return event == null ? "" : event.message();
    }

    @Test
    @DisplayName("says so where there is no limit to name")
    void withoutLimit() {
        try (BudgetManager budgets = BudgetManager.builder()
                .store(store)
                .clock(clock)
                .prices(PRICES)
                .listener(events::add)
                .build()) {
            budgets.register(BudgetScope.named("free").build());
            budgets.budget("free").reserve(lean(1)).commit(used(2));
        }
        assertThat(events)
                .singleElement()
                .satisfies(event -> assertThat(event.message())
                        .contains("scope 'free'", "came to 2.00 USD")
                        .endsWith(", which no limit counts"));
    }
}
