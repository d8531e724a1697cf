package io.holdfast.store.jdbc;

import io.holdfast.error.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The database engines a ledger can be kept in. */
public enum Engine {
    /** H2 2, in a file, in memory or as a server. */
    H2("H2", "jdbc:h2:", "com.h2database:h2"),
    /** SQLite 3.51.3 or later. */
    SQLITE("SQLite", "jdbc:sqlite:", "org.xerial:sqlite-jdbc"),
    /** PostgreSQL 13 or later, and databases that speak as it does. */
    POSTGRESQL("PostgreSQL", "jdbc:postgresql:", "org.postgresql:postgresql"),
    /** MariaDB 10.6 or later, on one primary. */
    MARIADB("MariaDB", "jdbc:mariadb:", "org.mariadb.jdbc:mariadb-java-client");

    private final String product;
    private final String urlStart;
    private final String driver;

    Engine(String product, String urlStart, String driver) {
        this.product = product;
        this.urlStart = urlStart;
        this.driver = driver;
    }

    /**
     * Returns the engine of a name.
     *
     * @param name such as {@code postgresql}, in any case
     * @return the engine
     * @throws InvalidInputException if there is none of that name
     */
    public static Engine named(String name) {
        for (Engine engine : values()) {
            if (engine.name().equalsIgnoreCase(name)) {
                return engine;
            }
        }
        throw new InvalidInputException("engine", name, "must be one of " + names());
    }

    static Engine ofUrl(String url) {
        for (Engine engine : values()) {
            if (url.startsWith(engine.urlStart)) {
                return engine;
            }
        }
        throw new InvalidInputException(
                "store",
                url,
                "must begin with one of "
                        + Arrays.stream(values()).map(engine -> engine.urlStart).toList());
    }

    static Engine ofProduct(String product) {
        for (Engine engine : values()) {
            if (product.equalsIgnoreCase(engine.product)) {
                return engine;
            }
        }
        throw new InvalidInputException(
                "database",
                product,
                "must be one of "
                        + Arrays.stream(values()).map(engine -> engine.product).toList());
    }

    /**
     * Returns the script that creates the tables of a ledger.
     *
     * @param prefix what the names of the tables begin with
     * @return SQL for this engine
     * @throws InvalidInputException if the prefix breaks the rule of {@link JdbcOptions}
     */
    public String ddl(String prefix) {
        String checked = JdbcOptions.ofDefaults().withPrefix(prefix).prefix();
        try (InputStream script = Engine.class.getResourceAsStream("/" + resource())) {
            if (script == null) {
                throw new IllegalStateException("the jar lacks " + resource());
            }
            return new String(script.readAllBytes(), StandardCharsets.UTF_8).replace("${prefix}", checked);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * Returns where the script is in the jar.
     *
     * @return such as {@code sql/v1/postgresql.sql}
     */
    public String resource() {
        return "sql/v" + Schema.VERSION + "/" + name().toLowerCase(Locale.ROOT) + ".sql";
    }

    /** Returns whether the engine runs inside the process that asks for it, which then owns its tables. */
    boolean embedded() {
        return this == H2 || this == SQLITE;
    }

    String driver() {
        return driver;
    }

    @Override
    public String toString() {
        return product;
    }

    private static List<String> names() {
        return Arrays.stream(values())
                .map(engine -> engine.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
