package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Amounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Two ledgers see the same requests of one tenant; in only one of them another tenant is busy, by the same ids and names. */
@DisplayName("I22: a tenant")
class IsolationTest {
    private static final int ROUNDS = Boolean.getBoolean("holdfast.full") ? 20_000 : 1_000;
    private static final int STEPS = 40;
    private static final String SECRET = "Zweistein";

    private static LedgerStore ledger(ManualClock clock) {
        LedgerStore store = LedgerStores.open("memory:", clock);
        for (String tenant : List.of("alice", SECRET)) {
            store.apply(new Operation.Define(
                    new ScopeDefinition(
                            tenant,
                            null,
                            List.of(
                                    Limit.tokens(500, Window.lifetime()),
                                    Limit.tokens(100, Window.session()).alertAt(0.5))),
                    false));
        }
        return store;
    }

    @Test
    @DisplayName("is answered word for word as if no other were there, and never hears another's name")
    void alone() {
        long first = Long.getLong("holdfast.seed", 1);
        for (long seed = first; seed < first + ROUNDS; seed++) {
            ManualClock clock = new ManualClock();
            try (LedgerStore alone = ledger(clock);
                    LedgerStore shared = ledger(clock)) {
                Random random = new Random(seed);
                for (int step = 0; step < STEPS; step++) {
                    for (int busy = random.nextInt(3); busy > 0; busy--) {
                        shared.apply(operation(random, SECRET));
                    }
                    Operation asked = operation(random, "alice");
                    Outcome outcome = shared.apply(asked);
                    String context = "seed " + seed + " step " + step + ": " + asked;
                    assertThat(answer(outcome)).as(context).isEqualTo(answer(alone.apply(asked)));
                    assertThat(answer(outcome)).as(context).doesNotContain(SECRET);
                    clock.advance(java.time.Duration.ofMillis(random.nextInt(2_000)));
                }
                assertThat(shared.verify().differences()).isEmpty();
            }
        }
        Survival.of("another tenant busy by the same ids and sessions", "memory", IsolationTest.class)
                .seed(first)
                .tried((long) ROUNDS * STEPS)
                .wrong(0)
                .keep();
    }

    /** Notices are for the listeners of the node, and come with whichever operation noticed; what is left is the answer. */
    private static String answer(Outcome outcome) {
        return outcome.toString().replaceFirst(", notices=.*", "");
    }

    private static Operation operation(Random random, String tenant) {
        String id = "id" + random.nextInt(12);
        String session = "session" + random.nextInt(2);
        Amounts amounts = new Amounts(0, 1 + random.nextInt(40), 0, 1);
        return switch (random.nextInt(9)) {
            case 0, 1, 2 ->
                new Operation.Reserve(
                        OperationId.given(id), tenant, session, "m", amounts, 5_000, OnExpiry.CHARGE, Detail.NONE);
            case 3, 4 -> new Operation.Commit(tenant, id, amounts, false, Detail.NONE);
            case 5 -> new Operation.Release(tenant, id);
            case 6 -> new Operation.Book(OperationId.given(id), tenant, session, "m", amounts, Detail.NONE);
            case 7 -> new Operation.ResetSession(OperationId.given(id), tenant, session);
            default -> new Operation.Inspect(tenant, session);
        };
    }

    @Test
    @DisplayName("that names what is another's is told the same as for what does not exist")
    void existence() {
        List<String> told = new ArrayList<>();
        try (LedgerStore store = ledger(new ManualClock())) {
            store.apply(new Operation.Reserve(
                    OperationId.given("theirs"),
                    SECRET,
                    "private",
                    "m",
                    new Amounts(0, 5, 0, 1),
                    60_000,
                    OnExpiry.CHARGE,
                    Detail.NONE));
            for (String hold : List.of("theirs", "nobody")) {
                for (Operation asked : List.of(
                        new Operation.Commit("alice", hold, new Amounts(0, 5, 0, 1), false, Detail.NONE),
                        new Operation.Release("alice", hold),
                        new Operation.Extend(OperationId.given("x"), "alice", hold, 1_000))) {
                    told.add(store.apply(asked).toString().replace(hold, "HOLD"));
                }
            }
            assertThat(told.subList(0, 3)).isEqualTo(told.subList(3, 6));
        }
    }
}
