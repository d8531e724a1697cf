package io.holdfast.evidence;

import io.holdfast.internal.MemoryStore;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.time.Instant;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Every history of three threads with three operations each is explained by some order of these operations: reserve, commit,
 * release, setting the limit, and expiry, as each operation takes a millisecond and some holds have but three. An answer is
 * told by its kind and what it counts.
 */
@DisplayName("I1, I2, I4, I5, I6, I20: the ledger in memory, interleaved")
class LincheckTest {
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");

    /** A ledger with room for ten, and few ids, so that operations meet. */
    @Param(name = "hold", gen = IntGen.class, conf = "1:3")
    @Param(name = "amount", gen = IntGen.class, conf = "2:7")
    public static class Subject {
        private static final long SHORT = 3;

        /** Read by each operation once, and behind the ledger's lock. */
        private long operations;

        private final MemoryStore store = new MemoryStore(() -> Instant.ofEpochMilli(++operations));

        public Subject() {
            Limit limit = Limit.tokens(10, Window.lifetime());
            store.apply(define("tenant", null, limit));
            store.apply(define("user-*", "tenant", Limit.tokens(8, Window.lifetime())));
        }

        private static io.holdfast.spi.Operation define(String name, String parent, Limit limit) {
            return new io.holdfast.spi.Operation.Define(new ScopeDefinition(name, parent, List.of(limit)), true);
        }

        @Operation
        public String setLimit(@Param(name = "amount") int amount) {
            return told(store.apply(define("tenant", null, Limit.tokens(amount + 4, Window.lifetime()))));
        }

        @Operation
        public String reserve(@Param(name = "hold") int hold, @Param(name = "amount") int amount) {
            return told(store.apply(new io.holdfast.spi.Operation.Reserve(
                    io.holdfast.spi.OperationId.given("h" + hold),
                    "user-a",
                    null,
                    "m",
                    new Amounts(0, amount, 0, 1),
                    hold == 1 ? 1_000 : SHORT,
                    hold == 2 ? OnExpiry.RELEASE : OnExpiry.CHARGE,
                    Detail.NONE)));
        }

        @Operation
        public String commit(@Param(name = "hold") int hold, @Param(name = "amount") int amount) {
            return told(store.apply(new io.holdfast.spi.Operation.Commit(
                    "user-a", "h" + hold, new Amounts(0, amount, 0, 1), false, Detail.NONE)));
        }

        @Operation
        public String release(@Param(name = "hold") int hold) {
            return told(store.apply(new io.holdfast.spi.Operation.Release("user-a", "h" + hold)));
        }

        @Operation
        public String inspect() {
            return told(store.apply(new io.holdfast.spi.Operation.Inspect("user-a", null)));
        }

        private static String told(Outcome outcome) {
            if (outcome instanceof Outcome.Held held) {
                return "held " + held.repeated();
            } else if (outcome instanceof Outcome.Settled settled) {
                return settled.state() + " " + settled.booked().inputTokens() + " " + settled.repeated();
            } else if (outcome instanceof Outcome.Rejected rejected) {
                return rejected.reason().name();
            } else if (outcome instanceof Outcome.Denied denied) {
                return "denied by " + denied.blocking().size();
            } else if (outcome instanceof Outcome.Done done) {
                return "changed " + done.changed();
            }
            StringBuilder told = new StringBuilder();
            for (LimitState state : ((Outcome.Inspected) outcome).limits()) {
                told.append(state.committed()).append('+').append(state.held()).append(' ');
            }
            return told.toString();
        }
    }

    @Test
    @DisplayName("in every order that a model checker finds, does one thing after the other")
    void modelChecked() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(LincheckTest::neverShared)
                        .allMethods()
                        .ignore())
                .iterations(FULL ? 20 : 1)
                .invocationsPerIteration(FULL ? 500 : 20)
                .check(Subject.class);
    }

    /** Values and collections, which only what is behind the lock ever touches; to switch threads there tells nothing. */
    private static boolean neverShared(String type) {
        boolean value = type.startsWith("io.holdfast.") && !type.startsWith("io.holdfast.internal.");
        boolean collection = type.startsWith("java.util.") && !type.startsWith("java.util.concurrent.");
        boolean pure = type.startsWith("io.holdfast.internal.Fingerprint");
        return pure || collection || (value && !type.startsWith("io.holdfast.evidence."));
    }

    @Test
    @DisplayName("under stress, does one thing after the other")
    void stressed() {
        new StressOptions()
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .iterations(FULL ? 100 : 8)
                .invocationsPerIteration(FULL ? 10_000 : 300)
                .check(Subject.class);
    }
}
