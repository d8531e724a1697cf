package io.holdfast.store.jdbc;

import io.holdfast.tck.LedgerLocation;
import io.holdfast.tck.LedgerStoreContract;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A ledger in a database server")
@ParameterizedClass(name = "{0}")
@MethodSource("specs")
class ServerContractTest extends LedgerStoreContract {
    private final Spec spec;

    ServerContractTest(Spec spec) {
        this.spec = spec;
    }

    static Stream<Spec> specs() {
        Spec postgresql = Spec.of(TestServer.POSTGRESQL);
        Spec mariaDb = Spec.of(TestServer.MARIADB);
        List<Spec> specs = new ArrayList<>(List.of(
                postgresql
                        .withoutAutoCommit()
                        .pool(8)
                        .prefix("budget_")
                        .named("eight connections, no autocommit, another prefix"),
                mariaDb.onManualClock()
                        .withoutAutoCommit()
                        .pool(1)
                        .prefix("")
                        .named("turned clock, one connection, no autocommit, no prefix")));
        if (Boolean.getBoolean("holdfast.full")) {
            specs.add(postgresql.onManualClock().pool(1).named("turned clock, one connection"));
            specs.add(postgresql.prefix("").named("no prefix"));
            specs.add(postgresql.named("as it comes"));
            specs.add(mariaDb.pool(8).prefix("budget_").named("eight connections, another prefix"));
            specs.add(mariaDb.named("as it comes"));
        }
        return specs.stream();
    }

    @Override
    protected LedgerLocation newLocation() {
        return spec.location();
    }
}
