package io.holdfast.pricing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The prices in this package's resources, read once, when they are first asked for. */
final class BuiltInPrices {
    static final PriceIndex INDEX = read();

    private BuiltInPrices() {}

    private static PriceIndex read() {
        try (InputStream models = open("models.csv");
                InputStream changes = open("price-changes.csv");
                InputStream batch = open("batch-prices.csv")) {
            PriceFile prices = new PriceFile()
                    .add("models.csv", models)
                    .addBatchPrices("batch-prices.csv", batch)
                    .add("price-changes.csv", changes);
            return PriceIndex.EMPTY.with(prices.timelines());
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the built-in prices cannot be read", unreadable);
        }
    }

    private static InputStream open(String resource) {
        return Objects.requireNonNull(BuiltInPrices.class.getResourceAsStream(resource), resource);
    }
}
