package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The schema")
class SchemaTest {
    private static HikariDataSource source(TestServer server, TestDatabase database) {
        return Spec.of(server).source(database.url());
    }

    private static void run(HikariDataSource source, List<String> script) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : script) {
                statement.execute(sql);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("is not created unless asked for, and the refusal names the script to run, which is all it takes")
    void expected(TestServer server) throws SQLException {
        TestDatabase database = server.fresh();
        Engine engine = Engine.named(server.name());
        JdbcOptions options = JdbcOptions.ofDefaults().withPrefix("mine_");
        try (HikariDataSource source = source(server, database)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> JdbcStore.open(source, options))
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("there is no table mine_schema_version")
                        .hasMessageContaining("sql/v1/" + engine.name().toLowerCase(Locale.ROOT) + ".sql")
                        .hasMessageContaining("holdfast schema --engine "
                                + engine.name().toLowerCase(Locale.ROOT) + " --prefix 'mine_'")
                        .hasMessageContaining("IF_MISSING");
            }
            run(source, Schema.statements(engine.ddl("mine_")));
            try (JdbcStore store = JdbcStore.open(source, options)) {
                store.apply(Ops.define("s", 10));
                Ops.assertClean(store);
            }
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("of a newer version is refused and left alone")
    void newer(TestServer server) throws SQLException {
        TestDatabase database = server.fresh();
        JdbcOptions options = JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING);
        try (HikariDataSource source = source(server, database)) {
            try (JdbcStore store = JdbcStore.open(source, options)) {
                store.apply(Ops.define("s", 10));
            }
            run(source, List.of("UPDATE holdfast_schema_version SET version = 2"));
            for (SchemaMode mode : SchemaMode.values()) {
                assertThatThrownBy(() -> JdbcStore.open(source, options.withSchema(mode)))
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("holdfast_")
                        .hasMessageContaining("have schema version 2")
                        .hasMessageContaining("version 1");
            }
            run(source, List.of("UPDATE holdfast_schema_version SET version = 1"));
            try (JdbcStore store = JdbcStore.open(source, options)) {
                assertThat(Ops.state(store, "s").limit().amount()).isEqualTo(10);
            }
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("of two prefixes in one database keeps two ledgers")
    void prefixes(TestServer server) {
        TestDatabase database = server.fresh();
        Spec spec = Spec.of(server);
        try (JdbcStore one = spec.prefix("one_").open(database, null);
                JdbcStore two = spec.prefix("two_").open(database, null)) {
            one.apply(Ops.define("s", 10));
            two.apply(Ops.define("s", 20));
            assertThat(Ops.state(one, "s").limit().amount()).isEqualTo(10);
            assertThat(Ops.state(two, "s").limit().amount()).isEqualTo(20);
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("is created once where several processes find it missing at the same time")
    void createdAtOnce(TestServer server) throws Exception {
        TestDatabase database = server.fresh();
        int openers = 4;
        ExecutorService threads = Executors.newFixedThreadPool(openers);
        try (HikariDataSource source = source(server, database)) {
            CountDownLatch start = new CountDownLatch(openers);
            List<Future<JdbcStore>> opening = new ArrayList<>();
            for (int i = 0; i < openers; i++) {
                opening.add(threads.submit(() -> {
                    start.countDown();
                    start.await();
                    return JdbcStore.open(source, JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING));
                }));
            }
            int spent = 0;
            for (Future<JdbcStore> each : opening) {
                try (JdbcStore store = each.get()) {
                    if (spent == 0) {
                        store.apply(Ops.define("s", 10));
                    }
                    store.apply(Ops.book("b" + spent, "s", 1));
                    assertThat(Ops.state(store, "s").committed()).isEqualTo(++spent);
                }
            }
        } finally {
            threads.shutdownNow();
            database.drop();
        }
    }

    @Test
    @DisplayName("of which an earlier attempt left a part is refused, and the refusal says so")
    void halfMade() throws SQLException {
        TestDatabase database = TestServer.MARIADB.fresh();
        try (HikariDataSource source = source(TestServer.MARIADB, database)) {
            run(source, Schema.statements(Engine.MARIADB.ddl("holdfast_")).subList(0, 3));
            JdbcOptions options = JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING);
            assertThatThrownBy(() -> JdbcStore.open(source, options))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("holdfast_schema_version")
                    .hasMessageContaining("drop");
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DATABASE_TO_LOWER=TRUE",
                "MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE",
                "MODE=MySQL",
                "MODE=MariaDB;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
                "DATABASE_TO_UPPER=FALSE"
            })
    @DisplayName("is found again in an H2 that writes names otherwise")
    void namesOfH2(String mode) {
        TestDatabase database = TestServer.H2.fresh();
        try {
            for (int i = 1; i < 3; i++) {
                try (LedgerStore store = LedgerStores.open(database.url() + ";" + mode)) {
                    store.apply(new Operation.Define(Ops.define("s", 10).definition(), true));
                    store.apply(List.of(Ops.reserve("r" + i, "s", 2), Ops.commit("r" + i, "s", 1)));
                    assertThat(Ops.state(store, "s").committed()).isEqualTo(i);
                    Ops.assertClean(store);
                }
            }
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"A_", "1x", "a-b", "x;drop table t", "a b", "\"", "é", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    @DisplayName("takes no prefix that is more than a name")
    void badPrefix(String prefix) {
        JdbcOptions options = JdbcOptions.ofDefaults();
        assertThatThrownBy(() -> options.withPrefix(prefix)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> Engine.H2.ddl(prefix)).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    @DisplayName("has a script for every engine, of statements that can be run one by one")
    void scripts(Engine engine) {
        String ddl = engine.ddl("pre_");
        assertThat(ddl).contains("pre_journal").doesNotContain("${");
        assertThat(Schema.statements(ddl))
                .hasSizeGreaterThan(10)
                .allSatisfy(sql -> assertThat(sql)
                        .doesNotContain(";")
                        .startsWithIgnoringCase(sql.startsWith("INSERT") ? "INSERT" : "CREATE"));
        assertThat(Engine.named(engine.name().toLowerCase(java.util.Locale.ROOT)))
                .isEqualTo(engine);
    }

    @Test
    @DisplayName("is created by a URL of an embedded engine, which may say how")
    void url() {
        TestDatabase database = TestServer.SQLITE.fresh();
        try (LedgerStore store = LedgerStores.open(database.url() + "&holdfast.prefix=url_&holdfast.pool=2")) {
            assertThat(store.traits().name()).isEqualTo("sqlite");
            store.apply(Ops.define("s", 10));
            assertThat(Ops.state(store, "s").limit().amount()).isEqualTo(10);
        } finally {
            database.drop();
        }
    }

    @Test
    @DisplayName("is refused for URLs of other engines and unknown parameters")
    void badUrls() {
        assertThatThrownBy(() -> LedgerStores.open("jdbc:oracle:thin:@x"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("jdbc:postgresql:");
        assertThatThrownBy(() -> LedgerStores.open("jdbc:h2:mem:x;holdfast.colour=red"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("holdfast.colour");
        assertThatThrownBy(() -> LedgerStores.open("jdbc:h2:mem:x;holdfast.pool=0"))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("of parameters leaves those for the driver in the URL")
    void parameters() {
        Map<String, String> found = new HashMap<>();
        assertThat(JdbcStoreProvider.plain("jdbc:postgresql://h/d?holdfast.prefix=a_&ssl=true", found))
                .isEqualTo("jdbc:postgresql://h/d?ssl=true");
        assertThat(JdbcStoreProvider.plain("jdbc:postgresql://h/d?ssl=true&holdfast.pool=9", found))
                .isEqualTo("jdbc:postgresql://h/d?ssl=true");
        assertThat(JdbcStoreProvider.plain("jdbc:h2:mem:x;holdfast.schema=expect;MODE=REGULAR", found))
                .isEqualTo("jdbc:h2:mem:x;MODE=REGULAR");
        assertThat(found).isEqualTo(Map.of("prefix", "a_", "pool", "9", "schema", "expect"));
    }

    @Test
    @DisplayName("needs an SQLite that does not corrupt it")
    void versions() {
        assertThat(SqliteDialect.supported("3.51.3")).isTrue();
        assertThat(SqliteDialect.supported("3.54.1")).isTrue();
        assertThat(SqliteDialect.supported("3.51.2")).isFalse();
        assertThat(SqliteDialect.supported("3.52.0")).isFalse();
        assertThat(SqliteDialect.supported("3.7.17")).isFalse();
    }
}
