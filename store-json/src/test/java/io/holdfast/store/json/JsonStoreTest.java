package io.holdfast.store.json;

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
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonStoreTest {
    @TempDir
    Path directory;

    @Test
    void whatWasAcknowledgedIsThereAfterReopening() {
        try (LedgerStore store = LedgerStores.open("json:" + directory)) {
            store.apply(new Operation.Define(
                    new ScopeDefinition(
                            "team", null, List.of(Limit.cost(Usd.of("10"), Window.rolling(Duration.ofHours(24))))),
                    false));
            Outcome held = store.apply(reserve("h1", 4_000_000_000L));
            assertThat(held).isInstanceOf(Outcome.Held.class);
            store.apply(new Operation.Commit("team", "h1", new Amounts(3_000_000_000L, 5, 6, 1), false, Detail.NONE));
            store.apply(reserve("h2", 4_000_000_000L));
            assertThat(store.verify().differences()).isEmpty();
        }
        try (LedgerStore store = LedgerStores.open("json:" + directory)) {
            assertThat(store.apply(reserve("h3", 4_000_000_000L))).isInstanceOf(Outcome.Denied.class);
            assertThat(((Outcome.Held) store.apply(reserve("h2", 4_000_000_000L))).repeated())
                    .isTrue();
            assertThat(store.verify().differences()).isEmpty();
        }
    }

    private static Operation reserve(String id, long cost) {
        return new Operation.Reserve(
                OperationId.given(id),
                "team",
                null,
                "m",
                new Amounts(cost, 10, 10, 1),
                60_000,
                OnExpiry.CHARGE,
                Detail.NONE);
    }
}
