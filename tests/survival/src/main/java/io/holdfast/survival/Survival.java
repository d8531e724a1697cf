package io.holdfast.survival;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * One row of the survival sheet: how often a kind of fault was tried somewhere, and what it broke. A test adds what it
 * counted, and calls {@link #keep()} once it has seen that all is well:
 *
 * <pre>{@code
 * Survival.of("SIGKILL of a writer", "SQLite", KilledProcessTest.class)
 *         .seed(seed).tried(kills).lost(0).doubled(0).outcome("acknowledged", acknowledged).keep();
 * }</pre>
 *
 * <p>Rows of the same fault, place and test add up within one run of a module's tests. A count that was not looked at is
 * left out, and is shown as a dash.
 */
public final class Survival {
    private static final Map<Path, Properties> KEPT = new HashMap<>();
    private static final Path DIRECTORY = Path.of("target", "survival");

    private final Path file;
    private final Properties row = new Properties();

    private Survival(String fault, String where, Class<?> test) {
        row.setProperty("fault", fault);
        row.setProperty("where", where);
        row.setProperty("test", test.getName());
        file = DIRECTORY.resolve(slug(test.getSimpleName() + "-" + fault + "-" + where) + ".properties");
    }

    /**
     * Returns an empty row.
     *
     * @param fault what is done to the library, such as {@code SIGKILL of a writer}
     * @param where to which part of it, such as the name of a store
     * @param test the test that does it
     * @return the row, to be filled and kept
     */
    public static Survival of(String fault, String where, Class<?> test) {
        return new Survival(fault, where, test);
    }

    /**
     * Names what the random choices follow from.
     *
     * @param seed the seed
     * @return this row
     */
    public Survival seed(long seed) {
        row.setProperty("seed", Long.toString(seed));
        return this;
    }

    /**
     * Counts the faults.
     *
     * @param count how many were tried
     * @return this row
     */
    public Survival tried(long count) {
        return count("tried", count);
    }

    /**
     * Counts what was acknowledged and is gone.
     *
     * @param count how many operations
     * @return this row
     */
    public Survival lost(long count) {
        return count("lost", count);
    }

    /**
     * Counts what took effect more than once.
     *
     * @param count how many operations
     * @return this row
     */
    public Survival doubled(long count) {
        return count("doubled", count);
    }

    /**
     * Counts what was admitted beyond a limit.
     *
     * @param count how many operations
     * @return this row
     */
    public Survival overshot(long count) {
        return count("overshot", count);
    }

    /**
     * Counts whatever else came out other than it should have.
     *
     * @param count how many of those tried
     * @return this row
     */
    public Survival wrong(long count) {
        return count("wrong", count);
    }

    /**
     * Tells how often something that may happen did.
     *
     * @param name what, such as {@code refused}
     * @param count how often
     * @return this row
     */
    public Survival outcome(String name, long count) {
        return count("outcome." + name, count);
    }

    private Survival count(String name, long count) {
        if (count < 0) {
            throw new IllegalArgumentException(name + " is " + count + ", and cannot be negative");
        }
        row.merge(name, Long.toString(count), Survival::sum);
        return this;
    }

    private static Object sum(Object one, Object other) {
        return Long.toString(Math.addExact(Long.parseLong(one.toString()), Long.parseLong(other.toString())));
    }

    /** Adds the row to those under {@code target/survival} of the module whose tests run, and prints it. */
    public void keep() {
        synchronized (KEPT) {
            Properties kept = KEPT.computeIfAbsent(file, none -> new Properties());
            for (String name : row.stringPropertyNames()) {
                String value = row.getProperty(name);
                switch (name) {
                    case "fault", "where", "test" -> kept.setProperty(name, value);
                    case "seed" -> kept.merge(name, value, Survival::both);
                    default -> kept.merge(name, value, Survival::sum);
                }
            }
            try {
                Files.createDirectories(DIRECTORY);
                try (var out = Files.newBufferedWriter(file)) {
                    kept.store(out, null);
                }
            } catch (IOException failure) {
                throw new UncheckedIOException("cannot keep the row " + file, failure);
            }
            System.out.println("survived: " + SheetRow.of(kept).summary());
        }
    }

    private static Object both(Object one, Object other) {
        String sought = ", " + one + ", ";
        return sought.contains(", " + other + ", ") ? one : one + ", " + other;
    }

    private static String slug(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }
}
