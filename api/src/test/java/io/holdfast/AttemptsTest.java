package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A client library sends a request up to three times, and the provider may charge each time. */
@DisplayName("I19: attempts at one call")
class AttemptsTest {
    private final LedgerStore store = LedgerStores.open("memory:", new ManualClock());
    private final BudgetManager budgets = BudgetManager.builder()
            .store(store)
            .prices(PriceBook.empty()
                    .register(
                            ModelPrice.of("acme", "lean").input("1").output("2").build()))
            .build();
    private Budget alice;

    @BeforeEach
    void register() {
        budgets.register(BudgetScope.named("alice")
                .limit(Limit.cost(Usd.of("7"), Window.lifetime()))
                .build());
        alice = budgets.budget("alice");
    }

    @AfterEach
    void close() {
        budgets.close();
    }

    private static Call attempt() {
        return Call.of("s", "lean").input(1_000_000).maxOutput(500_000).tag("call", "ticket-1/7");
    }

    private LimitState limit() {
        return alice.summary().limits().get(0);
    }

    private List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        store.entries(Instant.EPOCH, Instant.MAX, entries::add);
        return entries;
    }

    @Test
    @DisplayName("are each a hold of their own, though the call is the same to the last word")
    void holds() {
        Reservation first = alice.reserve(attempt());
        Reservation second = alice.reserve(attempt());
        Reservation third = alice.reserve(attempt());
        assertThat(List.of(first.id(), second.id(), third.id())).doesNotHaveDuplicates();
        assertThat(limit().held()).isEqualTo(Usd.of("6").nanos());
        assertThatThrownBy(() -> alice.reserve(attempt()))
                .as("the fourth does not fit beside the three")
                .isInstanceOf(BudgetExceededException.class);
    }

    @Test
    @DisplayName(
            "are each booked: what was lost at its estimate, what came back at its usage, and all by the call's tag")
    void booked() {
        try (Reservation timedOut = alice.reserve(attempt())) {
            assertThat(timedOut.id()).isNotEmpty(); // left as it is: the provider may have charged
        }
        try (Reservation answered = alice.reserve(attempt())) {
            answered.commit(Usage.of(1_000_000, 100_000));
        }
        try (Reservation neverSent = alice.reserve(attempt())) {
            neverSent.release();
        }
        assertThat(limit().committed()).isEqualTo(Usd.of("3.2").nanos());
        assertThat(limit().held()).isZero();
        assertThat(entries())
                .hasSize(2)
                .allSatisfy(entry -> assertThat(entry.detail().tags()).containsEntry("call", "ticket-1/7"))
                .extracting(Entry::kind)
                .contains(EntryKind.COMMITTED);
    }

    @Test
    @DisplayName("are one only where the caller says so, by an id")
    void sameId() {
        Reservation first = alice.reserve(attempt().id("attempt-1"));
        Reservation again = alice.reserve(attempt().id("attempt-1"));
        Reservation other = alice.reserve(attempt().id("attempt-2"));
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(other.id()).isNotEqualTo(first.id());
        assertThat(limit().held()).isEqualTo(Usd.of("4").nanos());
    }
}
