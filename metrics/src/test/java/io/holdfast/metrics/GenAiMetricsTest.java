package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Reservation;
import io.holdfast.unit.Usage;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The bridge to OpenTelemetry's names")
class GenAiMetricsTest {
    private static final String SONNET =
            "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"anthropic\",gen_ai_request_model=\"claude-sonnet-4-5\"";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T00:00:00Z"));

    private BudgetManager budgets() {
        BudgetManager budgets = BudgetManager.builder()
                .clock(now::get)
                .observer(new GenAiMetrics(registry))
                .build();
        budgets.register(BudgetScope.named("alice").build());
        return budgets;
    }

    @Test
    @DisplayName("records tokens and duration of a settled call, with the attributes the conventions require")
    void settled() {
        try (BudgetManager budgets = budgets()) {
            Reservation hold = budgets.budget("alice")
                    .reserve(Call.of("s", "claude-sonnet-4-5").input(900).maxOutput(10));
            now.updateAndGet(before -> before.plus(Duration.ofMillis(1_500)));
            hold.commit(Usage.of(800, 20, 30, 50, 7));
            hold.commit(Usage.of(800, 20, 30, 50, 7));
        }
        Scrape scrape = new Scrape(registry);
        assertThat(scrape.types())
                .containsEntry("gen_ai_client_token_usage", "histogram")
                .containsEntry("gen_ai_client_operation_duration_seconds", "histogram");
        assertThat(bounds(scrape, "gen_ai_client_token_usage_bucket"))
                .containsExactlyInAnyOrder(
                        1.0,
                        4.0,
                        16.0,
                        64.0,
                        256.0,
                        1024.0,
                        4096.0,
                        16384.0,
                        65536.0,
                        262144.0,
                        1048576.0,
                        4194304.0,
                        16777216.0,
                        67108864.0,
                        Double.POSITIVE_INFINITY);
        assertThat(bounds(scrape, "gen_ai_client_operation_duration_seconds_bucket"))
                .containsExactlyInAnyOrder(
                        0.01,
                        0.02,
                        0.04,
                        0.08,
                        0.16,
                        0.32,
                        0.64,
                        1.28,
                        2.56,
                        5.12,
                        10.24,
                        20.48,
                        40.96,
                        81.92,
                        Double.POSITIVE_INFINITY);
        String input = "{" + SONNET + ",gen_ai_token_type=\"input\"";
        assertThat(scrape.value("gen_ai_client_token_usage_sum" + input + "}")).isEqualTo(900);
        assertThat(scrape.value("gen_ai_client_token_usage_bucket" + input + ",le=\"256.0\"}"))
                .isZero();
        assertThat(scrape.value("gen_ai_client_token_usage_bucket" + input + ",le=\"1024.0\"}"))
                .isEqualTo(1);
        assertThat(scrape.value("gen_ai_client_token_usage_sum{" + SONNET + ",gen_ai_token_type=\"output\"}"))
                .isEqualTo(7);
        assertThat(scrape.value("gen_ai_client_operation_duration_seconds_sum{" + SONNET + "}"))
                .isEqualTo(1.5);
        assertThat(scrape.value("gen_ai_client_operation_duration_seconds_bucket{" + SONNET + ",le=\"1.28\"}"))
                .isZero();
        assertThat(scrape.value("gen_ai_client_operation_duration_seconds_bucket{" + SONNET + ",le=\"2.56\"}"))
                .isEqualTo(1);
    }

    /** The bounds that the conventions name. */
    private static Set<Double> bounds(Scrape scrape, String name) {
        return scrape.series(name).stream()
                .map(series -> series.replaceAll(".*le=\"([^\"]+)\".*", "$1"))
                .map(bound -> bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.valueOf(bound))
                .collect(Collectors.toSet());
    }

    @Test
    @DisplayName(
            "records nothing of a call whose usage nobody knows, and tells providers by the names of the conventions")
    void unknownUsage() {
        try (BudgetManager budgets = budgets()) {
            budgets.budget("alice")
                    .reserve(Call.of("s", "gpt-4o").input(900).maxOutput(10))
                    .close();
            budgets.budget("alice")
                    .reserve(Call.of("s", "gpt-4o").input(900).maxOutput(10))
                    .release();
            assertThat(new Scrape(registry).series("gen_ai")).isEmpty();
            budgets.budget("alice").record(Call.of("s", "mistral-embed"), Usage.of(5, 0));
        }
        assertThat(new Scrape(registry).series("gen_ai_client_token_usage_count"))
                .anyMatch(series -> series.contains("gen_ai_operation_name=\"embeddings\"")
                        && series.contains("gen_ai_provider_name=\"mistral_ai\""));
    }

    @Test
    @DisplayName("makes a bounded number of series, however many models there are")
    void bounded() {
        try (BudgetManager budgets = budgets()) {
            for (int i = 0; i < 500; i++) {
                budgets.budget("alice").record(Call.of("s", "model-" + i), Usage.of(1, 1));
            }
        }
        Scrape scrape = new Scrape(registry);
        assertThat(scrape.series("gen_ai_client_token_usage_count")).hasSizeBetween(100, 210);
        double tokens = 0;
        for (String series : scrape.series("gen_ai_client_token_usage_sum")) {
            tokens += scrape.value(series);
        }
        assertThat(tokens).isEqualTo(1_000);
    }
}
