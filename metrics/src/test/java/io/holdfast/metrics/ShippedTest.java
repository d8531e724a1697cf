package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be told of the dashboard and the alerts without Grafana and Prometheus. */
@DisplayName("The dashboard and the alerts")
class ShippedTest {
    private static final Path DASHBOARD = Path.of("grafana/holdfast.json");
    private static final Pattern NAME = Pattern.compile("holdfast_[a-z_]+");

    @ParameterizedTest
    @ValueSource(strings = {"grafana/holdfast.json", "prometheus/alerts.yaml", "prometheus/alerts.test.yaml"})
    @DisplayName("ask for no series that the list of meters does not have")
    void names(String file) throws IOException {
        Set<String> known = new TreeSet<>();
        for (HoldfastMeter meter : HoldfastMeter.values()) {
            PrometheusNames.types(meter).forEach((name, type) -> {
                known.add(name);
                if (type.equals("histogram")) {
                    known.add(name + "_bucket");
                    known.add(name + "_sum");
                    known.add(name + "_count");
                }
            });
        }
        Set<String> used = new TreeSet<>();
        Matcher name = NAME.matcher(Files.readString(Path.of(file)));
        while (name.find()) {
            used.add(name.group());
        }
        assertThat(used).isNotEmpty();
        assertThat(known).containsAll(used);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Spend rate | rate(holdfast_spend_usd_total",
                "Utilization, the most used limits | topk(20, holdfast_budget_utilization_ratio",
                "Denials | rate(holdfast_denials_total",
                "Latency, median | histogram_quantile(0.5,",
                "Latency, 99th percentile | histogram_quantile(0.99,",
                "Overshoot | holdfast_overshoot_usd_total",
                "Holds in doubt | holdfast_holds_in_doubt_total"
            })
    @DisplayName("show what was promised")
    void panels(String title, String expression) throws IOException {
        boolean found = false;
        for (JsonNode panel : dashboard().get("panels")) {
            for (JsonNode target : panel.path("targets")) {
                found |= panel.get("title").asText().equals(title)
                        && target.get("expr").asText().contains(expression);
            }
        }
        assertThat(found).isTrue();
    }

    @Test
    @DisplayName("can be narrowed to a data source, scopes and models")
    void variables() throws IOException {
        String text = Files.readString(DASHBOARD);
        Set<String> names = new TreeSet<>();
        dashboard().at("/templating/list").forEach(variable -> {
            String name = variable.get("name").asText();
            names.add(name);
            assertThat(text).contains(name.equals("datasource") ? "${datasource}" : "=~\\\"$" + name + "\\\"");
        });
        assertThat(names).containsExactly("datasource", "model", "scope");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HoldfastBudgetAt80Percent",
                "HoldfastBudgetExhausted",
                "HoldfastBudgetExhaustedWithinTheHour",
                "HoldfastStoreErrors",
                "HoldfastHoldLeak",
                "HoldfastOvershoot"
            })
    @DisplayName("tell what was promised")
    void alerts(String name) throws IOException {
        assertThat(Files.readString(Path.of("prometheus/alerts.yaml"))).contains("- alert: " + name + "\n");
    }

    private static JsonNode dashboard() throws IOException {
        return new ObjectMapper().readTree(DASHBOARD.toFile());
    }
}
