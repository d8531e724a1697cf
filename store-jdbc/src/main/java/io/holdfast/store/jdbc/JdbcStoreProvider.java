package io.holdfast.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStoreProvider;
import io.holdfast.spi.StoreException;
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
 * holdfast.prefix} and {@code holdfast.pool}, the most connections. For H2 and SQLite, missing tables are created unless
 * the URL says otherwise.
 */
public final class JdbcStoreProvider implements LedgerStoreProvider {
    private static final Pattern PARAMETER = Pattern.compile("([?&;])holdfast\\.([a-z]+)=([^&;]*)");
    private static final int POOL = 4;
    private static final int LARGEST_POOL = 100;

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
        HikariDataSource source = pool(engine, plain, size);
        try {
            boolean server =
                    engine == Engine.H2 && plain.toUpperCase(Locale.ROOT).contains("AUTO_SERVER=TRUE");
            return JdbcStore.open(source, options, server, source::close);
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

    private static HikariDataSource pool(Engine engine, String url, int size) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("holdfast-" + engine.name().toLowerCase(Locale.ROOT));
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(10_000);
        config.setInitializationFailTimeout(-1);
        config.setJdbcUrl(url);
        switch (engine) {
            case H2 -> {
                if (!url.toUpperCase(Locale.ROOT).contains("WRITE_DELAY")) {
                    config.setJdbcUrl(url + ";WRITE_DELAY=0");
                }
            }
            case SQLITE -> {
                put(config, url, "journal_mode", "WAL");
                put(config, url, "synchronous", "FULL");
                put(config, url, "busy_timeout", "10000");
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
            }
        }
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException failure) {
            throw new StoreException(
                    "no connection pool for " + engine + "; is its driver, " + engine.driver() + ", on the class path? "
                            + failure.getMessage(),
                    failure);
        }
    }

    private static void put(HikariConfig config, String url, String property, String value) {
        if (!url.contains(property + "=")) {
            config.addDataSourceProperty(property, value);
        }
    }
}
