package io.holdfast.store.jdbc;

import io.holdfast.tck.LedgerLocation;
import io.holdfast.tck.LedgerStoreContract;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A ledger in an embedded database")
@ParameterizedClass(name = "{0}")
@MethodSource("specs")
class EmbeddedContractTest extends LedgerStoreContract {
    private final Spec spec;

    EmbeddedContractTest(Spec spec) {
        this.spec = spec;
    }

    static Stream<Spec> specs() {
        Spec h2 = Spec.of(TestServer.H2);
        Spec sqlite = Spec.of(TestServer.SQLITE);
        List<Spec> specs = new ArrayList<>(List.of(
                h2.onManualClock().withoutAutoCommit().prefix("").named("turned clock, no autocommit, no prefix"),
                sqlite.pool(1).prefix("budget_").named("one connection, another prefix")));
        if (Boolean.getBoolean("holdfast.full")) {
            specs.add(h2.named("as it comes"));
            specs.add(h2.pool(1).named("one connection"));
            specs.add(sqlite.onManualClock().withoutAutoCommit().named("turned clock, no autocommit"));
        }
        return specs.stream();
    }

    @Override
    protected LedgerLocation newLocation() {
        return spec.location();
    }
}
