package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The part of the contract that is about taking a ledger over from another store. */
abstract class CopyContract extends ContractSupport {
    private static final String COPY = "copy-1";

    @Nested
    @DisplayName("is copied")
    class Copying {
        private final LedgerLocation elsewhere = newLocation();
        private @Nullable LedgerStore open;

        @AfterEach
        void close() {
            if (open != null) {
                open.close();
            }
            elsewhere.close();
        }

        private LedgerStore target() {
            if (open == null) {
                open = elsewhere.open(clock);
            }
            return open;
        }

        private void reopenIfDurable() {
            if (target().traits().durability() != Durability.NONE) {
                target().close();
                open = null;
            }
        }

        /** Leaves a hold of 40 open in "s". */
        private void busyLedger() {
            define("team", null, Limit.tokens(10_000, Window.lifetime()).alertAt(0.001));
            define(
                    "s",
                    "team",
                    Limit.tokens(1_000, Window.session()),
                    Limit.tokens(5_000, Window.rolling(Duration.ofDays(1))));
            define("user-*", "team", Limit.tokens(100, Window.lifetime()));
            define("gone", null, Limit.tokens(100, Window.lifetime()));
            ask(new Operation.Book(id("booked"), "s", "one", MODEL, tokens(5), Detail.NONE));
            ask(reserving(id("open"), "s", "one", MODEL, tokens(40)));
            ask(new Operation.Extend(id("longer"), "s", "open", 2 * HOUR));
            ask(reserving(id("done"), "s", "two", MODEL, tokens(30)));
            ask(committing("s", "done", 20));
            book("gone", 3);
            ask(new Operation.Remove("gone", Removal.REJECT));
            String late = heldBriefly("user-ann", 7, OnExpiry.CHARGE);
            release("s", heldIn("two", 11));
            ask(new Operation.ResetSession(id("reset"), "s", "two"));
            elapse(2 * shortTtl());
            ask(new Operation.Sweep());
            ask(committing("user-ann", late, 9));
        }

        private String heldIn(String session, long tokens) {
            Operation.Reserve reserve = reserving(id("in-" + session), "s", session, MODEL, tokens(tokens));
            return expect(Outcome.Held.class, reserve).holdId();
        }

        private List<Operation.Import> steps() {
            List<Change> changes = new ArrayList<>();
            store().changes(changes::add);
            changes.add(0, new Change.ImportBegun(changes.get(0).at(), COPY));
            changes.add(new Change.ImportEnded(changes.get(changes.size() - 1).at()));
            List<Operation.Import> steps = new ArrayList<>();
            for (int i = 0; i < changes.size(); i++) {
                steps.add(new Operation.Import(COPY, i, changes.get(i)));
            }
            return steps;
        }

        private void take(List<Operation.Import> steps) {
            for (int from = 0; from < steps.size(); from += 7) {
                List<Operation> batch = new ArrayList<>(steps.subList(from, Math.min(steps.size(), from + 7)));
                assertThat(target().apply(batch))
                        .allMatch(outcome -> outcome instanceof Outcome.Done done && done.changed());
            }
        }

