package io.holdfast.pricing;

import io.holdfast.unit.Usage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Prices requests from the cells of the table in big fractions, sharing no code with what it judges. */
final class PriceOracle {
    private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

    private final Row row;
    private final @Nullable Row batch;

    private PriceOracle(Row row, @Nullable Row batch) {
        this.row = row;
        this.batch = batch;
    }

    static List<PriceOracle> table() {
        Map<String, Row> batches = new HashMap<>();
        read("batch-prices.csv").forEach(row -> batches.put(row.id(), row));
        List<PriceOracle> table = new ArrayList<>();
        for (Row row : read("models.csv")) {
            table.add(new PriceOracle(row, batches.get(row.id())));
        }
        return table;
    }

    static List<Row> read(String resource) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(PriceOracle.class.getResourceAsStream(resource)), StandardCharsets.UTF_8))) {
            String[] header = lines.readLine().split(",", -1);
            List<Row> rows = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] cells = line.split(",", -1);
                Map<String, String> row = new HashMap<>();
                for (int i = 0; i < header.length; i++) {
                    row.put(header[i], cells[i]);
                }
                rows.add(new Row(row));
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return row.id();
    }

    boolean hasOutput() {
        return !cell("output_usd_per_mtok").isEmpty();
    }

    /** The threshold of the tier, or the largest number. */
    long threshold() {
        String threshold = cell("tier_threshold_tokens");
        return threshold.isEmpty() ? Long.MAX_VALUE : Long.parseLong(threshold);
    }

    /** Output tokens, or -1 where neither a ceiling nor a context window is known. */
    long ceiling() {
        String most = cell("max_output_tokens").isEmpty() ? cell("context_window") : cell("max_output_tokens");
        return most.isEmpty() ? -1 : Long.parseLong(most);
    }

    boolean hasBatchPrice() {
        return batch != null || halved();
    }

    /** Nano-dollars, rounded up. */
    BigInteger cost(Usage usage, boolean inBatch, String multiplier) {
        Ratio input = price("input_usd_per_mtok");
        Ratio output = hasOutput() ? price("output_usd_per_mtok") : new Ratio(BigInteger.ZERO, BigInteger.ONE);
        Ratio read = orElse("cache_read_usd_per_mtok", input);
        Ratio shortWrite = orElse("cache_write_5m_usd_per_mtok", input);
        Ratio longWrite = orElse("cache_write_1h_usd_per_mtok", input);
        BigInteger prompt = BigInteger.valueOf(usage.input())
                .add(BigInteger.valueOf(usage.cacheRead()))
                .add(BigInteger.valueOf(usage.cacheWriteShort()))
                .add(BigInteger.valueOf(usage.cacheWriteLong()));
        boolean inTier = prompt.compareTo(BigInteger.valueOf(threshold())) > 0;
        if (inTier) {
            Ratio rise = price("tier_input_usd_per_mtok").over(input);
            input = input.by(rise);
            read = read.by(rise);
            shortWrite = shortWrite.by(rise);
            longWrite = longWrite.by(rise);
            output = price("tier_output_usd_per_mtok");
        }
        if (inBatch) {
            Ratio half = Ratio.of("0.5");
            Ratio part =
                    batch == null ? half : batch("batch_input_usd_per_mtok").over(price("input_usd_per_mtok"));
            boolean stacks = row.cell("provider").equals("anthropic");
            read = stacks || cell("cache_read_usd_per_mtok").isEmpty() ? read.by(part) : read;
            shortWrite = stacks || cell("cache_write_5m_usd_per_mtok").isEmpty() ? shortWrite.by(part) : shortWrite;
            longWrite = stacks || cell("cache_write_1h_usd_per_mtok").isEmpty() ? longWrite.by(part) : longWrite;
            input = input.by(part);
            if (hasOutput()) {
                Ratio partOfOutput = batch == null
                        ? half
                        : batch("batch_output_usd_per_mtok").over(price("output_usd_per_mtok"));
                output = output.by(partOfOutput);
            }
        }
        return input.times(usage.input())
                .plus(read.times(usage.cacheRead()))
                .plus(shortWrite.times(usage.cacheWriteShort()))
                .plus(longWrite.times(usage.cacheWriteLong()))
                .plus(output.times(usage.output()))
                .by(Ratio.of(multiplier))
                .times(1_000_000_000)
                .over(new Ratio(MILLION, BigInteger.ONE))
                .ceiling()
                .add(BigInteger.valueOf(usage.extraCost().nanos()));
    }

    private boolean halved() {
        return switch (row.cell("provider")) {
            case "openai", "anthropic" -> true;
            case "google", "bedrock" -> hasOutput();
            default -> false;
        };
    }

    private String cell(String column) {
        return row.cell(column);
    }

    private Ratio price(String column) {
        return Ratio.of(cell(column));
    }

    private Ratio batch(String column) {
        return Ratio.of(Objects.requireNonNull(batch).cell(column));
    }

    private Ratio orElse(String column, Ratio otherwise) {
        return cell(column).isEmpty() ? otherwise : price(column);
    }

    /** The cells of one line; an empty cell is an empty text. */
    record Row(Map<String, String> cells) {
        String cell(String column) {
            return Objects.requireNonNull(cells.get(column), column);
        }

        String id() {
            return cell("provider") + ':' + cell("model");
        }
    }

    private record Ratio(BigInteger up, BigInteger down) {
        static Ratio of(String decimal) {
            BigDecimal number = new BigDecimal(decimal);
            return new Ratio(number.unscaledValue(), BigInteger.TEN.pow(number.scale()));
        }

        Ratio by(Ratio other) {
            return new Ratio(up.multiply(other.up), down.multiply(other.down));
        }

        Ratio over(Ratio other) {
            return new Ratio(up.multiply(other.down), down.multiply(other.up));
        }

        Ratio times(long factor) {
            return new Ratio(up.multiply(BigInteger.valueOf(factor)), down);
        }

        Ratio plus(Ratio other) {
            return new Ratio(up.multiply(other.down).add(other.up.multiply(down)), down.multiply(other.down));
        }

        BigInteger ceiling() {
            return up.add(down).subtract(BigInteger.ONE).divide(down);
        }
    }
}
