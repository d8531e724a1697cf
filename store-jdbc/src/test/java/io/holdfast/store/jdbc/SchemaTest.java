package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The schema")
class SchemaTest {
    private final TestDatabase database = TestServer.SQLITE.fresh();

    @Test
    @DisplayName("is not created unless asked for, and the refusal names the script to run")
    void expected() {
        try (HikariDataSource source = Spec.of(TestServer.SQLITE).source(database.url())) {
            assertThatThrownBy(() -> JdbcStore.open(source, JdbcOptions.ofDefaults()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("sql/v1/sqlite.sql")
                    .hasMessageContaining("holdfast_");
        } finally {
            database.drop();
        }
    }

    @Test
    @DisplayName("is what the script makes")
    void script() throws SQLException {
        try (HikariDataSource source = Spec.of(TestServer.SQLITE).source(database.url())) {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                for (String sql : Schema.statements(Engine.SQLITE.ddl("mine_"))) {
                    statement.execute(sql);
                }
            }
            try (JdbcStore store =
                    JdbcStore.open(source, JdbcOptions.ofDefaults().withPrefix("mine_"))) {
                store.apply(Ops.define("s", 10));
                Ops.assertClean(store);
            }
        } finally {
            database.drop();
        }
    }

    @Test
    @DisplayName("of a newer version is refused and left alone")
    void newer() throws SQLException {
        Spec spec = Spec.of(TestServer.SQLITE);
        spec.open(database, null).close();
        try (HikariDataSource source = spec.source(database.url())) {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("UPDATE holdfast_schema_version SET version = 2");
            }
            JdbcOptions options = JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING);
            assertThatThrownBy(() -> JdbcStore.open(source, options))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("version 2");
        } finally {
            database.drop();
        }
    }

    @Test
    @DisplayName("of two prefixes in one database keeps two ledgers")
    void prefixes() {
        Spec spec = Spec.of(TestServer.SQLITE);
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
