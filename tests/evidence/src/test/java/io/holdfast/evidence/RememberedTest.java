package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("I6: a ledger remembers what was done by which id")
class RememberedTest {
    private static final long BEGIN = 1_800_000_000_000L;
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long DAY = 24 * HOUR;
    private static final int MADE_REMEMBERED = 100_000;
    private static final Amounts SPENT = new Amounts(1, 1, 1, 1);

    private LedgerState state = new LedgerState();
    private LedgerEngine engine = new LedgerEngine(state, change -> {});
    private long now = BEGIN;

    private Outcome ask(Operation operation) {
        return engine.apply(operation, now);
    }

    private void define(Limit... limits) {
        assertThat(ask(new Operation.Define(new ScopeDefinition("s", null, List.of(limits)), true)))
                .isInstanceOf(Outcome.Done.class);
    }

    private boolean bookedBefore(OperationId id) {
        return ((Outcome.Booked) ask(new Operation.Book(id, "s", null, "m", SPENT, Detail.NONE))).repeated();
    }

    private void reserve(OperationId id, long ttl) {
        assertThat(ask(new Operation.Reserve(id, "s", null, "m", SPENT, ttl, OnExpiry.CHARGE, Detail.NONE)))
                .isInstanceOf(Outcome.Held.class);
    }

    private Outcome commit(OperationId id) {
        return ask(new Operation.Commit("s", id.value(), SPENT, false, Detail.NONE));
    }

    private static void assertUnknown(Outcome outcome) {
        assertThat(((Outcome.Rejected) outcome).reason()).isEqualTo(Rejection.UNKNOWN_HOLD);
    }

    private void restart() {
        LedgerState loaded = new LedgerState();
        loaded.remember(state.remembers());
        state.items(loaded::load);
        assertThat(items(loaded)).isEqualTo(items(state));
        state = loaded;
        engine = new LedgerEngine(state, change -> {});
    }

    private static HashSet<StateItem> items(LedgerState state) {
        HashSet<StateItem> items = new HashSet<>();
        state.items(items::add);
        return items;
    }

