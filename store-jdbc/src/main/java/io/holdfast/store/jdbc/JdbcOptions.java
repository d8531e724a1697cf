package io.holdfast.store.jdbc;

import io.holdfast.error.InvalidInputException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a ledger in a database is opened.
 *
 * @param prefix what the names of its tables begin with: a lower-case letter and then at most 30 lower-case letters,
 *     digits and underscores; or nothing
 * @param schema what to do about its tables
 * @param patience for how long a batch that meets contention or a lost connection is tried again before it fails
 * @param snapshotEvery after how many changes the state is written down whole at the earliest, so that opening reads no
 *     more than that, or four changes for each hold, counter and id in the state where it is larger
 * @param clock the clock to follow instead of the database's, for tests and simulations only: nodes that follow
 *     different clocks do not agree on windows
 */
public record JdbcOptions(
        String prefix,
        SchemaMode schema,
        Duration patience,
        int snapshotEvery,
        @Nullable InstantSource clock) {
    private static final Pattern PREFIX = Pattern.compile("([a-z][a-z0-9_]{0,30})?");
    private static final int SNAPSHOT_EVERY = 50_000;

    /** Checks the prefix and the numbers. */
    public JdbcOptions {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new InvalidInputException(
                    "table prefix", prefix, "must be a lower-case letter and at most 30 of a-z, 0-9 and _, or nothing");
        }
        if (patience.isNegative() || patience.compareTo(Duration.ofMinutes(10)) > 0) {
            throw new InvalidInputException("patience", patience.toString(), "must be 0 to 10 minutes");
        }
        if (snapshotEvery < 1) {
            throw new InvalidInputException("snapshot interval", Integer.toString(snapshotEvery), "must be positive");
        }
    }

    /**
     * Returns the options that a ledger has without any: tables named {@code holdfast_…}, which must be there, and ten
     * seconds of patience.
     *
     * @return the options
     */
    public static JdbcOptions ofDefaults() {
        return new JdbcOptions("holdfast_", SchemaMode.EXPECT, Duration.ofSeconds(10), SNAPSHOT_EVERY, null);
    }

    /**
     * Returns these options with another prefix.
     *
     * @param prefix what the names of the tables begin with
     * @return the options
     */
    public JdbcOptions withPrefix(String prefix) {
        return new JdbcOptions(prefix, schema, patience, snapshotEvery, clock);
    }

    /**
     * Returns these options with another schema mode.
     *
     * @param schema what to do about the tables
     * @return the options
     */
    public JdbcOptions withSchema(SchemaMode schema) {
        return new JdbcOptions(prefix, schema, patience, snapshotEvery, clock);
    }

    /**
     * Returns these options with another patience.
     *
     * @param patience for how long a batch is tried again
     * @return the options
     */
    public JdbcOptions withPatience(Duration patience) {
        return new JdbcOptions(prefix, schema, patience, snapshotEvery, clock);
    }

    /**
     * Returns these options with another interval of snapshots.
     *
     * @param changes after how many changes the state is written down
     * @return the options
     */
    public JdbcOptions withSnapshotEvery(int changes) {
        return new JdbcOptions(prefix, schema, patience, changes, clock);
    }

    /**
     * Returns these options with a clock in place of the database's.
     *
     * @param clock the clock to follow
     * @return the options
     */
    public JdbcOptions withClock(InstantSource clock) {
        return new JdbcOptions(prefix, schema, patience, snapshotEvery, clock);
    }
}
