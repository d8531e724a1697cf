package io.holdfast.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.survival.Fuzzer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Any bytes whatever in a price file")
class PriceFileFuzzTest {
    private static final String DATED = """
            provider,model,input_usd_per_mtok,output_usd_per_mtok,cache_read_usd_per_mtok,context_window,aliases,from,until
            acme,rocket,1.5,2,0.1,200000,r|rocket-latest,,
            acme,rocket,1,2,,,,2027-01-01,
            acme,rocket,3,4,,,,,2026-01-01
            """;

    @Test
    @DisplayName("are read or refused by line")
    void fuzzed() throws Exception {
        byte[] builtIn;
        try (InputStream in = PriceFileFuzzTest.class.getResourceAsStream("models.csv")) {
            builtIn = in.readAllBytes();
        }
        Fuzzer.fuzz(
                "price file",
                PriceFileFuzz.class,
                PriceFileFuzzTest.class,
                List.of(Arrays.copyOf(builtIn, 6_000), DATED.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    @DisplayName("that were found before, or thought of, are read or refused")
    void found() throws IOException {
        assertThat(Fuzzer.replay(PriceFileFuzz.class, PriceFileFuzz::fuzzerTestOneInput))
                .isGreaterThan(5);
    }
}
