package io.holdfast.cli;

import io.holdfast.pricing.PriceBook;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that lays a price file over the built-in prices. */
final class PricesOption {
    @Option(
            names = "--prices",
            paramLabel = "FILE",
            description = "Prices in the format of the built-in table; they replace those of the same models.")
    private @Nullable String file;

    PriceBook prices() {
        PriceBook book = PriceBook.builtIn();
        return file == null ? book : book.layer(Arguments.path("--prices", file));
    }
}
