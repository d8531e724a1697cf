package io.holdfast.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A price file")
class PriceFileTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 22);
    private static final String HEADER = "provider,model,input_usd_per_mtok,output_usd_per_mtok\n";
    private static final String FULL_HEADER =
            "provider,model,input_usd_per_mtok,output_usd_per_mtok,cache_read_usd_per_mtok,"
                    + "cache_write_5m_usd_per_mtok,cache_write_1h_usd_per_mtok,context_window,max_output_tokens,"
                    + "tier_threshold_tokens,tier_input_usd_per_mtok,tier_output_usd_per_mtok,batch_input_usd_per_mtok,"
                    + "batch_output_usd_per_mtok,aliases,from,until,as_of,source\n";

    private final Path directory;

    PriceFileTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    @DisplayName("replaces the built-in prices when it is loaded")
    void load() throws IOException {
        PriceBook book = PriceBook.load(file(HEADER + "acme,m,2.50,10\n"));

        assertThat(book.prices(TODAY)).hasSize(1);
        assertThat(book.resolve("m", TODAY).orElseThrow().cost(Usage.of(1_000_000, 1_000_000), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("12.5"));
        assertThat(book.resolve("gpt-4o", TODAY)).isEmpty();
    }

    @Test
    @DisplayName("changes the models it names when it is laid over, and no other")
    void layer() throws IOException {
        PriceBook book = PriceBook.builtIn().layer(file(HEADER + "acme,m,2.50,10\nOpenAI,GPT-4o,1,2\n"));

        assertThat(book.prices(TODAY)).hasSize(445);
        assertThat(book.resolve("gpt-4o-2024-08-06", TODAY).map(ModelPrice::input))
                .contains(Usd.of("1"));
        assertThat(book.resolve("gpt-4o-mini", TODAY).map(ModelPrice::input)).contains(Usd.of("0.15"));
    }

    @Test
    @DisplayName("has columns in any order, optional cells, line ends of both kinds, and empty lines")
    void shape() throws IOException {
        PriceBook book = PriceBook.load(
                file("model,aliases,input_usd_per_mtok,provider,source\r\nm,a|b,1,acme,x|y\r\n\r\nn,,2,acme,\r\n"));

        ModelPrice price = book.resolve("b", TODAY).orElseThrow();
        assertThat(price.id()).isEqualTo("acme:m");
        assertThat(price.output()).isEmpty();
        assertThat(price.sources()).containsExactly("x", "y");
        assertThat(book.resolve("n", TODAY).map(ModelPrice::input)).contains(Usd.of("2"));
    }

    @Test
    @DisplayName("has every fact of a price")
    void facts() throws IOException {
        PriceBook book = PriceBook.load(
                file(FULL_HEADER + "acme,m,2,10,0.2,2.5,4,1000,100,500,4,20,1,5,mm,,,2026-11-01,page\n"));

        ModelPrice price = book.resolve("mm", TODAY).orElseThrow();
        assertThat(price.output()).contains(Usd.of("10"));
        assertThat(price.cacheRead()).contains(Usd.of("0.2"));
        assertThat(price.cacheWriteShort()).contains(Usd.of("2.5"));
        assertThat(price.cacheWriteLong()).contains(Usd.of("4"));
        assertThat(price.contextWindow()).hasValue(1_000);
        assertThat(price.maxOutputTokens()).hasValue(100);
        assertThat(price.tier().orElseThrow().thresholdTokens()).isEqualTo(500);
        assertThat(price.tier().orElseThrow().input()).isEqualTo(Usd.of("4"));
        assertThat(price.tier().orElseThrow().output()).contains(Usd.of("20"));
        assertThat(price.batchInput()).contains(Usd.of("1"));
        assertThat(price.batchOutput()).contains(Usd.of("5"));
        assertThat(price.asOf()).contains(LocalDate.of(2026, 11, 1));
    }

    @Test
    @DisplayName("has prices that held before a day and prices that hold from one")
    void dates() throws IOException {
        PriceBook book = PriceBook.load(file("""
            provider,model,input_usd_per_mtok,aliases,max_output_tokens,from,until
            acme,m,5,,,2027-06-01,
            acme,m,1,,,,2025-01-01
            acme,m,3,mm,77,,
            acme,m,2,,,,2026-01-01
            acme,m,4,,,2027-01-01,
            """));

        assertThat(Stream.of(
                                "2020-01-01",
                                "2024-12-31",
                                "2025-01-01",
                                "2025-12-31",
                                "2026-01-01",
                                "2026-12-31",
                                "2027-01-01",
                                "2027-05-31",
                                "2027-06-01",
                                "2030-01-01")
                        .map(day -> book.resolve("mm", LocalDate.parse(day)).orElseThrow())
                        .peek(price -> assertThat(price.maxOutputTokens()).hasValue(77))
                        .map(price -> price.input().toString()))
                .containsExactly("1.00", "1.00", "2.00", "2.00", "3.00", "3.00", "4.00", "4.00", "5.00", "5.00");
    }

    @Test
    @DisplayName("with nothing but a later date changes the model it is laid over on that day")
    void laterDate() throws IOException {
        PriceBook book = PriceBook.builtIn()
                .layer(file(
                        "provider,model,input_usd_per_mtok,output_usd_per_mtok,from\nopenai,gpt-4o,2,8,2027-01-01\n"));

        assertThat(book.resolve("gpt-4o", TODAY).map(ModelPrice::input)).contains(Usd.of("2.5"));
        assertThat(book.resolve("gpt-4o", LocalDate.of(2027, 1, 1)).map(ModelPrice::input))
                .contains(Usd.of("2"));
    }

    @ParameterizedTest(name = "line {0}: {1}")
    @MethodSource("mistakes")
    @DisplayName("with a mistake is refused as a whole, naming file, line and rule")
    void mistakes(int line, String rule, String content) throws IOException {
        Path file = file(content);
        PriceBook book = PriceBook.builtIn();

        assertThatThrownBy(() -> book.layer(file)).isInstanceOfSatisfying(PriceFileException.class, refused -> {
            assertThat(refused.file()).isEqualTo(file.toString());
            assertThat(refused.line()).isEqualTo(line);
            assertThat(refused.rule()).contains(rule);
            assertThat(refused).hasMessageContaining(file.toString()).hasMessageContaining(rule);
        });
        assertThat(book.resolve("good", TODAY)).isEmpty();
        assertThat(book.prices(TODAY)).hasSize(444);
        assertThat(book.resolve("gpt-4o", TODAY).map(ModelPrice::input)).contains(Usd.of("2.5"));
        assertThatThrownBy(() -> PriceBook.load(file)).isInstanceOf(PriceFileException.class);
    }

    static Stream<Arguments> mistakes() {
        String good = HEADER + "acme,good,1,2\nopenai,gpt-4o,1,2\n";
        List<Arguments> cases = new ArrayList<>();
        for (String price : List.of(
                "-1",
                "-0",
                "NaN",
                "Infinity",
                "1e400",
                "1E3",
                "0x10",
                "9007199254740993",
                "9223372036854775808",
                "1000001",
                "0.0000000001",
                "1 ",
                "1".repeat(10_000),
                "$1",
                "1;5")) {
            cases.add(Arguments.of(4, "input price", good + "acme,m," + price + ",1\n"));
            cases.add(Arguments.of(4, "output price", good + "acme,m,1," + price + "\n"));
        }
        cases.add(Arguments.of(4, "has 5 cells", good + "acme,m,1,5,1\n"));
        cases.add(Arguments.of(4, "has 3 cells", good + "acme,m,1\n"));
        cases.add(Arguments.of(4, "input_usd_per_mtok", good + "acme,m,,1\n"));
        cases.add(Arguments.of(4, "provider", good + ",m,1,1\n"));
        cases.add(Arguments.of(4, "model", good + "acme,,1,1\n"));
        cases.add(Arguments.of(4, "provider", good + "a:b,m,1,1\n"));
        cases.add(Arguments.of(4, "control characters", good + "acme,m\u0000,1,1\n"));
        cases.add(Arguments.of(4, "at most 251 characters", good + "acme," + "m".repeat(300) + ",1,1\n"));
        cases.add(Arguments.of(4, "quoted", good + "acme,\"m\",1,1\n"));
        cases.add(Arguments.of(4, "acme:good twice", good + "ACME,Good,1,2\n"));
        cases.add(Arguments.of(1, "quoted", "\"provider\",model,input_usd_per_mtok\nacme,m,1\n"));
        cases.add(Arguments.of(1, "'price'", "provider,model,input_usd_per_mtok,price\nacme,m,1,1\n"));
        cases.add(Arguments.of(1, "'model' twice", "provider,model,model,input_usd_per_mtok\nacme,m,m,1\n"));
        cases.add(Arguments.of(1, "'input_usd_per_mtok'", "provider,model\nacme,m\n"));
        cases.add(Arguments.of(1, "unknown column", "acme,m,1\n"));
        cases.add(Arguments.of(1, "unknown column ''", ""));
        cases.add(Arguments.of(1, "unknown column", "\n" + good));

        String full = FULL_HEADER + "acme,good,1,2,,,,,,,,,,,g,,,,\n";
        cases.add(Arguments.of(3, "cache read price", full + "acme,m,1,2,x,,,,,,,,,,,,,,\n"));
        cases.add(Arguments.of(3, "context_window", full + "acme,m,1,2,,,,1e5,,,,,,,,,,,\n"));
        cases.add(Arguments.of(3, "context window", full + "acme,m,1,2,,,,0,,,,,,,,,,,\n"));
        cases.add(Arguments.of(3, "max_output_tokens", full + "acme,m,1,2,,,,,-1,,,,,,,,,,\n"));
        cases.add(Arguments.of(3, "max_output_tokens", full + "acme,m,1,2,,,,,9223372036854775808,,,,,,,,,,\n"));
        cases.add(Arguments.of(3, "tier_threshold_tokens", full + "acme,m,1,2,,,,,,100,,,,,,,,,\n"));
        cases.add(Arguments.of(3, "tier_threshold_tokens", full + "acme,m,1,2,,,,,,,2,4,,,,,,,\n"));
        cases.add(Arguments.of(3, "tier output price", full + "acme,m,1,2,,,,,,100,2,,,,,,,,\n"));
        cases.add(Arguments.of(3, "batch output price", full + "acme,m,1,2,,,,,,,,,1,,,,,,\n"));
        cases.add(Arguments.of(3, "batch_input_usd_per_mtok", full + "acme,m,1,2,,,,,,,,,,1,,,,,\n"));
        cases.add(Arguments.of(3, "as_of", full + "acme,m,1,2,,,,,,,,,,,,,,2026-13-01,\n"));
        cases.add(Arguments.of(3, "from", full + "acme,m,1,2,,,,,,,,,,,,2026-02-29,,,\n"));
        cases.add(Arguments.of(3, "until", full + "acme,m,1,2,,,,,,,,,,,,,tomorrow,,\n"));
        cases.add(Arguments.of(3, "not both", full + "acme,m,1,2,,,,,,,,,,,,2026-01-01,2026-02-01,,\n"));
        cases.add(Arguments.of(3, "without a date", full + "acme,m,1,2,,,,,,,,,,,,,2026-02-01,,\n"));
        cases.add(Arguments.of(
                4,
                "not before",
                full + "acme,good,1,2,,,,,,,,,,,,2026-01-01,,,\n" + "acme,good,1,2,,,,,,,,,,,,,2026-01-01,,\n"));
        cases.add(Arguments.of(
                4,
                "twice",
                full + "acme,good,1,2,,,,,,,,,,,,2026-01-01,,,\n" + "acme,good,3,2,,,,,,,,,,,,2026-01-01,,,\n"));
        cases.add(Arguments.of(3, "also names acme:good", full + "acme,m,1,2,,,,,,,,,,,G,,,,\n"));
        cases.add(Arguments.of(3, "alias", full + "acme,m,1,2,,,,,,,,,,,a||b,,,,\n"));
        return cases.stream();
    }

    @Test
    @DisplayName("that is absent, a directory, no text, or huge is refused")
    void unreadable() throws IOException {
        Path binary = directory.resolve("binary.csv");
        Files.write(binary, new byte[] {'p', (byte) 0xff, (byte) 0xfe});
        Path huge = file(HEADER + ("acme,m,1,1" + " ".repeat(1_000) + "\n").repeat(17_000));

        for (Path file : List.of(directory.resolve("absent.csv"), directory, binary, huge)) {
            assertThatThrownBy(() -> PriceBook.load(file))
                    .isInstanceOfSatisfying(
                            PriceFileException.class,
                            refused -> assertThat(refused.line()).isZero());
        }
    }

    private Path file(String content) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "prices", ".csv"), content, StandardCharsets.UTF_8);
    }
}
