package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.internal.StateItem;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The pieces of a snapshot")
class ItemsTest {
    private static final Limit TOKENS = Limit.tokens(1_000, Window.rolling(Duration.ofHours(24)));
    private static final Limit CALLS = Limit.calls(1_000, Window.lifetime());

    private final StateItem.CounterRef tokens = new StateItem.CounterRef("team", TOKENS, null);
    private final StateItem.CounterRef calls = new StateItem.CounterRef("user", CALLS, "key");

    @Test
    @DisplayName("are read as they were written, over as many parts as they take")
    void roundTrip() {
        List<StateItem> items = new ArrayList<>();
        items.add(new StateItem.Clock(7));
        for (int i = 0; i < 2_000; i++) {
            items.add(held("h" + i, i % 3 == 0 ? List.of(tokens, calls) : i % 3 == 1 ? List.of(calls) : List.of()));
        }
        List<String> parts = Snapshots.parts(9, items);
        assertThat(parts).hasSizeGreaterThan(3);
        assertThat(read(parts.subList(1, parts.size()))).isEqualTo(items);
    }

    @Test
    @DisplayName("tell a counter once, however many holds are set aside in it")
    void once() {
        List<String> parts =
                Snapshots.parts(9, List.of(held("a", List.of(tokens, calls)), held("b", List.of(calls, tokens))));
        String all = String.join("", parts);
        assertThat(all.split("\"limit\"", -1)).hasSize(3);
        assertThat(all).contains("\"counters\":[0,1]", "\"counters\":[1,0]");
    }

    @Test
    @DisplayName("are refused where a hold is set aside in a counter that was not told before")
    void unknownCounter() {
        List<String> parts = Snapshots.parts(9, List.of(held("a", List.of(tokens, calls))));
        List<String> damaged = List.of(parts.get(1).replace("[0,1]", "[0,2]"));
        assertThatThrownBy(() -> read(damaged))
                .isInstanceOf(CorruptLedgerException.class)
                .hasMessage("a snapshot has a hold in counter 2 of 2");
    }

    private static List<StateItem> read(List<String> parts) {
        Items.Reader reader = new Items.Reader();
        List<StateItem> items = new ArrayList<>();
        for (String part : parts) {
            Json.parse(part, "part").forEach(node -> reader.read(node, items::add));
        }
        return items;
    }

    private static StateItem held(String id, List<StateItem.CounterRef> counters) {
        return new StateItem.Held(
                id,
                true,
                "user",
                "session",
                "model",
                new Amounts(1, 2, 3, 1),
                5,
                250,
                9,
                OnExpiry.CHARGE,
                List.of(),
                Long.MIN_VALUE,
                new Detail(Usage.of(2, 3), Map.of("team", "ü \\")),
                counters,
                HoldState.ACTIVE,
                0,
                Amounts.NONE,
                0,
                "drawn",
                new StateItem.Allotted("child", 4, 5));
    }
}
