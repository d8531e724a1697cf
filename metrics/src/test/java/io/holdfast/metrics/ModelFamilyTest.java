package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The family of a model")
class ModelFamilyTest {
    @ParameterizedTest(name = "of {0} is {2} of {1}")
    @CsvSource({
        "anthropic:claude-sonnet-4-5, anthropic, claude-sonnet",
        "anthropic:claude-3-5-sonnet-20241022, anthropic, claude-sonnet",
        "openai:gpt-4o-mini, openai, gpt-mini",
        "openai:o3-mini, openai, o3-mini",
        "google:gemini-2.5-flash-lite, google, gemini-flash-lite",
        "openrouter:anthropic/claude-opus-4.1, openrouter, claude-opus",
        "my-own-model, unknown, my-own-model",
        "openai:gpt--4, openai, gpt",
    })
    @DisplayName("is its name without its version")
    void family(String model, String provider, String family) {
        assertThat(ModelFamily.of(model)).isEqualTo(new ModelFamily(provider, family));
    }

    @Test
    @DisplayName("is never empty, for any model that has a price, and there are far fewer of them than models")
    void wholePriceBook() {
        List<ModelPrice> prices = PriceBook.builtIn().prices(LocalDate.of(2026, 11, 22));
        Set<ModelFamily> families =
                prices.stream().map(price -> ModelFamily.of(price.id())).collect(Collectors.toSet());
        assertThat(families)
                .noneMatch(
                        family -> family.family().isEmpty() || family.provider().isEmpty());
        assertThat(families).hasSizeLessThan(prices.size() * 2 / 3);
    }
}
