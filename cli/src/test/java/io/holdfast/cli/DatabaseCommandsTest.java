package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.store.jdbc.TestDatabase;
import io.holdfast.store.jdbc.TestServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands on ledgers in databases. */
class DatabaseCommandsTest {
    @TempDir
    Path directory;

    private enum Embedded {
        H2,
        SQLITE;

        String url(Path directory) {
            return "jdbc:" + name().toLowerCase(Locale.ROOT) + ":" + directory.resolve("ledger.db");
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyCommandTakesTheUrlOfAnEmbeddedEngineAndMakesItsTables(Embedded engine) {
        String url = engine.url(directory);
        String trace = Traces.of(directory, 50).toString();
        Run replay = Run.of("replay", "--trace", trace, "--store", url, "--cap-per-day", "100", "--format", "json");
        assertThat(replay.code()).as(replay.err()).isZero();
        BigDecimal spent = replay.usd("spent_usd");

        Run report = Run.of("report", "--store", url, "--format", "json");
        assertThat(new BigDecimal(report.json().at("/total/spent_usd").asText()))
                .isEqualByComparingTo(spent);
        assertThat(Run.of("entries", "--store", url, "--format", "json").jsonLines())
                .hasSize(50);
        assertThat(Run.of("explain", "--store", url, "--scope", "tenant-0").code())
                .isZero();
        Run verify = Run.of("verify", "--store", url);
        assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
        assertThat(verify.err()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void everyCommandTakesTheUrlOfAServerOnceItHasTheTablesThatAreNamed(TestServer server) throws SQLException {
        TestDatabase database = server.fresh();
        String url = database.url() + "&holdfast.prefix=cli_&holdfast.pool=2";
        String engine = server.name().toLowerCase(Locale.ROOT);
        String trace = Traces.of(directory, 50).toString();
        try {
            Run refused = Run.of("replay", "--trace", trace, "--store", url);
            assertThat(refused.code()).isEqualTo(ExitCodes.FAILED);
            assertThat(refused.err())
                    .contains("there is no table cli_schema_version")
                    .contains("sql/v1/" + engine + ".sql")
                    .contains("holdfast schema --engine " + engine + " --prefix 'cli_'");
            create(
                    database,
                    Run.of("schema", "--engine", engine, "--prefix", "cli_").out());

            Run replay = Run.of("replay", "--trace", trace, "--store", url, "--cap-per-day", "100", "--format", "json");
            assertThat(replay.code()).as(replay.err()).isZero();
            Run report = Run.of("report", "--store", url, "--format", "json");
            assertThat(new BigDecimal(report.json().at("/total/spent_usd").asText()))
                    .isEqualByComparingTo(replay.usd("spent_usd"));
            assertThat(Run.of("entries", "--store", url, "--format", "json").jsonLines())
                    .hasSize(50);
            assertThat(Run.of("explain", "--store", url, "--scope", "tenant-0").code())
                    .isZero();
            Run verify = Run.of("verify", "--store", url);
            assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
            assertThat(verify.err()).isEmpty();
        } finally {
            database.drop();
        }
    }

    /** Runs a script as a client of the database would. */
    private static void create(TestDatabase database, String script) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.url());
                Statement statement = connection.createStatement()) {
            String code = script.replaceAll("(?m)^--.*$", "");
            for (String sql : code.strip().split(";\n")) {
                statement.execute(sql);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void lookingMakesNoDatabase(Embedded engine) throws IOException {
        Run run = Run.of("report", "--store", engine.url(directory));

        assertThat(run.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(run.err()).contains("the ledger cannot be opened");
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void lookingMakesNoTables(Embedded engine) {
        String url = engine.url(directory);
        assertThat(Run.of("demo", "--store", url).code()).isZero();

        Run run = Run.of("report", "--store", url + ";holdfast.prefix=other_");

        assertThat(run.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(run.err())
                .contains("there is no table other_schema_version")
                .contains("sql/v1/" + engine.name().toLowerCase(Locale.ROOT) + ".sql")
                .contains("holdfast schema --engine " + engine.name().toLowerCase(Locale.ROOT) + " --prefix 'other_'");
    }

    @ParameterizedTest
    @EnumSource
    void thePrintedSchemaIsTheOneOfTheEngine(io.holdfast.store.jdbc.Engine engine) {
        Run run = Run.of("schema", "--engine", engine.name().toLowerCase(Locale.ROOT), "--prefix", "billing_");

        assertThat(run.code()).isZero();
        assertThat(run.out()).isEqualTo(engine.ddl("billing_")).contains("CREATE TABLE billing_journal (");
    }

    @Test
    void anUnknownEngineAndABadPrefixAreRefused() {
        Run engine = Run.of("schema", "--engine", "oracle");
        assertThat(engine.code()).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(engine.err()).contains("oracle").contains("[h2, sqlite, postgresql, mariadb]");

        Run prefix = Run.of("schema", "--engine", "h2", "--prefix", "x; DROP TABLE y");
        assertThat(prefix.code()).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(prefix.err()).contains("table prefix").contains("x; DROP TABLE y");
    }

    @Test
    void anUnknownKindOfDatabaseIsRefused() {
        Run run = Run.of("report", "--store", "jdbc:oracle:thin:@db");
        assertThat(run.code()).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(run.err()).contains("jdbc:postgresql:").contains("jdbc:mariadb:");
    }

    @Test
    void aServerThatIsNotThereIsNamed() throws IOException {
        for (String kind : new String[] {"postgresql", "mariadb"}) {
            Run run = Run.of("report", "--store", "jdbc:" + kind + "://127.0.0.1:" + freePort() + "/app?user=u");
            assertThat(run.code()).isEqualTo(ExitCodes.FAILED);
            assertThat(run.err()).contains("the ledger cannot be opened").contains("127.0.0.1");
            assertThat(run.err().lines()).hasSize(1);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
