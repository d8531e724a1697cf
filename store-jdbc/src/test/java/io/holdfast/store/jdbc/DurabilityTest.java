package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.BudgetManager;
import io.holdfast.error.HoldfastException;
import io.holdfast.spi.Durability;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.StoreException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("What a ledger survives is read from the database's settings:")
class DurabilityTest {
    private static final JdbcOptions OPTIONS = JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING);

    private static Durability of(String url) {
        try (LedgerStore store = LedgerStores.open(url)) {
            return store.traits().durability();
        }
    }

    /** Returns a URL that has no settings of its own beyond where the database is. */
    private static String plain(TestDatabase database) {
        return database.url().replaceFirst("[?]journal_mode.*|;WRITE_DELAY.*", "");
    }

    private static String with(String url, String parameter) {
        char separator = url.startsWith("jdbc:h2:") ? ';' : url.contains("?") ? '&' : '?';
        return url + separator + parameter;
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"H2,PROCESS", "SQLITE,POWER", "POSTGRESQL,POWER", "MARIADB,POWER"})
    @DisplayName("as a URL opens it")
    void asItComes(TestServer server, Durability durability) {
        TestDatabase database = server.fresh();
        try {
            String url = with(plain(database), "holdfast.schema=if-missing");
            assertThat(of(url)).isEqualTo(durability);
            BudgetManager.Builder builder = BudgetManager.builder().store(url).requireDurability(Durability.POWER);
            if (durability == Durability.POWER) {
                builder.build().close();
            } else {
                assertThatThrownBy(builder::build)
                        .isInstanceOf(HoldfastException.class)
                        .hasMessageContaining("POWER");
            }
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource({
        "H2,WRITE_DELAY=500,NONE",
        "SQLITE,synchronous=NORMAL,PROCESS",
        "SQLITE,synchronous=OFF,PROCESS",
        "SQLITE,journal_mode=MEMORY,NONE",
        "SQLITE,journal_mode=DELETE,POWER",
        "POSTGRESQL,options=-c%20synchronous_commit=off,NONE",
        "POSTGRESQL,options=-c%20synchronous_commit=local,POWER",
    })
    @DisplayName("set otherwise in the URL")
    void setOtherwise(TestServer server, String setting, Durability durability) {
        TestDatabase database = server.fresh();
        try {
            assertThat(of(with(with(plain(database), setting), "holdfast.schema=if-missing")))
                    .isEqualTo(durability);
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:h2:mem:nothing", "jdbc:sqlite::memory:"})
    @DisplayName("nothing in memory")
    void inMemory(String url) {
        assertThat(of(url)).isEqualTo(Durability.NONE);
    }

    /** Answers a question about a setting otherwise, where it is a setting of the whole server. */
    private static Durability answering(TestServer server, String asked, String answer) {
        TestDatabase database = server.fresh();
        MeddledSource.Meddler meddler = new MeddledSource.Meddler() {
            @Override
            public String sql(String sql) {
                return sql.replace(asked, answer);
            }
        };
        try (HikariDataSource pool = Spec.of(server).source(database.url());
                JdbcStore store = JdbcStore.open(MeddledSource.of(pool, meddler), OPTIONS)) {
            return store.traits().durability();
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"0,NONE", "1,POWER", "2,PROCESS", "3,POWER"})
    @DisplayName("MariaDB's innodb_flush_log_at_trx_commit")
    void mariaDb(String setting, Durability durability) {
        assertThat(answering(TestServer.MARIADB, "@@innodb_flush_log_at_trx_commit", "'" + setting + "'"))
                .isEqualTo(durability);
    }

    @Test
    @DisplayName("PostgreSQL's fsync")
    void postgresql() {
        assertThat(answering(TestServer.POSTGRESQL, "SHOW fsync", "SELECT 'off'"))
                .isEqualTo(Durability.PROCESS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.51.2", "3.52.0", "3.46.1"})
    @DisplayName("nothing is kept in an SQLite that several writers can corrupt")
    void oldSqlite(String version) {
        assertThatThrownBy(() -> answering(TestServer.SQLITE, "sqlite_version()", "'" + version + "'"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("SQLite " + version)
                .hasMessageContaining("3.51.3");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("and several processes may share it, or not")
    void shared(TestServer server) {
        TestDatabase database = server.fresh();
        try (LedgerStore store = LedgerStores.open(with(plain(database), "holdfast.schema=if-missing"))) {
            assertThat(store.traits().shared()).isEqualTo(server != TestServer.H2);
        } finally {
            database.drop();
        }
    }
}
