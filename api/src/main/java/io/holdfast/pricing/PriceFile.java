package io.holdfast.pricing;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads prices from comma-separated files; the columns are those of the built-in {@code models.csv}, in any order.
 *
 * <p>A row may have a {@code from} date (it holds from that UTC day on) or an {@code until} date (it held before that UTC day);
 * a plain row holds in between. Rows with a date take aliases, context window and ceiling from the plain row of the model.
 */
final class PriceFile {
    private static final String PROVIDER = "provider";
    private static final String MODEL = "model";
    private static final String INPUT = "input_usd_per_mtok";
    private static final String OUTPUT = "output_usd_per_mtok";
    private static final String CACHE_READ = "cache_read_usd_per_mtok";
    private static final String CACHE_WRITE_SHORT = "cache_write_5m_usd_per_mtok";
    private static final String CACHE_WRITE_LONG = "cache_write_1h_usd_per_mtok";
    private static final String CONTEXT_WINDOW = "context_window";
    private static final String MAX_OUTPUT_TOKENS = "max_output_tokens";
    private static final String TIER_THRESHOLD = "tier_threshold_tokens";
    private static final String TIER_INPUT = "tier_input_usd_per_mtok";
    private static final String TIER_OUTPUT = "tier_output_usd_per_mtok";
    private static final String BATCH_INPUT = "batch_input_usd_per_mtok";
    private static final String BATCH_OUTPUT = "batch_output_usd_per_mtok";
    private static final String ALIASES = "aliases";
    private static final String FROM = "from";
    private static final String UNTIL = "until";
    private static final String AS_OF = "as_of";
    private static final String SOURCE = "source";

    private static final Set<String> REQUIRED = Set.of(PROVIDER, MODEL, INPUT);
    private static final Set<String> OPTIONAL = Set.of(
            OUTPUT,
            CACHE_READ,
            CACHE_WRITE_SHORT,
            CACHE_WRITE_LONG,
            CONTEXT_WINDOW,
            MAX_OUTPUT_TOKENS,
            TIER_THRESHOLD,
            TIER_INPUT,
            TIER_OUTPUT,
            BATCH_INPUT,
            BATCH_OUTPUT,
            ALIASES,
            FROM,
            UNTIL,
            AS_OF,
            SOURCE);
    private static final Pattern TOKENS = Pattern.compile("[0-9]{1,13}");

    private final Map<String, Rows> models = new LinkedHashMap<>();
    private final Map<String, String> namedBy = new HashMap<>();

