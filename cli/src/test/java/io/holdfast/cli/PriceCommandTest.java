package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PriceCommandTest {
    @Test
    void pricesACallAsJson() {
        Run run = Run.of("price", "--model", "claude-sonnet-4-5", "--input", "812", "--output", "143");
        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("{\"model\":\"anthropic:claude-sonnet-4-5\",\"cost_usd\":\"0.004581\"}\n");
    }

    @Test
    void countsEveryKindOfToken() {
        // 1 M each: input 3, read 0.30, short write 3.75, long write 6, output 15; the prompt stays below the tier.
        Run run = Run.of(
                "price",
                "--model",
                "anthropic/claude-sonnet-4-5",
                "--input",
                "10000",
                "--cache-read",
                "10000",
                "--cache-write-short",
                "10000",
                "--cache-write-long",
                "10000",
                "--output",
                "10000");
        assertThat(run.json().get("cost_usd").asText()).isEqualTo("0.2805");
    }

    @Test
    void writesATableForPeopleAndCsvForSpreadsheets() {
        assertThat(Run.of("price", "--model", "gpt-4o", "--format", "table").out())
                .isEqualTo("model     openai:gpt-4o\ncost_usd  0.00\n");
        assertThat(Run.of("price", "--model", "gpt-4o", "--format", "csv").out())
                .isEqualTo("model,cost_usd\nopenai:gpt-4o,0.00\n");
    }

    @Test
    void batchIsTheBatchTier() {
        String[] call = {"price", "--model", "gpt-4o", "--input", "1000000"};
        String standard = Run.of(call).json().get("cost_usd").asText();
        String batch = Run.of("price", "--model", "gpt-4o", "--input", "1000000", "--batch")
                .json()
                .get("cost_usd")
                .asText();
        assertThat(standard).isEqualTo("2.50");
        assertThat(batch).isEqualTo("1.25");
        assertThat(Run.of("price", "--model", "gpt-4o", "--input", "1000000", "--service-tier", "batch")
                        .out())
                .contains("\"1.25\"");
    }

    @Test
    void multipliesForARegion() {
        assertThat(Run.of("price", "--model", "gpt-4o", "--input", "1000000", "--multiplier", "1.1")
                        .out())
                .contains("\"2.75\"");
    }

    @Test
    void anUnknownModelEndsWithThreeAndNearNames() {
        Run run = Run.of("price", "--model", "claude-sonet-4-5");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("'claude-sonet-4-5'")
                .contains("claude-sonnet-4-5")
                .hasLineCount(1);
    }

    @Test
    void aModelBeforeItsFirstPriceEndsWithThree(@TempDir Path directory) {
        Path prices = Run.file(directory, "prices.csv", """
                provider,model,input_usd_per_mtok,output_usd_per_mtok,from
                acme,rocket,1,2,2026-06-01
                """);
        Run run = Run.of("price", "--model", "rocket", "--prices", prices.toString(), "--at", "2026-05-31");
        assertThat(run.code()).as(run.err()).isEqualTo(3);
        assertThat(run.err()).contains("'rocket' has no known price on 2026-05-31");
    }

    @Test
    void aFileLaysItsPricesOverTheBuiltInOnes(@TempDir Path directory) {
        Path prices = Run.file(directory, "prices.csv", """
                provider,model,input_usd_per_mtok,output_usd_per_mtok
                acme,rocket,1,2
                """);
        Run run = Run.of("price", "--model", "acme:rocket", "--prices", prices.toString(), "--output", "1000000");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("{\"model\":\"acme:rocket\",\"cost_usd\":\"2.00\"}\n");
    }
}