    @ParameterizedTest(name = "restarted: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("for a day where a caller chose it, and no longer")
    void given(boolean restarted) {
        define();
        OperationId book = OperationId.given("b");
        OperationId settled = OperationId.given("h");
        OperationId left = OperationId.given("l");
        bookedBefore(book);
        reserve(settled, HOUR);
        commit(settled);
        reserve(left, 1);
        now = BEGIN + DAY;
        if (restarted) {
            restart();
        }
        assertThat(bookedBefore(book)).isTrue();
        assertThat(((Outcome.Settled) commit(settled)).repeated()).isTrue();
        now = BEGIN + DAY + 1;
        assertThat(bookedBefore(book)).isFalse();
        assertUnknown(commit(settled));
        assertThat(((Outcome.Settled) commit(left)).state()).isEqualTo(HoldState.LATE_COMMITTED);
        now += DAY;
        assertThat(((Outcome.Settled) commit(left)).repeated()).isTrue();
        now += 1;
        assertUnknown(commit(left));
    }

    @Test
    @DisplayName("a day long where a hold ran out and nobody settles it, and no longer")
    void ranOut() {
        define();
        reserve(OperationId.given("in time"), 1);
        reserve(OperationId.given("too late"), 1);
        now = BEGIN + 1 + DAY;
        assertThat(commit(OperationId.given("in time"))).isInstanceOf(Outcome.Settled.class);
        now++;
        assertUnknown(commit(OperationId.given("too late")));
    }

    @ParameterizedTest(name = "restarted: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("as long as the longest window with an end, also of a limit that is no more")
    void window(boolean restarted) {
        define(
                Limit.calls(9, Window.rolling(Duration.ofHours(48))),
                Limit.calls(9, Window.rolling(Duration.ofHours(1))),
                Limit.calls(9, Window.lifetime()),
                Limit.calls(9, Window.parse("calendar(day;UTC)")));
        long remembers = state.remembers();
        assertThat(remembers).isBetween(2 * DAY, 2 * DAY + HOUR);
        OperationId id = OperationId.given("b");
        bookedBefore(id);
        define();
        now = BEGIN + remembers;
        if (restarted) {
            restart();
        }
        assertThat(state.remembers()).isEqualTo(remembers);
        assertThat(bookedBefore(id)).isTrue();
        now++;
        assertThat(bookedBefore(id)).isFalse();
    }

    @Test
    @DisplayName("as long as the longest window that it is loaded with")
    void loadedWindow() {
        define(Limit.calls(9, Window.rolling(Duration.ofHours(48))));
        LedgerState loaded = new LedgerState();
        assertThat(loaded.remembers()).isEqualTo(DAY);
        state.items(loaded::load);
        assertThat(loaded.remembers()).isEqualTo(state.remembers()).isGreaterThan(DAY);
    }

    @ParameterizedTest(name = "restarted: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("for an hour where it was made for a caller, and no longer")
    void made(boolean restarted) {
        define();
        OperationId book = OperationId.made();
        OperationId settled = OperationId.made();
        bookedBefore(book);
        reserve(settled, HOUR);
        commit(settled);
        now = BEGIN + HOUR;
        if (restarted) {
            restart();
        }
        assertThat(bookedBefore(book)).isTrue();
        assertThat(((Outcome.Settled) commit(settled)).repeated()).isTrue();
        now++;
        assertThat(bookedBefore(book)).isFalse();
        assertUnknown(commit(settled));
    }

    @Test
    @DisplayName("until a hundred thousand later ones are done, where it was made for a caller")
    void manyMade() {
        define();
        OperationId first = OperationId.made();
        OperationId second = OperationId.made();
        bookedBefore(first);
        bookedBefore(second);
        for (int i = 2; i < MADE_REMEMBERED; i++) {
            bookedBefore(OperationId.made());
        }
        assertThat(bookedBefore(first)).isTrue();
        bookedBefore(OperationId.made());
        assertThat(bookedBefore(second)).isTrue();
        assertThat(bookedBefore(first)).isFalse();
    }

    @Test
    @DisplayName("and all else that is written down, through a restart")
    void everything() {
        ask(new Operation.Subscribe("hook", EnumSet.allOf(NoticeKind.class), false));
        ask(new Operation.Define(new ScopeDefinition("top", null, List.of()), false));
        ask(new Operation.Define(
                new ScopeDefinition(
                        "s", "top", List.of(Limit.calls(2, Window.lifetime()).alertAt(0.5))),
                false));
        ask(new Operation.Define(new ScopeDefinition("u*", "top", List.of()), false));
        ask(new Operation.Book(OperationId.made(), "u1", "one", "m", SPENT, Detail.NONE));
        ask(new Operation.Remove("u*", Removal.REJECT));
        bookedBefore(OperationId.given("b"));
        reserve(OperationId.given("h"), HOUR);
        for (int i = 0; i < 3; i++) {
            Outcome refused = ask(new Operation.Reserve(
                    OperationId.given("r" + i), "s", null, "m", SPENT, HOUR, OnExpiry.CHARGE, Detail.NONE));
            assertThat(refused).isInstanceOf(Outcome.Denied.class);
        }
        List<StateItem> written = new ArrayList<>(items(state));
        assertThat(written)
                .hasAtLeastOneElementOfType(StateItem.Subscription.class)
                .hasAtLeastOneElementOfType(StateItem.Queued.class)
                .hasAtLeastOneElementOfType(StateItem.Refusal.class);
        assertThat(state.nextExpiry()).isEqualTo(BEGIN + HOUR);
        restart();
        assertThat(state.nextExpiry()).isEqualTo(BEGIN + HOUR);
        assertThat(((Outcome.Rejected) ask(new Operation.Remove("top", Removal.REJECT))).reason())
                .isEqualTo(Rejection.HAS_CHILDREN);
        Outcome claimed = ask(new Operation.Claim("hook", "worker", 9, HOUR));
        assertThat(((Outcome.Claimed) claimed).messages()).hasSize(2);
    }

    @Test
    @DisplayName("and how far it is with a copy of another ledger, through a restart")
    void copied() {
        ask(new Operation.Import("copy", 0, new Change.ImportBegun(BEGIN, "copy")));
        Change defined = new Change.Defined(BEGIN, new ScopeDefinition("s", null, List.of()));
        ask(new Operation.Import("copy", 1, defined));
        restart();
        assertThat(ask(new Operation.Import("copy", 1, defined))).isEqualTo(new Outcome.Done(false, List.of()));
        assertThat(ask(new Operation.Import("copy", 2, new Change.ImportEnded(BEGIN))))
                .isEqualTo(new Outcome.Done(true, List.of()));
        restart();
        assertThat(bookedBefore(OperationId.given("b"))).isFalse();
    }
}