        private void assertUseless(LedgerStore half) {
            List<Operation> operations = List.of(
                    new Operation.Sweep(),
                    new Operation.Inspect("s", null),
                    booking("s", 1),
                    definition("other", null, false));
            for (Operation operation : operations) {
                assertThatThrownBy(() -> half.apply(operation))
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("did not finish");
            }
            assertThatThrownBy(() -> half.entries(Instant.MIN, Instant.MAX, entry -> {}))
                    .isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> half.definitions(definition -> {})).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> half.changes(change -> {})).isInstanceOf(StoreException.class);
            assertThat(half.verify().differences()).anyMatch(each -> each.contains("did not finish"));
        }

        private List<Entry> entriesOf(LedgerStore store) {
            List<Entry> entries = new ArrayList<>();
            store.entries(Instant.MIN, Instant.MAX, entries::add);
            return entries;
        }

        private Set<String> definitionsOf(LedgerStore store) {
            Set<String> definitions = new TreeSet<>();
            store.definitions((ScopeDefinition each) -> definitions.add(each.toString()));
            return definitions;
        }

        @Test
        @DisplayName("whole: entries, definitions, counters, open holds and the ids that are remembered")
        void whole() {
            busyLedger();
            take(steps());
            reopenIfDurable();

            assertThat(entriesOf(target())).isEqualTo(entries()).isNotEmpty();
            assertThat(definitionsOf(target())).isEqualTo(definitionsOf(store()));
            assertThat(target().verify().differences()).isEmpty();
            for (String scope : List.of("team", "s", "user-ann")) {
                Outcome.Inspected here = inspect(scope);
                Outcome.Inspected there =
                        expect(Outcome.Inspected.class, target().apply(new Operation.Inspect(scope, null)));
                assertThat(there.limits()).isEqualTo(here.limits());
                assertThat(there.openHolds()).isEqualTo(here.openHolds());
            }
            assertThat(expect(Outcome.Held.class, target().apply(reserving(id("open"), "s", "one", MODEL, tokens(40))))
                            .repeated())
                    .isTrue();
            assertThat(ask(target(), reserving(id("open"), "s", "one", MODEL, tokens(41))))
                    .isInstanceOfSatisfying(
                            Outcome.Rejected.class,
                            rejected -> assertThat(rejected.reason()).isEqualTo(Rejection.ID_REUSED));
            assertThat(expect(Outcome.Settled.class, target().apply(committing("s", "done", 20)))
                            .repeated())
                    .isTrue();
            assertThat(expect(Outcome.Settled.class, target().apply(committing("s", "open", 39)))
                            .repeated())
                    .isFalse();
            assertThat(target().verify().differences()).isEmpty();
            release("s", "open");
        }

        @Test
        @DisplayName("again from the copy")
        void again() {
            busyLedger();
            take(steps());
            List<Change> changes = new ArrayList<>();
            target().changes(changes::add);
            changes.removeIf(change -> change instanceof Change.ImportBegun || change instanceof Change.ImportEnded);
            List<Change> original = new ArrayList<>();
            store().changes(original::add);
            assertThat(changes).isEqualTo(original);
            release("s", "open");
        }

        @Test
        @DisplayName("and of no use before all of it is there")
        void half() {
            busyLedger();
            List<Operation.Import> steps = steps();
            take(steps.subList(0, steps.size() - 1));
            assertUseless(target());
            reopenIfDurable();
            assertUseless(target());

            take(steps.subList(steps.size() - 1, steps.size()));
            assertThat(target().verify().differences()).isEmpty();
            assertThat(entriesOf(target())).isEqualTo(entries());
            release("s", "open");
        }

        @Test
        @DisplayName("with each change once, when an answer was lost and it is asked again")
        void repeated() {
            busyLedger();
            List<Operation.Import> steps = steps();
            take(steps.subList(0, 9));
            reopenIfDurable();
            for (Operation.Import step : steps.subList(0, 9)) {
                assertThat(expect(Outcome.Done.class, target().apply(step)).changed())
                        .isFalse();
            }
            take(steps.subList(9, steps.size()));
            assertThat(expect(Outcome.Done.class, target().apply(steps.get(steps.size() - 1)))
                            .changed())
                    .isFalse();
            assertThat(entriesOf(target())).isEqualTo(entries());
            release("s", "open");
        }

        @Test
        @DisplayName("never with a gap, nor after its end, nor by two copiers at once")
        void inOrder() {
            busyLedger();
            List<Operation.Import> steps = steps();
            assertRefused(steps.get(1));
            take(steps.subList(0, 3));
            assertRefused(steps.get(4));
            assertRefused(new Operation.Import("copy-2", 3, steps.get(3).change()));
            assertRefused(new Operation.Import("copy-2", 0, steps.get(0).change()));
            take(steps.subList(3, steps.size()));
            assertRefused(new Operation.Import(COPY, steps.size(), steps.get(3).change()));
            assertThat(target().verify().differences()).isEmpty();
            assertThat(entriesOf(target())).isEqualTo(entries());
            release("s", "open");
        }

        @Test
        @DisplayName("only into a ledger without scopes")
        void intoNothingElse() {
            busyLedger();
            target().apply(definition("here", null, false, Limit.tokens(5, Window.lifetime())));
            assertRefused(steps().get(0));
            expect(Outcome.Inspected.class, target().apply(new Operation.Inspect("here", null)));
            assertThat(target().verify().differences()).isEmpty();
            release("s", "open");
        }

        private void assertRefused(Operation step) {
            assertThatThrownBy(() -> target().apply(step)).isInstanceOf(StoreException.class);
        }
    }
}
