package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Operations as the tests of this module need them. */
final class Ops {
    static final long HOUR = 3_600_000;

    private Ops() {}

    /** Of a process that always waits for its turn. */
    static Turns alwaysInTurn() {
        return turns(() -> true);
    }

    /** Of a process that always believes to be alone. */
    static Turns neverInTurn() {
        return turns(() -> false);
    }

    /** Of a process that waits for its turn every other time it asks. */
    static Turns everyOtherInTurn() {
        AtomicInteger asked = new AtomicInteger();
        return turns(() -> asked.incrementAndGet() % 2 == 0);
    }

    private static Turns turns(BooleanSupplier needed) {
        return new Turns(System::nanoTime) {
            @Override
            boolean needed() {
                return needed.getAsBoolean();
            }
        };
    }

    static Operation.Define define(String scope, long tokens) {
        return new Operation.Define(
                new ScopeDefinition(scope, null, List.of(Limit.tokens(tokens, Window.lifetime()))), false);
    }

    static Operation.Reserve reserve(String id, String scope, long tokens) {
        return new Operation.Reserve(
                OperationId.given(id),
                scope,
                null,
                "model",
                new Amounts(tokens, tokens, 0, 1),
                HOUR,
                OnExpiry.CHARGE,
                Detail.NONE);
    }

    static Operation.Commit commit(String id, String scope, long tokens) {
        return new Operation.Commit(scope, id, new Amounts(tokens, tokens, 0, 1), false, Detail.NONE);
    }

    static Operation.Book book(String id, String scope, long tokens) {
        return new Operation.Book(
                OperationId.given(id), scope, null, "model", new Amounts(tokens, tokens, 0, 1), Detail.NONE);
    }

    static LimitState state(LedgerStore store, String scope) {
        Outcome outcome = store.apply(new Operation.Inspect(scope, null));
        assertThat(outcome).isInstanceOf(Outcome.Inspected.class);
        return ((Outcome.Inspected) outcome).limits().get(0);
    }

    static List<Entry> entries(LedgerStore store) {
        List<Entry> entries = new ArrayList<>();
        store.entries(Instant.EPOCH, Instant.MAX, entries::add);
        return entries;
    }

    static void assertClean(LedgerStore store) {
        assertThat(store.verify().differences()).isEmpty();
    }
}
