package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.tck.LedgerLocation;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("I3: what the properties of stores have found")
class StoreRegressionTest {
    /** Found in SQLite and PostgreSQL: the redefinition wrote the counter that the refusal had looked at. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"MEMORY", "JSON", "H2", "SQLITE"})
    @DisplayName("verify takes a counter that only a refused call has met for no damage")
    void verifiesAfterARefusal(Stores kind) {
        LedgerLocation location = kind.location();
        try (LedgerStore store = location.open(() -> Instant.EPOCH)) {
            store.apply(define(List.of(Limit.of(Meter.COST, 0, Window.lifetime())), false));
            Outcome refused = store.apply(new Operation.Reserve(
                    OperationId.given("r"),
                    "s",
                    null,
                    "m",
                    new Amounts(1, 0, 0, 0),
                    1_000,
                    OnExpiry.CHARGE,
                    Detail.NONE));
            assertThat(refused).isInstanceOf(Outcome.Denied.class);
            store.apply(define(List.of(), true));
            assertThat(store.verify().differences()).isEmpty();
        } finally {
            location.close();
        }
    }

    private static Operation define(List<Limit> limits, boolean replace) {
        return new Operation.Define(new ScopeDefinition("s", null, limits), replace);
    }
}
