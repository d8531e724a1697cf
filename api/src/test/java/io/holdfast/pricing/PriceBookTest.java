package io.holdfast.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A price book")
class PriceBookTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 22);

    private final PriceBook book = PriceBook.builtIn();

    @Test
    @DisplayName("takes a price at run time, and finds it by every form of its name")
    void register() {
        book.register(ModelPrice.of("Acme", "My-Model")
                .input("2")
                .output("4")
                .aliases("mm")
                .build());

        for (String name : List.of(
                "my-model", "MY-MODEL", "mm", "acme/my-model", "acme:my-model", "acme/MM", "my-model-2026-01-01")) {
            assertThat(book.canonicalName(name)).as(name).isEqualTo("acme:my-model");
            assertThat(input(name)).as(name).isEqualTo(Usd.of("2"));
        }
        assertThat(book.resolve("openai/my-model", TODAY)).isEmpty();
        assertThat(book.canonicalName("acme/other")).isEqualTo("acme:other");
    }

    @Test
    @DisplayName("keeps the aliases of a model whose price is replaced, so that none of them falls to another provider")
    void replace() {
        book.register(ModelPrice.of("openai", "GPT-4o").input("7").output("9").build());

        assertThat(input("gpt-4o")).isEqualTo(Usd.of("7"));
        assertThat(book.canonicalName("gpt-4o-2024-08-06")).isEqualTo("openai:gpt-4o");
        assertThat(input("gpt-4o-2024-08-06")).isEqualTo(Usd.of("7"));
        assertThat(input("azure/gpt-4o")).isEqualTo(Usd.of("2.5"));
        assertThat(book.prices(TODAY)).hasSize(444);
    }

    @Test
    @DisplayName("prefers a model of its own price to an alias, and asks the known providers first")
    void precedence() {
        book.register(ModelPrice.of("openai", "gpt-4o-2024-08-06")
                .input("3")
                .output("9")
                .build());
        book.register(ModelPrice.of("acme", "gpt-4o").input("1").output("1").build());

        assertThat(book.canonicalName("gpt-4o-2024-08-06")).isEqualTo("openai:gpt-4o-2024-08-06");
        assertThat(book.canonicalName("gpt-4o")).isEqualTo("openai:gpt-4o");
        assertThat(book.canonicalName("acme/gpt-4o")).isEqualTo("acme:gpt-4o");
    }

    @Test
    @DisplayName("moves an alias to the model that claims it last")
    void movedAlias() {
        book.register(ModelPrice.of("openai", "own")
                .input("3")
                .output("9")
                .aliases("gpt-4o-2024-08-06")
                .build());

        assertThat(book.canonicalName("gpt-4o-2024-08-06")).isEqualTo("openai:own");
        assertThat(book.canonicalName("gpt-4o-2024-11-20")).isEqualTo("openai:gpt-4o");
    }

    @Test
    @DisplayName("keeps names with a path of other rows, whatever provider is added")
    void pathNames() {
        book.register(ModelPrice.of("qwen", "own").input("1").output("1").build());

        assertThat(book.canonicalName("qwen/qwen3-32b")).isEqualTo("groq:qwen/qwen3-32b");
        assertThat(book.canonicalName("qwen/own")).isEqualTo("qwen:own");

        book.register(
                ModelPrice.of("openai", "openai/own").input("1").output("1").build());
        assertThat(book.canonicalName("openai/own")).isEqualTo("openai:openai/own");
    }

    @Test
    @DisplayName("takes many prices, or none of them")
    void registerAll() {
        ModelPrice one = ModelPrice.of("acme", "one").input("1").aliases("x").build();
        ModelPrice two = ModelPrice.of("acme", "two").input("2").aliases("X").build();
        ModelPrice again = ModelPrice.of("ACME", "ONE").input("3").build();

        assertThatThrownBy(() -> book.registerAll(List.of(one, two)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("acme:one")
                .hasMessageContaining("acme:two");
        assertThatThrownBy(() -> book.registerAll(List.of(one, again))).isInstanceOf(InvalidInputException.class);
        assertThat(book.resolve("one", TODAY)).isEmpty();

        book.registerAll(List.of(one, two.toBuilder().aliases("y").build()));
        assertThat(input("x")).isEqualTo(Usd.of("1"));
        assertThat(input("y")).isEqualTo(Usd.of("2"));
    }

    @Test
    @DisplayName("changes a price on a day, in whatever order the days are given")
    void dated() {
        ModelPrice price = ModelPrice.of("acme", "m").input("1").build();
        book.register(price.toBuilder().input("3").build(), LocalDate.of(2026, 12, 1));
        assertThat(book.resolve("m", TODAY)).isEmpty();
        assertThatThrownBy(() -> book.require("m", NOW)).isInstanceOf(UnknownModelException.class);

        book.register(price.toBuilder().input("2").build(), LocalDate.of(2026, 11, 1));
        book.register(price.toBuilder().input("4").build(), LocalDate.of(2026, 12, 1));

        assertThat(book.resolve("m", LocalDate.of(2026, 10, 31))).isEmpty();
        assertThat(book.resolve("m", LocalDate.of(2026, 11, 1)).map(ModelPrice::input))
                .contains(Usd.of("2"));
        assertThat(book.resolve("m", LocalDate.of(2026, 11, 30)).map(ModelPrice::input))
                .contains(Usd.of("2"));
        assertThat(book.resolve("m", LocalDate.of(2026, 12, 1)).map(ModelPrice::input))
                .contains(Usd.of("4"));

        book.register(price);
        assertThat(book.resolve("m", LocalDate.of(2026, 12, 1)).map(ModelPrice::input))
                .contains(Usd.of("1"));

        book.register(price.toBuilder().input("5").build(), LocalDate.of(1969, 12, 31));
        assertThat(book.require("m", Instant.parse("1969-12-30T23:59:59Z")).input())
                .isEqualTo(Usd.of("1"));
        assertThat(book.require("m", Instant.parse("1969-12-31T00:00:00Z")).input())
                .isEqualTo(Usd.of("5"));
    }

    @Test
    @DisplayName("adds a dated price to a built-in model without forgetting what it cost before")
    void datedOnBuiltIn() {
        ModelPrice next = book.require("gpt-4o", NOW).toBuilder().input("2").build();
        book.register(next, LocalDate.of(2027, 1, 1));

        assertThat(book.resolve("gpt-4o", TODAY).map(ModelPrice::input)).contains(Usd.of("2.5"));
        assertThat(book.resolve("gpt-4o", LocalDate.of(2027, 1, 1)).map(ModelPrice::input))
                .contains(Usd.of("2"));
    }

    @Test
    @DisplayName("lays another book over itself: rows replaced, aliases moved, others kept")
    void layer() {
        PriceBook over = PriceBook.empty()
                .register(ModelPrice.of("mistral", "mistral-large-4")
                        .input("9")
                        .output("9")
                        .aliases("mistral-large-latest")
                        .build())
                .register(ModelPrice.of("acme", "m").input("1").build());
        book.layer(over);
        over.register(ModelPrice.of("acme", "later").input("1").build());

        assertThat(input("mistral-large-4")).isEqualTo(Usd.of("9"));
        assertThat(book.canonicalName("mistral-large-latest")).isEqualTo("mistral:mistral-large-4");
        assertThat(book.canonicalName("mistral-large")).isEqualTo("mistral:mistral-large-2512");
        assertThat(input("m")).isEqualTo(Usd.of("1"));
        assertThat(input("gpt-4o")).isEqualTo(Usd.of("2.5"));
        assertThat(book.resolve("later", TODAY)).isEmpty();
    }

    @Test
    @DisplayName("prices unknown models with the fallback price under their own keys, and known ones as ever")
    void fallback() {
        book.fallback(ModelPrice.of("acme", "dear")
                .input("20")
                .output("100")
                .maxOutputTokens(1_000)
                .build());

        for (String name : List.of("gpt-5.9", "openai/gpt-5.9", "claude-opus-5-6", "x:y")) {
            ModelPrice price = book.require(name, NOW);
            assertThat(price.input()).as(name).isEqualTo(Usd.of("20"));
            assertThat(price.id()).as(name).isEqualTo(book.canonicalName(name));
        }
        assertThat(book.require("gpt-5.9", NOW).id()).isEqualTo("unknown:gpt-5.9");
        assertThat(book.require("gpt-5.9", NOW).cost(Usage.of(1_000_000, 0), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("20"));
        assertThat(book.require("gpt-5.9:free", NOW).isFree()).isFalse();
        assertThat(input("gpt-4o")).isEqualTo(Usd.of("2.5"));
        assertThat(book.prices(TODAY)).hasSize(444);
        assertThat(PriceBook.builtIn().layer(book).resolve("gpt-5.9", TODAY)).isPresent();
        assertThat(book.layer(PriceBook.empty()).resolve("gpt-5.9", TODAY)).isPresent();
    }

    @Test
    @DisplayName("charges nothing for a model that is declared free, and for no other")
    void declareFree() {
        book.declareFree("llama3:8b").declareFree("gpt-4o-2024-11-20").declareFree("azure/my-deployment");

        assertThat(book.canonicalName("LLAMA3:8b")).isEqualTo("local:llama3:8b");
        assertThat(book.require("llama3:8b", NOW).isFree()).isTrue();
        assertThat(book.resolve("llama3:70b", TODAY)).isEmpty();
        assertThat(book.require("gpt-4o-2024-11-20", NOW).isFree()).isTrue();
        assertThat(book.require("gpt-4o-2024-11-20", NOW).maxOutputTokens()).hasValue(16_384);
        assertThat(book.require("gpt-4o", NOW).isFree()).isFalse();
        assertThat(book.require("gpt-4o-2024-08-06", NOW).isFree()).isFalse();
        assertThat(book.require("azure/my-deployment", NOW).isFree()).isTrue();
        assertThat(book.resolve("my-deployment", TODAY).map(ModelPrice::id)).contains("azure:my-deployment");

        book.declareFree("gpt-4o");
        assertThat(book.require("gpt-4o-2024-08-06", NOW).isFree()).isTrue();
        assertThat(book.require("gpt-4o-mini", NOW).isFree()).isFalse();
    }

    @Test
    @DisplayName("that is empty knows nothing, and still has a key for every name")
    void empty() {
        PriceBook empty = PriceBook.empty();

        assertThat(empty.resolve("gpt-4o", TODAY)).isEmpty();
        assertThat(empty.prices(TODAY)).isEmpty();
        assertThat(empty.suggestions("gpt-4o")).isEmpty();
        assertThat(empty.canonicalName("openai/gpt-4o")).isEqualTo("openai:gpt-4o");
        assertThat(empty.canonicalName(empty.canonicalName("openai/gpt-4o"))).isEqualTo("openai:gpt-4o");
        assertThatThrownBy(() -> empty.require("gpt-4o", NOW))
                .isInstanceOfSatisfying(
                        UnknownModelException.class,
                        unknown -> assertThat(unknown.suggestions()).isEmpty());
    }

    @Test
    @DisplayName("shows readers a change as a whole, and loses no change of several writers")
    void severalThreads() throws Exception {
        List<ModelPrice> cheap = group("1");
        List<ModelPrice> dear = group("2");
        book.registerAll(cheap);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Void> writer = () -> {
                for (int i = 0; i < 100; i++) {
                    book.registerAll(i % 2 == 0 ? dear : cheap);
                }
                return null;
            };
            Callable<Void> adder = () -> {
                for (int i = 0; i < 100; i++) {
                    book.register(ModelPrice.of("acme", "added-" + i).input("1").build());
                }
                return null;
            };
            Callable<Void> reader = () -> {
                for (int i = 0; i < 300; i++) {
                    assertThat(book.prices(TODAY).stream()
                                    .filter(price -> price.provider().equals("group"))
                                    .map(ModelPrice::input)
                                    .distinct())
                            .hasSize(1);
                }
                return null;
            };
            for (Future<Void> done : threads.invokeAll(List.of(writer, adder, reader, reader))) {
                done.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(book.prices(TODAY)).hasSize(444 + 20 + 100);
    }

    private static List<ModelPrice> group(String input) {
        return IntStream.range(0, 20)
                .mapToObj(i -> ModelPrice.of("group", "g" + i).input(input).build())
                .toList();
    }

    private Usd input(String name) {
        return book.require(name, NOW).input();
    }
}
