package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Many rows for the tables of PostgreSQL at once")
class ManyRowsTest {
    private static final int MANY = 100;
    private static final Detail ODD =
            new Detail(Usage.of(1, 2), Map.of("\\.", "\t a\\tb \\N \n", "team", "\"q\" \\ ü \uD83D\uDE00 \r"));

    private final Spec spec = Spec.of(TestServer.POSTGRESQL);
    private TestDatabase database;
    private HikariDataSource source;

    @BeforeEach
    void open() {
        database = spec.server().fresh();
        source = spec.source(database.url());
    }

    @AfterEach
    void close() {
        source.close();
        database.drop();
    }

    @Test
    @DisplayName("are lines with tabs between the values, in which nothing is taken for something else")
    void text() throws SQLException {
        List<Object[]> rows = List.of(
                new Object[] {1L, "a", null},
                new Object[] {Long.MIN_VALUE, "\\N", "\ta\\b\nc\r"},
                new Object[] {0L, "", "ü"},
                new Object[] {Long.MAX_VALUE, -10L, "\uD83D\uDE00"});
        assertThat(copyText(rows))
                .isEqualTo("1\ta\t\\N\n-9223372036854775808\t\\\\N\t\\ta\\\\b\\nc\\r\n0\t\tü\n"
                        + "9223372036854775807\t-10\t\uD83D\uDE00\n");
    }

    @Test
    @DisplayName("leave out columns that are empty in every row")
    void emptyColumns() throws SQLException {
        assertThat(copyText(List.of(new Object[] {null, 1L, null, null}, new Object[] {null, 2L, null, "a"})))
                .isEqualTo("1\t\\N\n2\ta\n");
    }

    @Test
    @DisplayName("are handed on in pieces, however long they are")
    void pieces() throws SQLException {
        String longest = "\\".repeat(100_000);
        List<Object[]> rows = new ArrayList<>();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            String value = i % 1_000 == 500 ? longest : "ü" + i;
            rows.add(new Object[] {(long) i, value});
            expected.append(i).append('\t').append(value.replace("\\", "\\\\")).append('\n');
        }
        assertThat(copyText(rows)).isEqualTo(expected.toString());
    }

    private static String copyText(List<Object[]> rows) throws SQLException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        CopyText text = new CopyText(Table.used(rows.get(0).length, rows), written::write);
        for (Object[] row : rows) {
            text.add(row);
        }
        text.end();
        return written.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest(name = "copied: {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName("show what the journal has, whatever is in names and tags, and whether the driver can copy or not")
    void oddTexts(boolean copied) throws SQLException {
        List<String> copies = new ArrayList<>();
        try (JdbcStore store = store(copied ? listening(copies) : withoutCopy())) {
            store.apply(Ops.define("s\\", 1_000_000));
            List<Operation> batch = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                batch.add(new Operation.Book(
                        OperationId.given("\\N" + i), "s\\", "se\\ssion", "m\\del", new Amounts(1, 1, 0, 1), ODD));
                batch.add(Ops.reserve("h\\" + i, "s\\", 5));
            }
            store.apply(batch);
            store.showTables();
            Ops.assertClean(store);
        }
        assertThat(number("SELECT COUNT(*) FROM holdfast_charges WHERE model = 'm\\del' AND session_id = 'se\\ssion'"))
                .isEqualTo(MANY);
        assertThat(number("SELECT COUNT(*) FROM holdfast_holds WHERE hold_id LIKE 'h_%' AND session_id IS NULL"))
                .isEqualTo(MANY);
        assertThat(copies).hasSize(copied ? 2 : 0);
    }

    @Test
    @DisplayName("take the place of rows with the same keys, where an id was forgotten and is used again")
    void sameKeys() throws SQLException {
        try (JdbcStore store = store(source)) {
            store.apply(Ops.define("s", 1_000_000));
            store.apply(List.of(Ops.reserve("h7", "s", 5), Ops.commit("h7", "s", 3)));
            store.showTables();
            // as the holds of a ledger that has forgotten them stay until they are pruned
            execute("UPDATE holdfast_holds SET hold_id = 'h8' WHERE hold_id = 'h7'");
            List<Operation> batch = new ArrayList<>();
            for (int i = 8; i < MANY; i++) {
                batch.add(Ops.reserve("h" + i, "s", 5));
            }
            store.apply(batch);
            store.showTables();
        }
        assertThat(number("SELECT COUNT(*) FROM holdfast_holds WHERE state = 'active'"))
                .isEqualTo(MANY - 8);
        assertThat(number("SELECT COUNT(*) FROM holdfast_holds")).isEqualTo(MANY - 8);
    }

    @Test
    @DisplayName("are shown after all, and once, where the connection is lost while they are copied")
    void lostWhileCopying() {
        AtomicInteger copies = new AtomicInteger();
        DataSource losing = MeddledSource.of(source, new MeddledSource.Meddler() {
            @Override
            public void after(Connection connection, String step) throws SQLException {
                if (step.equals(MeddledSource.COPY) && copies.incrementAndGet() == 1) {
                    throw new SQLException("the connection is lost", "08006");
                }
            }
        });
        try (JdbcStore store = store(losing)) {
            store.apply(Ops.define("s", 1_000_000));
            List<Operation> batch = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                batch.add(Ops.reserve("h" + i, "s", 5));
            }
            store.apply(batch);
            store.showTables();
            Ops.assertClean(store);
        }
        assertThat(copies).hasValueGreaterThan(1);
        assertThat(number("SELECT COUNT(*) FROM holdfast_holds")).isEqualTo(MANY);
    }

    @Test
    @DisplayName("have keys that compare by their bytes, whatever the language of the database")
    void collation() {
        store(source).close();
        assertThat(number("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = current_schema()"
                        + " AND table_name = 'holdfast_holds' AND column_name IN ('scope', 'hold_id')"
                        + " AND collation_name = 'C'"))
                .isEqualTo(2);
    }

    private static JdbcStore store(DataSource source) {
        return JdbcStore.open(source, JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING));
    }

    private DataSource listening(List<String> copies) {
        return MeddledSource.of(source, new MeddledSource.Meddler() {
            @Override
            public void before(Connection connection, String step) {
                if (step.equals(MeddledSource.COPY)) {
                    copies.add(step);
                }
            }
        });
    }

    private DataSource withoutCopy() {
        return MeddledSource.of(source, new MeddledSource.Meddler() {
            @Override
            public boolean copies() {
                return false;
            }
        });
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }

    private long number(String sql) {
        return Jdbi.create(source)
                .withHandle(handle -> handle.createQuery(sql).mapTo(Long.class).one());
    }
}
