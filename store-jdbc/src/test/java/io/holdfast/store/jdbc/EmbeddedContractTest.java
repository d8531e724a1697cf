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
                h2.onManualClock()
                        .withoutAutoCommit()
                        .pool(2)
                        .prefix("")
                        .named("turned clock, no autocommit, no prefix"),
                sqlite.withoutAutoCommit()
                        .pool(1)
                        .prefix("budget_")
                        .named("one connection, no autocommit, another prefix")));
        if (Boolean.getBoolean("holdfast.full")) {
            specs.add(h2.named("as it comes"));
            specs.add(h2.pool(1).named("one connection"));
            specs.add(h2.prefix("budget_").pool(8).named("eight connections, another prefix"));
            specs.add(sqlite.onManualClock().named("turned clock"));
            specs.add(sqlite.pool(8).prefix("").named("eight connections, no prefix"));
        }
        return specs.stream();
    }

    @Override
    protected LedgerLocation newLocation() {
        return spec.location();
    }
}
