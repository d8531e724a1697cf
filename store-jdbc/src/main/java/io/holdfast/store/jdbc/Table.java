package io.holdfast.store.jdbc;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table as it is written to.
 *
 * @param name its name without the prefix
 * @param keys its primary key
 * @param values its other columns
 */
record Table(String name, List<Column> keys, List<Column> values) {
    /** What a column holds. */
    enum Kind {
        LONG,
        TEXT,
        DATE
    }

    /**
     * A column.
     *
     * @param name its name
     * @param kind what it holds
     */
    record Column(String name, Kind kind) {
        /** Tells whether an update without a value leaves the column as it is. */
        boolean keptIfEmpty() {
            return name.equals("expires_at_ms");
        }
    }

    static final Table JOURNAL = new Table(
            "journal", columns("lane:n first_seq:n"), columns("last_seq:n first_at_ms:n last_at_ms:n changes:t"));

    static final Table CHARGES = new Table(
            "charges",
            columns("lane:n seq:n kind:t"),
            columns("operation_id:t at_ms:n scope:t session_id:t model:t cost_nanos:n input_tokens:n output_tokens:n"
                    + " calls:n usage_input:n usage_cache_read:n usage_cache_write_short:n usage_cache_write_long:n"
                    + " usage_output:n usage_extra_nanos:n tags:t"));

    static final Table HOLDS = new Table(
            "holds",
            columns("lane:n scope:t hold_id:t"),
            columns("session_id:t model:t state:t cost_nanos:n input_tokens:n output_tokens:n calls:n admitted_at_ms:n"
                    + " expires_at_ms:n on_expiry:t settled_at_ms:n booked_cost_nanos:n booked_input_tokens:n"
                    + " booked_output_tokens:n booked_calls:n seq:n"));

    /** What changes in a hold after it was made. */
    static final Table SETTLED = new Table(
            "holds",
            columns("lane:n scope:t hold_id:t"),
            columns("state:t expires_at_ms:n settled_at_ms:n booked_cost_nanos:n booked_input_tokens:n"
                    + " booked_output_tokens:n booked_calls:n seq:n"));

    static final Table BALANCES = new Table(
            "balances",
            columns("lane:n counter_id:t"),
            columns("scope:t owner:t session_id:t meter:t window_text:t models:t enforcement:t amount:n committed:n"
                    + " held:n next_change_ms:n updated_at_ms:n seq:n"));

    static final Table ROLLUPS = new Table(
            "rollups",
            columns("lane:n day_utc:d scope:t model:t"),
            columns("entries:n cost_nanos:n input_tokens:n output_tokens:n calls:n"));

    static final Table SCOPES = new Table(
            "scopes", columns("lane:n name:t"), columns("parent:t state:t definition:t updated_at_ms:n seq:n"));

    /** What changes in a scope that is removed. */
    static final Table SCOPE_STATES =
            new Table("scopes", columns("lane:n name:t"), columns("state:t updated_at_ms:n seq:n"));

    static final Table OUTBOX = new Table(
            "outbox", columns("lane:n subscription:t message_id:t"), columns("at_ms:n kind:t scope:t notice:t seq:n"));

    /** All messages of a subscription. */
    static final Table SUBSCRIPTION = new Table("outbox", columns("lane:n subscription:t"), List.of());

    /** Returns the columns in the order of statements that change rows: the values and then the keys. */
    List<Column> keysLast() {
        return java.util.stream.Stream.concat(values.stream(), keys.stream()).toList();
    }

    List<Column> all() {
        return java.util.stream.Stream.concat(keys.stream(), values.stream()).toList();
    }

    String columnNames() {
        return names(all(), "", "");
    }

    static String names(List<Column> columns, String before, String after) {
        return names(columns, before, after, ", ");
    }

    static String names(List<Column> columns, String before, String after, String between) {
        return columns.stream().map(column -> before + column.name + after).collect(Collectors.joining(between));
    }

    static String marks(int count) {
        return "?, ".repeat(count - 1) + "?";
    }

    private static List<Column> columns(String text) {
        return java.util.Arrays.stream(text.split(" "))
                .map(each -> {
                    String[] parts = each.split(":", 2);
                    Kind kind = switch (parts[1]) {
                        case "n" -> Kind.LONG;
                        case "t" -> Kind.TEXT;
                        default -> Kind.DATE;
                    };
                    return new Column(parts[0], kind);
                })
                .toList();
    }

    /** Tells which columns have a value in some row: those that are empty in every row, as many are, may be left out. */
    static boolean[] used(int columns, List<@Nullable Object[]> rows) {
        boolean[] used = new boolean[columns];
        for (@Nullable Object[] row : rows) {
            for (int i = 0; i < columns; i++) {
                used[i] |= row[i] != null;
            }
        }
        return used;
    }

    /** Returns those of the columns that are used. */
    static List<Column> only(List<Column> columns, boolean[] used) {
        return IntStream.range(0, used.length)
                .filter(i -> used[i])
                .mapToObj(columns::get)
                .toList();
    }
}
