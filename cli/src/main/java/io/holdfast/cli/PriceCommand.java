package io.holdfast.cli;

import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.pricing.PriceOptions;
import io.holdfast.pricing.ServiceTier;
import io.holdfast.pricing.UnknownModelException;
import io.holdfast.unit.Usage;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prices one call. */
@Command(
        name = "price",
        mixinStandardHelpOptions = true,
        description = "Says what a call costs, to the nano-dollar.",
        footer = {
            "",
            "JSON: {\"model\":\"provider:name\",\"cost_usd\":\"0.004581\"}",
            "",
            "Examples:",
            "  holdfast price --model claude-sonnet-4-5 --input 812 --output 143",
            "  holdfast price --model gpt-4o --input 1000000 --batch --format table",
            "  holdfast price --model claude-sonnet-4-5 --cache-read 90000 --output 500 --multiplier 1.1"
        })
final class PriceCommand implements Runnable {
    private final Console console;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            required = true,
            description = "The model, as a call names it: gpt-4o, anthropic/claude-sonnet-4-5, …")
    private String model = "";

    @Option(names = "--input", paramLabel = "N", description = "Input tokens outside any cache.")
    private String input = "0";

    @Option(names = "--cache-read", paramLabel = "N", description = "Input tokens read from a cache.")
    private String cacheRead = "0";

    @Option(
            names = "--cache-write-short",
            paramLabel = "N",
            description = "Input tokens written to a cache with short retention.")
    private String cacheWriteShort = "0";

    @Option(
            names = "--cache-write-long",
            paramLabel = "N",
            description = "Input tokens written to a cache with long retention.")
    private String cacheWriteLong = "0";

    @Option(names = "--output", paramLabel = "N", description = "Output tokens, reasoning included.")
    private String output = "0";

    @Option(names = "--at", paramLabel = "DATE", description = "The day of the call in UTC; without: today.")
    private @Nullable String at;

    @Option(names = "--batch", description = "The call is part of a batch job; short for --service-tier batch.")
    private boolean batch;

    @Option(names = "--service-tier", paramLabel = "TIER", description = "standard, batch or flex.")
    private @Nullable ServiceTier serviceTier;

    @Option(
            names = "--multiplier",
            paramLabel = "FACTOR",
            description = "A factor on all token prices, such as 1.1 for a region or 2 for a priority mode.")
    private @Nullable String multiplier;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "json",
            description = "table, json or csv; without: ${DEFAULT-VALUE}.")
    private Format format = Format.JSON;

    @Mixin
    private PricesOption prices = new PricesOption();

    PriceCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        Usage usage = Usage.of(
                Arguments.tokens("--input", input),
                Arguments.tokens("--cache-read", cacheRead),
                Arguments.tokens("--cache-write-short", cacheWriteShort),
                Arguments.tokens("--cache-write-long", cacheWriteLong),
                Arguments.tokens("--output", output));
        ModelPrice price = price(prices.prices());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("model", price.id());
        fields.put("cost_usd", price.cost(usage, options()));
        new Output(console, format).fields(fields);
    }

    private ModelPrice price(PriceBook book) {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        LocalDate day = at == null ? today : Arguments.date("--at", at);
        return book.resolve(model, day).orElseThrow(() -> {
            if (book.resolve(model, today).isPresent()) {
                return new CommandException(ExitCodes.REFUSED, "model '" + model + "' has no known price on " + day);
            }
            return new UnknownModelException(model, book.suggestions(model));
        });
    }

    private PriceOptions options() {
        if (batch && serviceTier != null && serviceTier != ServiceTier.BATCH) {
            throw new CommandException(
                    ExitCodes.BAD_INPUT, "--batch and --service-tier " + serviceTier + " exclude each other");
        }
        PriceOptions options = new PriceOptions(
                batch ? ServiceTier.BATCH : serviceTier == null ? ServiceTier.STANDARD : serviceTier,
                PriceOptions.STANDARD.multiplier());
        return multiplier == null ? options : options.times(multiplier);
    }
}
