package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("I5, I21: a loop guard")
class LoopGuardTest {
    private static final Amounts CALL = new Amounts(0, 1, 1, 1);

    private final LedgerEngine engine = new LedgerEngine(new LedgerState(), change -> {});
    private long now = 1_800_000_000_000L;
    private int ids;

    /** Found by the random histories of the engine: the counter that the hold began with was told, which counts no more. */
    @Test
    @DisplayName("is told by a late commit as it stands, also where its counter was empty and forgotten in between")
    void isToldAsItStands() {
        Limit guard = Limit.loopGuard(9, Window.rolling(Duration.ofSeconds(5)));
        engine.apply(new Operation.Define(new ScopeDefinition("s", null, List.of(guard)), false), now);
        Operation.Reserve reserve = reserve("key");
        engine.apply(reserve, now);
        now += 3_600_000;
        for (int i = 0; i < 4; i++) {
            engine.apply(reserve("other"), now);
        }
        engine.apply(book("key"), now);
        engine.apply(book("key"), now);

        Outcome late = engine.apply(new Operation.Commit("s", reserve.id().value(), CALL, false, Detail.NONE), now);

        assertThat(late.notices()).singleElement().isInstanceOf(Notice.CommittedLate.class);
        LimitState told =
                ((Notice.CommittedLate) late.notices().get(0)).limits().get(0);
        assertThat(told.loopKey()).isEqualTo("key");
        assertThat(told.committed()).isEqualTo(3);
    }

    /** Found by the simulator, seed 3: a guard of no calls at all was asked, until the scope was there again. */
    @Test
    @DisplayName("admits what it admits any scope when its template brings a removed scope back")
    void admitsForAScopeThatComesBack() {
        Limit guard = Limit.loopGuard(2, Window.rolling(Duration.ofSeconds(5)));
        engine.apply(new Operation.Define(new ScopeDefinition("s*", null, List.of(guard)), false), now);
        engine.apply(reserve("key"), now);
        engine.apply(new Operation.Remove("s", Removal.FORCE), now);

        Outcome.Inspected inspected = (Outcome.Inspected) engine.apply(new Operation.Inspect("s", null), now);
        assertThat(inspected.limits()).singleElement().satisfies(state -> {
            assertThat(state.limit()).isEqualTo(guard);
            assertThat(state.held()).isEqualTo(1);
        });
        assertThat(engine.apply(reserve("key"), now)).isInstanceOf(Outcome.Held.class);
        assertThat(engine.apply(reserve("key"), now)).isInstanceOf(Outcome.Denied.class);
    }

    private Operation.Reserve reserve(String key) {
        Operation.Request request = new Operation.Request(
                "s",
                null,
                List.of(new Operation.Offer("m", "m", CALL)),
                null,
                new Operation.Policy(false, key, Operation.Policy.WHOLE),
                null);
        return new Operation.Reserve(OperationId.given("i" + ids++), request, 1_000, OnExpiry.CHARGE, Detail.NONE);
    }

    private Operation.Book book(String key) {
        return new Operation.Book(OperationId.given("i" + ids++), "s", null, "m", CALL, key, null, Detail.NONE);
    }
}
