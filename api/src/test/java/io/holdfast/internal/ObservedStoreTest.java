package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An observed store")
class ObservedStoreTest {
    private static final Operation SWEEP = new Operation.Sweep();

    @Test
    @DisplayName("tells of a batch with those that joined it while it waited for its turn")
    void joined() {
        List<Integer> gathered = new ArrayList<>();
        LedgerObserver observer = new LedgerObserver() {
            @Override
            public void gathered(int operations) {
                gathered.add(operations);
            }
        };
        LedgerStore takesTurns = new ForwardingLedgerStore(LedgerStores.open("memory:")) {
            @Override
            public List<Outcome> apply(List<Operation> batch, Supplier<List<Operation>> more) {
                List<Operation> all = new ArrayList<>(batch);
                all.addAll(more.get());
                all.addAll(more.get());
                return apply(all);
            }
        };
        try (LedgerStore observed = new ObservedStore(takesTurns, observer)) {
            assertThat(observed.apply(List.of(SWEEP), () -> List.of(SWEEP, SWEEP)))
                    .hasSize(5);
            assertThat(observed.apply(List.of(SWEEP, SWEEP))).hasSize(2);
        }
        assertThat(gathered).containsExactly(5, 2);
    }
}
