package io.holdfast.store.jdbc;

import io.holdfast.spi.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The tables of a ledger: looked for, created where asked, and refused where this version cannot read them. */
final class Schema {
    static final int VERSION = 1;

    private final Engine engine;
    private final String prefix;

    Schema(Engine engine, String prefix) {
        this.engine = engine;
        this.prefix = prefix;
    }

    void prepare(DataSource source, SchemaMode mode) throws SQLException {
        Integer version = version(source);
        if (version == null && mode == SchemaMode.IF_MISSING) {
            create(source);
            version = version(source);
        }
        if (version == null) {
            throw new StoreException(
                    "the database has no ledger, for there is no table " + prefix + "schema_version: run "
                            + engine.resource() + " from the jar, which 'holdfast schema --engine "
                            + engine.name().toLowerCase(Locale.ROOT)
                            + (prefix.equals(JdbcOptions.ofDefaults().prefix()) ? "" : " --prefix '" + prefix + "'")
                            + "' prints, or open the ledger with schema mode IF_MISSING",
                    null);
        }
        if (version != VERSION) {
            throw new StoreException(
                    "the tables named " + prefix + "… have schema version " + version + ", and this is a program for"
                            + " version " + VERSION,
                    null);
        }
    }

    private @Nullable Integer version(DataSource source) throws SQLException {
        try (Session session = Session.open(source)) {
            if (!exists(session.connection())) {
                return null;
            }
            return session.handle()
                    .createQuery("SELECT MAX(version) FROM " + prefix + "schema_version")
                    .mapTo(Integer.class)
                    .findOne()
                    .orElse(null);
        }
    }

    /** Asks the catalogue, as a query of a table that is not there would spoil a transaction or be logged as an error. */
    private boolean exists(Connection connection) throws SQLException {
        String wanted = prefix + "schema_version";
        String stored =
                connection.getMetaData().storesUpperCaseIdentifiers() ? wanted.toUpperCase(Locale.ROOT) : wanted;
        String pattern = stored.replace("_", connection.getMetaData().getSearchStringEscape() + "_");
        try (ResultSet tables = connection
                .getMetaData()
                .getTables(connection.getCatalog(), connection.getSchema(), pattern, new String[] {"TABLE", "BASE TABLE"
                })) {
            while (tables.next()) {
                if (stored.equals(tables.getString("TABLE_NAME"))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Creates the tables, in one transaction where the engine can; another process may be doing the same. */
    private void create(DataSource source) throws SQLException {
        try (Session session = Session.open(source)) {
            session.begin();
            try (Statement statement = session.connection().createStatement()) {
                for (String sql : statements(engine.ddl(prefix))) {
                    statement.execute(sql);
                }
            }
            session.commit();
        } catch (SQLException failure) {
            if (!createdByAnother(source)) {
                throw new StoreException(
                        "the tables of a ledger could not be created: " + failure.getMessage() + "; if an earlier"
                                + " attempt left " + prefix + "schema_version and others without a version in it, drop"
                                + " them first",
                        failure);
            }
        }
    }

    private boolean createdByAnother(DataSource source) throws SQLException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (System.nanoTime() < end) {
            if (version(source) != null) {
                return true;
            }
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
        return false;
    }

    static List<String> statements(String script) {
        String code = script.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
        List<String> statements = new ArrayList<>();
        for (String each : code.split(";\n", -1)) {
            String sql = each.strip();
            if (!sql.isEmpty()) {
                statements.add(sql.endsWith(";") ? sql.substring(0, sql.length() - 1) : sql);
            }
        }
        return statements;
    }
}
