package io.holdfast.evidence.oracle;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.internal.Insight;
import io.holdfast.internal.MemoryStore;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The judge of the state behind a store")
class StateJudgeTest {
    private static final long NOW = 1_774_641_600_000L;
    private static final Amounts AMOUNTS = new Amounts(1_000, 10, 20, 1);

    private final Oracle oracle = new Oracle();
    private final Judge answers = new Judge(oracle);
    private final StateJudge judge = new StateJudge(oracle);
    private final MemoryStore store = new MemoryStore(() -> Instant.ofEpochMilli(NOW));

    @BeforeEach
    void agreesSoFar() {
        both(define(Limit.cost(Usd.ofDollars(5), Window.rolling(Duration.ofHours(1)))));
        both(reserve("open"));
        both(reserve("settled"));
        both(new Operation.Release("s", "settled"));
        both(book("booked"));
        assertThatCode(this::judge).doesNotThrowAnyException();
    }

    @Test
    @DisplayName("finds an amount that was booked behind the oracle's back")
    void booked() {
        store.apply(book("more"));
        assertThatThrownBy(this::judge)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("is 2000+1000, and was to be 1000+1000");
    }

    @Test
    @DisplayName("finds an amount that the store does not count")
    void notBooked() {
        answers.lost(book("more"), NOW);
        assertThatThrownBy(this::judge).hasMessageContaining("is 1000+1000, and was to be 2000+1000");
    }

    @Test
    @DisplayName("finds an amount in a counter whose limit is gone, on either side")
    void withoutALimit() {
        both(define(Limit.calls(5, Window.lifetime())));
        assertThatCode(this::judge).doesNotThrowAnyException();
        both(reserve("another"));
        answers.lost(new Operation.Commit("s", "open", AMOUNTS, false, Detail.NONE), NOW);
        assertThatThrownBy(this::judge).hasMessageContaining("cost/rolling(PT1H)");
    }

    @Test
    @DisplayName("finds a hold that nobody made")
    void made() {
        both(define());
        store.apply(reserve("more"));
        assertThatThrownBy(this::judge).hasMessageContaining("nobody has made it so");
    }

    @Test
    @DisplayName("finds a hold that is missing")
    void missing() {
        both(define());
        answers.lost(reserve("more"), NOW);
        assertThatThrownBy(this::judge).hasMessageContaining("1 holds are open, and were to be 2");
    }

    @Test
    @DisplayName("finds a hold that is open for too long")
    void extended() {
        store.apply(new Operation.Extend(OperationId.given("x"), "s", "open", 7_200_000));
        assertThatThrownBy(this::judge).hasMessageContaining("hold s/open is open until");
    }

    @Test
    @DisplayName("finds a hold that has ended in another way")
    void ended() {
        both(define());
        both(reserve("free"));
        store.apply(new Operation.Release("s", "free"));
        answers.lost(new Operation.Commit("s", "free", AMOUNTS, false, Detail.NONE), NOW);
        assertThatThrownBy(this::judge).hasMessageContaining("hold s/free is RELEASED, and was to be COMMITTED");
    }

    private void judge() {
        judge.judge(Insight.into(store));
        judge.judgeAllHolds(Insight.into(store));
    }

    private void both(Operation operation) {
        answers.judge(operation, store.apply(operation), NOW);
    }

    private static Operation define(Limit... limits) {
        return new Operation.Define(new ScopeDefinition("s", null, List.of(limits), List.of()), true);
    }

    private static Operation reserve(String id) {
        return new Operation.Reserve(
                OperationId.given(id), "s", null, "m", AMOUNTS, 3_600_000, OnExpiry.CHARGE, Detail.NONE);
    }

    private static Operation book(String id) {
        return new Operation.Book(OperationId.given(id), "s", null, "m", AMOUNTS, Detail.NONE);
    }
}