    /** The rows of a file. */
    static List<Timeline> read(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            return new PriceFile().add(file.toString(), bytes).timelines();
        } catch (IOException unreadable) {
            throw new PriceFileException(
                    file.toString(), 0, "the file cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    /** Adds the rows of one table. */
    PriceFile add(String file, InputStream bytes) {
        for (CsvTable.Row row : CsvTable.read(file, bytes, REQUIRED, OPTIONAL).rows()) {
            try {
                add(row);
            } catch (InvalidInputException invalid) {
                throw row.refuse(invalid);
            }
        }
        return this;
    }

    /** Adds batch prices to plain rows that are already there. */
    PriceFile addBatchPrices(String file, InputStream bytes) {
        Set<String> required = Set.of(PROVIDER, MODEL, BATCH_INPUT, BATCH_OUTPUT);
        for (CsvTable.Row row :
                CsvTable.read(file, bytes, required, Set.of(SOURCE)).rows()) {
            try {
                addBatchPrice(row);
            } catch (InvalidInputException invalid) {
                throw row.refuse(invalid);
            }
        }
        return this;
    }

    /** One timeline for each model. */
    List<Timeline> timelines() {
        return models.values().stream().map(Rows::timeline).toList();
    }

    private void add(CsvTable.Row row) {
        ModelPrice price = price(row);
        LocalDate from = date(row, FROM);
        LocalDate until = date(row, UNTIL);
        if (from != null && until != null) {
            throw row.refuse("must have a " + FROM + " date or an " + UNTIL + " date, not both");
        }
        if (!models.computeIfAbsent(price.id(), id -> new Rows()).add(price, from, until, row)) {
            throw row.refuse("gives the price of " + price.id() + " twice");
        }
        for (String alias : price.aliases()) {
            String other = namedBy.putIfAbsent(price.provider() + ':' + Names.lower(alias), price.id());
            if (other != null && !other.equals(price.id())) {
                throw row.refuse("alias '" + alias + "' also names " + other);
            }
        }
    }

    private void addBatchPrice(CsvTable.Row row) {
        String id = Names.provider(required(row, PROVIDER)) + ':' + Names.lower(required(row, MODEL));
        Rows rows = models.get(id);
        ModelPrice plain = rows == null ? null : rows.plain;
        if (rows == null || plain == null || plain.batchInput().isPresent()) {
            throw row.refuse(
                    "gives a batch price of " + id + ", which has " + (plain == null ? "no price" : "one already"));
        }
        ModelPriceBuilder changed = plain.toBuilder();
        setBatch(changed, row);
        rows.plain = changed.build();
    }

    private static ModelPrice price(CsvTable.Row row) {
        ModelPriceBuilder price = ModelPrice.of(required(row, PROVIDER), required(row, MODEL));
        String output = row.cell(OUTPUT);
        String cacheRead = row.cell(CACHE_READ);
        String cacheWriteShort = row.cell(CACHE_WRITE_SHORT);
        String cacheWriteLong = row.cell(CACHE_WRITE_LONG);
        Long contextWindow = tokens(row, CONTEXT_WINDOW);
        Long maxOutputTokens = tokens(row, MAX_OUTPUT_TOKENS);
        LocalDate asOf = date(row, AS_OF);
        price.input(required(row, INPUT)).aliases(list(row, ALIASES)).sources(list(row, SOURCE));
        if (output != null) {
            price.output(output);
        }
        if (cacheRead != null) {
            price.cacheRead(cacheRead);
        }
        if (cacheWriteShort != null) {
            price.cacheWriteShort(cacheWriteShort);
        }
        if (cacheWriteLong != null) {
            price.cacheWriteLong(cacheWriteLong);
        }
        if (contextWindow != null) {
            price.contextWindow(contextWindow);
        }
        if (maxOutputTokens != null) {
            price.maxOutputTokens(maxOutputTokens);
        }
        if (asOf != null) {
            price.asOf(asOf);
        }
        setTier(price, row);
        setBatch(price, row);
        return price.build();
    }

    private static void setTier(ModelPriceBuilder price, CsvTable.Row row) {
        Long threshold = tokens(row, TIER_THRESHOLD);
        Usd input = usd(row, TIER_INPUT);
        Usd output = usd(row, TIER_OUTPUT);
        if (threshold != null && input != null) {
            price.tier(threshold, input, output);
        } else if (threshold != null || input != null || output != null) {
            throw row.refuse("must have " + TIER_THRESHOLD + " and " + TIER_INPUT + " together, or no tier at all");
        }
    }

    private static void setBatch(ModelPriceBuilder price, CsvTable.Row row) {
        Usd input = usd(row, BATCH_INPUT);
        Usd output = usd(row, BATCH_OUTPUT);
        if (input != null) {
            price.batch(input, output);
        } else if (output != null) {
            throw row.refuse("must have " + BATCH_INPUT + " where it has " + BATCH_OUTPUT);
        }
    }

    private static String required(CsvTable.Row row, String column) {
        String cell = row.cell(column);
        if (cell == null) {
            throw row.refuse("must have a value of " + column);
        }
        return cell;
    }

    private static @Nullable Usd usd(CsvTable.Row row, String column) {
        String cell = row.cell(column);
        return cell == null ? null : ModelPriceBuilder.price(column, cell);
    }

    private static @Nullable Long tokens(CsvTable.Row row, String column) {
        String cell = row.cell(column);
        if (cell == null) {
            return null;
        }
        if (!TOKENS.matcher(cell).matches()) {
            throw new InvalidInputException(column, cell, "must be a whole number of tokens");
        }
        return Long.valueOf(cell);
    }

    private static @Nullable LocalDate date(CsvTable.Row row, String column) {
        String cell = row.cell(column);
        if (cell == null) {
            return null;
        }
        try {
            return LocalDate.parse(cell);
        } catch (DateTimeParseException notADate) {
            throw new InvalidInputException(column, cell, "must be a date, as 2026-12-01");
        }
    }

    private static List<String> list(CsvTable.Row row, String column) {
        String cell = row.cell(column);
        return cell == null ? List.of() : List.of(cell.split("\\|", -1));
    }

    /** The rows of one model: those that held before a day, the plain one, and those that hold from a day. */
    private static final class Rows {
        private final TreeMap<LocalDate, ModelPrice> until = new TreeMap<>();
        private @Nullable ModelPrice plain;
        private final TreeMap<LocalDate, ModelPrice> from = new TreeMap<>();
        private CsvTable.@Nullable Row lastDated;

        /** Adds a row; false where there is one for that time already. */
        boolean add(ModelPrice price, @Nullable LocalDate fromDay, @Nullable LocalDate untilDay, CsvTable.Row row) {
            if (fromDay == null && untilDay == null) {
                boolean first = plain == null;
                plain = price;
                return first;
            }
            lastDated = row;
            return fromDay != null
                    ? from.putIfAbsent(fromDay, price) == null
                    : untilDay != null && until.putIfAbsent(untilDay, price) == null;
        }

        Timeline timeline() {
            CsvTable.Row dated = lastDated;
            ModelPrice now = plain;
            if (dated == null && now != null) {
                return Timeline.of(now);
            }
            if (dated != null && !until.isEmpty() && now == null) {
                throw dated.refuse("needs a row of the model without a date, which holds after the " + UNTIL + " date");
            }
            if (dated != null
                    && !until.isEmpty()
                    && !from.isEmpty()
                    && !until.lastKey().isBefore(from.firstKey())) {
                throw dated.refuse("has an " + UNTIL + " date that is not before the " + FROM + " dates of the model");
            }
            return inOrder(now);
        }

        private Timeline inOrder(@Nullable ModelPrice now) {
            Timeline timeline = null;
            LocalDate begins = null;
            for (Map.Entry<LocalDate, ModelPrice> former : until.entrySet()) {
                timeline = next(timeline, begins, former.getValue().inheriting(now));
                begins = former.getKey();
            }
            if (now != null) {
                timeline = next(timeline, begins, now);
            }
            for (Map.Entry<LocalDate, ModelPrice> change : from.entrySet()) {
                timeline = next(timeline, change.getKey(), change.getValue().inheriting(now));
            }
            return Objects.requireNonNull(timeline);
        }

        private static Timeline next(@Nullable Timeline timeline, @Nullable LocalDate begins, ModelPrice price) {
            if (begins == null) {
                return Timeline.of(price);
            }
            return timeline == null ? Timeline.from(begins, price) : timeline.changing(begins, price);
        }
    }
}
