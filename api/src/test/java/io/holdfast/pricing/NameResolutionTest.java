package io.holdfast.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A model name")
class NameResolutionTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 22);
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final PriceBook book = PriceBook.builtIn();

    @ParameterizedTest(name = "{0} is {1}")
    @CsvFileSource(resources = "name-examples.csv", numLinesToSkip = 1)
    @DisplayName("of the examples finds the row that the examples say")
    void examples(String name, String expected) {
        Optional<ModelPrice> found = book.resolve(name, DAY);

        if (expected.equals("unknown")) {
            assertThat(found).isEmpty();
        } else {
            boolean free = expected.endsWith(" at price zero");
            assertThat(found.map(ModelPrice::id)).contains(expected.replace(" at price zero", ""));
            assertThat(found.map(ModelPrice::isFree)).contains(free);
        }
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        // decoration, in any number and order
        "claude-sonnet-4-5[1m], anthropic:claude-sonnet-4-5",
        "openrouter/models/gemini-2.5-flash, google:gemini-2.5-flash",
        "gemini-2.5-pro[1m]:free, google:gemini-2.5-pro",
        // path parts
        "gemini/gemini-2.5-pro, google:gemini-2.5-pro",
        "mistralai/mistral-small, mistral:mistral-small-2603",
        "cohere_chat/command-a, cohere:command-a-03-2025",
        "x-ai/grok-4, xai:grok-4-0709",
        "together_ai/openai/gpt-oss-20b, together:openai/gpt-oss-20b",
        "azure/eu/gpt-4o-2024-08-06, azure:eu/gpt-4o-2024-08-06",
        "together/openai/gpt-oss-20b, together:openai/gpt-oss-20b",
        // vertex goes on to Google, then Anthropic, but keeps its own rows
        "vertex_ai/claude-opus-5, anthropic:claude-opus-5",
        "vertex_ai/gemini-2.0-flash, vertex:gemini-2.0-flash",
        "vertex_ai/claude-opus-4-5@20251101, vertex:claude-opus-4-5@20251101",
        // the first provider in order wins, with a model or an alias
        "gpt-4o-2024-11-20, openai:gpt-4o",
        "azure/gpt-4o-2024-11-20, azure:gpt-4o-2024-11-20",
        "gemini-2.0-flash, google:gemini-2.0-flash",
        "gpt-35-turbo, azure:gpt-35-turbo",
        // versions of Claude
        "claude-sonnet-4.5-20250929, anthropic:claude-sonnet-4-5",
        "claude-opus-4.6@20260205, anthropic:claude-opus-4-6",
        "claude-2-1, anthropic:claude-2.1",
        // snapshots
        "o3@20250416, openai:o3",
        "gpt-4o-20240806, openai:gpt-4o",
        "gpt-4o-2024-02-29, openai:gpt-4o",
        "gpt-4o-latest, openai:gpt-4o",
        "claude-opus-5@latest, anthropic:claude-opus-5",
        "gemini-2.5-pro-001, google:gemini-2.5-pro",
        // fine-tuned
        "ft:gpt-4o-mini-2024-07-18:acme:shop:abc, openai:ft:gpt-4o-mini",
        "openai/ft:gpt-4.1:acme::abc, openai:ft:gpt-4.1",
        "ft:gpt-4o, openai:ft:gpt-4o",
        // canonical names
        "openai:gpt-4o, openai:gpt-4o",
        "OpenAI:GPT-4o-2024-08-06, openai:gpt-4o",
        "bedrock:amazon.nova-pro-v1:0, bedrock:amazon.nova-pro-v1:0",
    })
    @DisplayName("finds its row by the rules")
    void rules(String name, String id) {
        assertThat(book.resolve(name, DAY).map(ModelPrice::id)).contains(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "openai/gpt-oss-120b", // stated at OpenAI, which has no such row
                "gpt-4o-2023-02-29", // no such day
                "gpt-4o-2024-00-10",
                "gpt-4o-2024-01-00",
                "gpt-4o_20240806",
                "gpt-4o-2024-01-01-2024-01-01", // one date, not two
                "gpt-4o-001", // Gemini only
                "gemini-2.5-pro-002",
                "gpt-4.1.0",
                "gpt-4-1", // 4.1 is 4-1 for Claude only
                "au.anthropic.claude-3-haiku-20240307-v1:0", // a geography without a row
                "anthropic.claude-sonnet-4.5-20250929-v1:0",
                "amazon.nova-pro-v1",
                "amazon.nova-pro-v1:1",
                "azure/claude-opus-5", // not at that provider
                "gpt-4o ",
                " gpt-4o",
                "gpt-4o:beta",
                "gpt",
                "gpt-4o-mini-mini",
                "\u0261pt-4o", // look-alike letters are other letters
                "gro\u212a-4",
                "ft:gpt-5:acme::abc",
                "ft:gpt-4o-2024-13-06:acme::abc",
            })
    @DisplayName("that no rule knows is unknown")
    void unknown(String name) {
        assertThat(book.resolve(name, DAY)).isEmpty();
        assertThatThrownBy(() -> book.require(name, NOW))
                .isInstanceOfSatisfying(
                        UnknownModelException.class,
                        unknown -> assertThat(unknown.name()).isEqualTo(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai/ft:gpt-4o:acme::free", "ft:gpt-4o:acme/shop:free", "openai:ft:gpt-4o:acme::free"})
    @DisplayName("of a fine-tuned model is not free for ending in :free, which its owner may choose")
    void fineTunedIsNeverFree(String name) {
        ModelPrice price = book.require(name, NOW);

        assertThat(price.id()).isEqualTo("openai:ft:gpt-4o");
        assertThat(price.cost(Usage.of(1_000_000, 0), PriceOptions.STANDARD)).isEqualTo(Usd.of("3.75"));
    }

    @Test
    @DisplayName("ending in :free costs nothing but keeps the key of its model")
    void freeVariant() {
        ModelPrice price = book.require("google/gemini-2.5-pro:free", NOW);

        assertThat(price.cost(Usage.of(300_000, 1_000, 1_000, 1_000, 9_000), PriceOptions.BATCH))
                .isEqualTo(Usd.ZERO);
        assertThat(price.worstCase(CallBound.ofInput(1_000_000), PriceOptions.STANDARD))
                .isEqualTo(Usd.ZERO);
        assertThat(price.id()).isEqualTo(book.canonicalName("gemini-2.5-pro"));
        assertThat(book.resolve("gpt-5.9:free", DAY)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("badNames")
    @DisplayName("that is no name is refused wherever one is taken")
    void badNames(String name) {
        assertThatThrownBy(() -> book.resolve(name, DAY)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> book.canonicalName(name)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> book.suggestions(name)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> book.declareFree(name)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> ModelPrice.of("acme", name)).isInstanceOf(InvalidInputException.class);
    }

    static List<String> badNames() {
        return List.of("", "a".repeat(257), "gpt\n4o", "gpt-4o\u0000", "\tgpt-4o", "gpt-4o\u0085", "\u007f");
    }

    @Test
    @DisplayName("of 256 characters is long, but a name")
    void longestName() {
        String key = book.canonicalName("a".repeat(256));

        assertThat(key).isEqualTo("unknown:" + "a".repeat(256));
        assertThat(book.canonicalName(key)).isEqualTo(key);
        ModelPrice longest = ModelPrice.of("acme", "a".repeat(251)).input("1").build();
        assertThat(book.register(longest).canonicalName(longest.id())).isEqualTo(longest.id());
        assertThatThrownBy(() -> ModelPrice.of("acme", "a".repeat(252))).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest(name = "{0} has the key {1}")
    @CsvSource({
        "gpt-4o, openai:gpt-4o",
        "openrouter/openai/GPT-4o-2024-08-06, openai:gpt-4o",
        "together_ai/Qwen/Qwen3.7-Max, together:qwen/qwen3.7-max",
        "my-model, unknown:my-model",
        "My-Model[1m], unknown:my-model",
        "openai/my-model, openai:my-model",
        "vertex_ai/my-model, vertex:my-model",
        "llama3:8b, unknown:llama3:8b",
    })
    @DisplayName("has one key, known or not")
    void canonicalName(String name, String key) {
        assertThat(book.canonicalName(name)).isEqualTo(key);
    }

    @Test
    @DisplayName("has the key that its price has, and the key of a key is the key")
    void keysAreStable() {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Random random = new Random(seed);
        List<String> heads =
                List.of("", "", "openrouter/", "models/", "openai/", "vertex_ai/", "acme/", "unknown:", "openai:");
        List<String> tails =
                List.of("", "", "[1m]", ":free", "-latest", "-2024-08-06", "@20240806", ":0", "-001", ":x");
        List<ModelPrice> rows = book.prices(DAY);
        for (int i = 0; i < 20_000; i++) {
            ModelPrice row = rows.get(random.nextInt(rows.size()));
            String name = heads.get(random.nextInt(heads.size()))
                    + heads.get(random.nextInt(heads.size()))
                    + (random.nextInt(10) == 0 ? "x" : random.nextBoolean() ? row.model() : row.id())
                    + tails.get(random.nextInt(tails.size()))
                    + tails.get(random.nextInt(tails.size()));
            String key = book.canonicalName(name);

            assertThat(book.canonicalName(key)).as("%s, seed %d", name, seed).isEqualTo(key);
            assertThat(book.canonicalName(name.toUpperCase(Locale.ROOT)))
                    .as("%s, seed %d", name, seed)
                    .isEqualTo(key);
            book.resolve(name, DAY)
                    .ifPresent(price ->
                            assertThat(price.id()).as("%s, seed %d", name, seed).isEqualTo(key));
        }
    }

    @ParameterizedTest(name = "{0} suggests {1}")
    @CsvSource({
        "gpt4o, gpt-4o",
        "claude-sonet-4-6, claude-sonnet-4-6",
        "claude-opus-5-6, claude-opus-5-5",
        "gemini-2.5-por, gemini-2.5-pro",
        "azure/gpt-35-turb, azure:gpt-35-turbo",
    })
    @DisplayName("that is misspelled brings up its neighbours, and none of them prices it")
    void suggestions(String name, String near) {
        assertThat(book.suggestions(name)).contains(near).hasSizeLessThanOrEqualTo(3);
        assertThat(book.resolve(near, DAY)).isPresent();
        assertThatThrownBy(() -> book.require(name, NOW))
                .isInstanceOfSatisfying(
                        UnknownModelException.class,
                        unknown -> assertThat(unknown.suggestions()).contains(near))
                .hasMessageContaining(near);
    }

    @Test
    @DisplayName("far from every known one brings up nothing")
    void noSuggestions() {
        assertThat(book.suggestions("a-model-of-my-own")).isEmpty();
        assertThat(book.suggestions("x".repeat(256))).isEmpty();
    }
}
