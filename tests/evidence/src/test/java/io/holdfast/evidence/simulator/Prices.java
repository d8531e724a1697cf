package io.holdfast.evidence.simulator;

import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.unit.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** Three models whose prices seldom come to whole nano-dollars, and what a call costs, worked out a second time. */
final class Prices {
    static final List<String> MODELS = List.of("acme:large", "acme:small", "acme:tiny");

    private static final List<String> INPUT = List.of("3.337", "0.1511", "0.0507");
    private static final List<String> OUTPUT = List.of("15.013", "0.6007", "0.2003");

    static final PriceBook BOOK = book();

    private Prices() {}

    private static PriceBook book() {
        PriceBook book = PriceBook.empty();
        for (int i = 0; i < MODELS.size(); i++) {
            String model = MODELS.get(i).substring("acme:".length());
            book = book.register(ModelPrice.of("acme", model)
                    .input(INPUT.get(i))
                    .output(OUTPUT.get(i))
                    .build());
        }
        return book;
    }

    /** Returns what usage costs in nano-dollars: dollars a million tokens, exact, and rounded up once. */
    static long cost(String model, Usage usage) {
        int index = MODELS.indexOf(model);
        BigDecimal perMillion = new BigDecimal(INPUT.get(index))
                .multiply(BigDecimal.valueOf(usage.input()))
                .add(new BigDecimal(OUTPUT.get(index)).multiply(BigDecimal.valueOf(usage.output())));
        return perMillion
                .movePointRight(9 - 6)
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }
}
