package io.holdfast.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStoreProvider;
import io.holdfast.spi.StoreException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Opens {@code jdbc:h2:…}, {@code jdbc:sqlite:…}, {@code jdbc:postgresql:…} and {@code jdbc:mariadb:…}. Parameters for the
 * ledger stand among those for the driver: {@code holdfast.schema} ({@code expect} or {@code if-missing}), {@code
 * holdfast.prefix} and {@code holdfast.pool}, the most connections. For H2 and SQLite, a missing database and missing
 * tables are created unless the URL says {@code expect}.
 */
public final class JdbcStoreProvider implements LedgerStoreProvider {
    private static final Pattern PARAMETER = Pattern.compile("([?&;])holdfast\\.([a-z]+)=([^&;]*)");
    private static final int POOL = 4;
    private static final int LARGEST_POOL = 100;
    private static final int SQLITE_OPEN_READWRITE = 2;

    /** Makes the provider; {@link java.util.ServiceLoader} does. */
    public JdbcStoreProvider() {}

    @Override
    public String scheme() {
        return "jdbc";
    }

    @Override
    public LedgerStore open(String url, @Nullable InstantSource clock) {
        Engine engine = Engine.ofUrl(url);
        Map<String, String> parameters = new HashMap<>();
        String plain = plain(url, parameters);
        JdbcOptions options =
                JdbcOptions.ofDefaults().withSchema(engine.embedded() ? SchemaMode.IF_MISSING : SchemaMode.EXPECT);
        String schema = parameters.remove("schema");
        if (schema != null) {
            options = options.withSchema(schemaMode(schema));
        }
        String prefix = parameters.remove("prefix");
        if (prefix != null) {
            options = options.withPrefix(prefix);
        }
        String pool = parameters.remove("pool");
        int size = pool == null ? POOL : poolSize(pool);
        if (!parameters.isEmpty()) {
            throw new InvalidInputException(
                    "parameter",
                    "holdfast." + parameters.keySet().iterator().next(),
                    "must be holdfast.schema, holdfast.prefix or holdfast.pool");
        }
        HikariDataSource source = pool(engine, plain, size, options.schema());
        try {
            return JdbcStore.open(source, options, engine == Engine.H2 && shared(plain), source::close);
        } catch (RuntimeException | Error failure) {
            source.close();
            throw failure;
        }
    }

    /** Takes the ledger's parameters out of a URL. */
    static String plain(String url, Map<String, String> parameters) {
        StringBuilder plain = new StringBuilder();
        Matcher parameter = PARAMETER.matcher(url);
        boolean question = false;
        while (parameter.find()) {
            question |= parameter.group(1).equals("?");
            parameters.put(parameter.group(2), parameter.group(3));
            parameter.appendReplacement(plain, "");
        }
        parameter.appendTail(plain);
        int and = plain.indexOf("&");
        if (question && plain.indexOf("?") < 0 && and >= 0) {
            plain.setCharAt(and, '?');
        }
        return plain.toString();
    }

    private static SchemaMode schemaMode(String text) {
        return switch (text) {
            case "expect" -> SchemaMode.EXPECT;
            case "if-missing" -> SchemaMode.IF_MISSING;
            default -> throw new InvalidInputException("holdfast.schema", text, "must be expect or if-missing");
        };
    }

    private static int poolSize(String text) {
        if (text.matches("[1-9][0-9]{0,2}") && Integer.parseInt(text) <= LARGEST_POOL) {
            return Integer.parseInt(text);
        }
        throw new InvalidInputException("holdfast.pool", text, "must be 1 to " + LARGEST_POOL);
    }

    /** Tells whether the first process to open an H2 database serves it to others. */
    private static boolean shared(String url) {
        return url.toUpperCase(Locale.ROOT).contains("AUTO_SERVER=TRUE");
    }

    static HikariDataSource pool(Engine engine, String url, int size, SchemaMode schema) {
        requireDriver(engine, url);
        boolean expected = schema == SchemaMode.EXPECT;
        HikariConfig config = new HikariConfig();
        config.setPoolName("holdfast-" + engine.name().toLowerCase(Locale.ROOT));
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(10_000);
        config.setInitializationFailTimeout(1);
        config.setJdbcUrl(url);
        switch (engine) {
            case H2 -> {
                String upper = url.toUpperCase(Locale.ROOT);
                config.setJdbcUrl(url
                        + (upper.contains("WRITE_DELAY") ? "" : ";WRITE_DELAY=0")
                        + (expected && !upper.contains("IFEXISTS") ? ";IFEXISTS=TRUE" : ""));
                if (shared(url)) {
                    // Of two that open at once what a killed process left locked, H2 turns one away for a moment.
                    config.setInitializationFailTimeout(config.getConnectionTimeout());
                }
            }
            case SQLITE -> {
                put(config, url, "journal_mode", "WAL");
                put(config, url, "synchronous", "FULL");
                put(config, url, "busy_timeout", "10000");
                if (expected) {
                    put(config, url, "open_mode", Integer.toString(SQLITE_OPEN_READWRITE));
                }
                if (url.contains(":memory:") || url.equals("jdbc:sqlite:")) {
                    config.setMaximumPoolSize(1);
                    config.setMaxLifetime(0);
                    config.setIdleTimeout(0);
                }
            }
            case POSTGRESQL -> {
                put(config, url, "ApplicationName", "holdfast");
                put(config, url, "connectTimeout", "10");
                put(config, url, "socketTimeout", "30");
                put(config, url, "tcpKeepAlive", "true");
            }
            case MARIADB -> {
                put(config, url, "connectTimeout", "10000");
                put(config, url, "socketTimeout", "30000");
                put(config, url, "tcpKeepAlive", "true");
                // A process that has gone must not keep the lane locked.
                put(config, url, "sessionVariables", "idle_transaction_timeout=30");
            }
        }
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException failure) {
            throw new StoreException("the ledger cannot be opened: " + deepest(failure), failure);
        }
    }

    private static void requireDriver(Engine engine, String url) {
        try {
            DriverManager.getDriver(url);
        } catch (SQLException none) {
            throw new StoreException(
                    "there is no driver for " + engine + " on the class path; it needs " + engine.driver(), none);
        }
    }

    /** The pool tells of itself; what the driver says is below that. */
    private static String deepest(Throwable failure) {
        Throwable deepest = failure;
        for (Throwable at = failure; at != null; at = at.getCause()) {
            deepest = at instanceof SQLException ? at : deepest;
        }
        return String.valueOf(deepest.getMessage());
    }

    private static void put(HikariConfig config, String url, String property, String value) {
        if (!url.contains(property + "=")) {
            config.addDataSourceProperty(property, value);
        }
    }
}
