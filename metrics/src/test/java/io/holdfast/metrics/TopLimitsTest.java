package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The limits that get series of their own")
class TopLimitsTest {
    private static LimitState state(String scope, long limit, long committed, long held) {
        return new LimitState(
                scope, null, null, Limit.tokens(limit, Window.lifetime()), committed, held, 0, 0, Window.NEVER);
    }

    @Test
    @DisplayName("are the most used, with those always shown before them, and the rest is summed")
    void chosen() {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        List<LimitState> states = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            states.add(state("scope-" + i, 1_000, i, 1));
        }
        Collections.shuffle(states, new Random(seed));
        TopLimits top = new TopLimits(25, Set.of("scope-3", "scope-999", "nobody"));
        states.forEach(top);
        Set<String> expected = new TreeSet<>(Set.of("scope-3"));
        for (int i = 981; i < 1_000; i++) {
            expected.add("scope-" + i);
        }
        assertThat(top.chosen())
                .as("seed %d", seed)
                .extracting(LimitState::scope)
                .containsExactlyInAnyOrderElementsOf(expected);
        TopLimits.Rest rest = top.rest().get(Meter.TOKENS);
        assertThat(rest.limit).isEqualTo(980_000);
        assertThat(rest.held).isEqualTo(980);
        assertThat(rest.committed).isEqualTo(980 * 981 / 2 - 3);
        assertThat(rest.remaining).isEqualTo(rest.limit - rest.held - rest.committed);
        assertThat(top.rest()).containsOnlyKeys(Meter.TOKENS);
    }

    @Test
    @DisplayName("are never more than the bound, even where more are always to be shown")
    void alwaysIsBounded() {
        Set<String> always = new TreeSet<>();
        TopLimits top = new TopLimits(20, always);
        for (int i = 0; i < 100; i++) {
            always.add("scope-" + i);
        }
        for (int i = 0; i < 200; i++) {
            top.accept(state("scope-" + i, 100, i / 2, 0));
        }
        assertThat(top.chosen()).hasSize(15).allMatch(state -> always.contains(state.scope()));
    }

    @Test
    @DisplayName("count a limit of zero as used up")
    void zero() {
        TopLimits top = new TopLimits(20, Set.of());
        for (int i = 0; i < 30; i++) {
            top.accept(state("used-" + i, 100, 50, 0));
        }
        top.accept(state("zero", 0, 0, 0));
        assertThat(top.chosen()).extracting(LimitState::scope).contains("zero");
    }

    @Test
    @DisplayName("leave to the rest, in dollars and tokens, exactly what they do not show")
    void restInARegistry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (HoldfastMetrics metrics = HoldfastMetrics.builder()
                        .every(Duration.ofHours(1))
                        .mostSeries(20)
                        .always("user-0")
                        .build();
                BudgetManager budgets =
                        BudgetManager.builder().observer(metrics).build()) {
            metrics.bindTo(registry);
            // 31 users with a limit on tokens and one of 4 USD; user i uses i calls of 10 cents, and holds one more.
            for (int i = 0; i <= 30; i++) {
                budgets.register(BudgetScope.named("user-" + i)
                        .limit(Limit.cost(Usd.of("4.00"), Window.lifetime()))
                        .limit(Limit.tokens(10_000_000, Window.lifetime()))
                        .build());
                for (int calls = 0; calls < i; calls++) {
                    budgets.budget("user-" + i).record(Call.of("s", "gpt-4o"), Usage.of(40_000, 0));
                }
                budgets.budget("user-" + i).reserve(Call.of("s", "gpt-4o").exactly(Usage.of(40_000, 0)));
            }
            metrics.refresh();
            Scrape scrape = new Scrape(registry);
            // 15 rows but those of the rest: user-0's two, and the costs of the 13 who used most.
            assertThat(scrape.series("holdfast_budget_limit_usd")).hasSize(15);
            assertThat(scrape.series("holdfast_budget_limit_tokens")).hasSize(2);
            for (int i = 0; i <= 30; i++) {
                boolean shown = i == 0 || i > 17;
                assertThat(scrape.series("holdfast_budget_committed_usd").stream()
                                .anyMatch(has("user-" + i)))
                        .as("user-" + i)
                        .isEqualTo(shown);
            }
            Map<String, Double> cost = other(scrape, "usd");
            assertThat(cost.get("limit")).isEqualTo(17 * 4.0, within(1e-9));
            assertThat(cost.get("committed")).isEqualTo(17 * 18 / 2 * 0.1, within(1e-9));
            assertThat(cost.get("held")).isEqualTo(17 * 0.1, within(1e-9));
            assertThat(cost.get("remaining"))
                    .isEqualTo(cost.get("limit") - cost.get("committed") - cost.get("held"), within(1e-9));
            Map<String, Double> tokens = other(scrape, "tokens");
            assertThat(tokens.get("limit")).isEqualTo(30 * 10_000_000.0);
            assertThat(tokens.get("committed")).isEqualTo(30 * 31 / 2 * 40_000.0);
            assertThat(tokens.get("held")).isEqualTo(30 * 40_000.0);
            assertThat(tokens.get("remaining"))
                    .isEqualTo(tokens.get("limit") - tokens.get("committed") - tokens.get("held"));
            String ratio = "holdfast_budget_utilization_ratio{enforcement=\"other\",meter=\"%s\",models=\"other\","
                    + "scope=\"other\",window=\"other\"}";
            assertThat(scrape.value(ratio.formatted("cost")))
                    .isEqualTo((cost.get("committed") + cost.get("held")) / cost.get("limit"), within(1e-9));
            assertThat(scrape.value(ratio.formatted("tokens")))
                    .isEqualTo((tokens.get("committed") + tokens.get("held")) / tokens.get("limit"), within(1e-9));
        }
    }

    private static Predicate<String> has(String scope) {
        return series -> series.contains("scope=\"" + scope + "\"");
    }

    private static Map<String, Double> other(Scrape scrape, String unit) {
        return Stream.of("limit", "committed", "held", "remaining")
                .collect(Collectors.toMap(
                        name -> name,
                        name -> scrape.value(scrape.series("holdfast_budget_" + name + "_" + unit).stream()
                                .filter(has("other"))
                                .findFirst()
                                .orElseThrow())));
    }

    @Test
    @DisplayName("are as few with very many scopes and models, whatever they are called")
    void manyScopes() {
        int scopes = Boolean.getBoolean("holdfast.full") ? 1_000_000 : 50_000;
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (HoldfastMetrics metrics = HoldfastMetrics.builder()
                        .every(Duration.ofHours(1))
                        .always("user-0")
                        .build();
                BudgetManager budgets =
                        BudgetManager.builder().observer(metrics).build()) {
            metrics.bindTo(registry);
            budgets.register(BudgetScope.template("user-*")
                    .limit(Limit.calls(10, Window.lifetime()))
                    .limit(Limit.tokens(1_000, Window.rolling(Duration.ofHours(1))))
                    .build());
            for (int i = 0; i < scopes; i++) {
                String model = "model-" + letters(i % 5_000);
                budgets.budget("user-" + i).record(Call.of("s", model), Usage.of(i % 7, 0));
            }
            metrics.refresh();
            Scrape scrape = new Scrape(registry);
            for (String name : scrape.types().keySet()) {
                assertThat(scrape.series(name + "{")).as(name).hasSizeLessThanOrEqualTo(200);
            }
            assertThat(scrape.series("holdfast_budget_limit_calls"))
                    .hasSizeGreaterThan(1)
                    .anyMatch(series -> series.contains("scope=\"user-0\""))
                    .anyMatch(series -> series.contains("scope=\"other\",window=\"other\""));
            double calls = 0;
            for (String series : scrape.series("holdfast_budget_committed_calls")) {
                calls += scrape.value(series);
            }
            assertThat(calls).isEqualTo(scopes);
            double tokens = 0;
            for (String series : scrape.series("holdfast_tokens_total{kind=\"input\"")) {
                tokens += scrape.value(series);
            }
            assertThat(tokens)
                    .isEqualTo(java.util.stream.IntStream.range(0, scopes)
                            .mapToLong(i -> i % 7)
                            .sum());
        }
    }

    private static String letters(int number) {
        return Integer.toString(number, 26)
                .chars()
                .mapToObj(c -> String.valueOf((char) ('a' + Character.digit(c, 26))))
                .reduce("", String::concat);
    }
}
