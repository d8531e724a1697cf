package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lets a real Prometheus scrape a running replay, and an application in trouble, and asks it for every expression of the
 * dashboard and of the alerts. Needs {@code prometheus} on the path, or named by the variable {@code PROMETHEUS}.
 */
@Timeout(300)
class PrometheusTest {
    private static final Path DASHBOARD = Path.of("../metrics/grafana/holdfast.json");
    private static final Path RULES =
            Path.of("../metrics/prometheus/alerts.yaml").toAbsolutePath();

    /** Fires only after five minutes without a read; that it does is a unit test of the rules. What it reads must be there. */
    private static final Map<String, String> NOT_WAITED_FOR =
            Map.of("HoldfastGaugesStale", "holdfast_survey_age_seconds");

    private static final Pattern ADDRESS = Pattern.compile("Listening on\" address=(127\\.0\\.0\\.1:[0-9]+)");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    @Test
    void everyExpressionHasDataFromARunningReplay() throws Exception {
        Optional<Path> program = prometheus();
        assumeTrue(program.isPresent(), "skipped: prometheus is not on the PATH, and PROMETHEUS does not name it");
        StringWriter err = new StringWriter();
        Thread replay = new Thread(() -> replay(err), "replay");
        replay.start();
        try (Troubles troubles = new Troubles()) {
            String target = address(err);
            Path log = directory.resolve("prometheus.log");
            Process process = start(program.orElseThrow(), log, List.of(target, troubles.target()));
            try {
                String prometheus = "http://" + await(log);
                Map<String, String> missing = Map.of();
                Set<String> silent = Set.of();
                long end = System.nanoTime() + Duration.ofSeconds(150).toNanos();
                do {
                    troubles.again();
                    Thread.sleep(250);
                    missing = without(prometheus, expressions());
                    silent = silent(prometheus);
                } while (!(missing.isEmpty() && silent.isEmpty()) && System.nanoTime() < end);
                assertThat(missing).as("expressions without data").isEmpty();
                assertThat(silent).as("alerts neither pending nor firing").isEmpty();
                assertThat(replay.isAlive())
                        .as("the replay still runs: %s", err)
                        .isTrue();
                requireLabels(prometheus);
                requireVariables(prometheus);
                requireSound(prometheus);
            } finally {
                process.destroy();
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            }
        } finally {
            replay.interrupt();
            replay.join();
        }
    }

    // ---- what is scraped

    /** Runs until it is interrupted: a few tenants on JSON files, whose budgets are soon used up. */
    private void replay(StringWriter err) {
        Path trace = Traces.of(directory, 500);
        Main.run(
                new Console(new StringWriter(), new PrintWriter(err), false),
                "replay",
                "--trace",
                trace.toString(),
                "--store",
                "json:" + directory.resolve("ledger"),
                "--tenants",
                "3",
                "--threads",
                "2",
                "--cap-per-day",
                "1.00",
                "--repeat",
                "1000000",
                "--metrics-port",
                "0");
    }

    private static String address(StringWriter err) throws InterruptedException {
        Pattern told = Pattern.compile("metrics: http://(127\\.0\\.0\\.1:[0-9]+)/metrics");
        while (true) {
            Matcher matcher = told.matcher(err.toString());
            if (matcher.find()) {
                return matcher.group(1);
            }
            Thread.sleep(20);
        }
    }

    // ---- Prometheus

    private static Optional<Path> prometheus() {
        String named = System.getenv("PROMETHEUS");
        return named != null
                ? Optional.of(Path.of(named))
                : Stream.of(System.getenv("PATH").split(":"))
                        .map(folder -> Path.of(folder, "prometheus"))
                        .filter(Files::isExecutable)
                        .findFirst();
    }

    private Process start(Path program, Path log, List<String> targets) throws IOException {
        Path config = Run.file(
                directory,
                "prometheus.yml",
                "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
                        + "rule_files: [" + JSON.writeValueAsString(RULES.toString()) + "]\n"
                        + "scrape_configs:\n"
                        + "- {job_name: holdfast, static_configs: [{targets: " + JSON.writeValueAsString(targets)
                        + "}]}\n");
        return new ProcessBuilder(
                        program.toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + directory.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:0")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static String await(Path log) throws IOException, InterruptedException {
        while (true) {
            String text = Files.readString(log);
            Matcher matcher = ADDRESS.matcher(text);
            if (matcher.find() && text.contains("Server is ready")) {
                return matcher.group(1);
            }
            assertThat(text).doesNotContain("level=error");
            Thread.sleep(50);
        }
    }

    private static JsonNode get(String url) throws IOException, InterruptedException {
        HttpResponse<String> response =
                HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        JsonNode answer = JSON.readTree(response.body());
        assertThat(answer.path("status").asText())
                .as(url + ": " + response.body())
                .isEqualTo("success");
        return answer.get("data");
    }

    private static JsonNode query(String prometheus, String expression) throws IOException, InterruptedException {
        return get(prometheus + "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .get("result");
    }

    // ---- the expressions

    /** Returns every expression of the dashboard and of the alerts, by what it is for. */
    private static Map<String, String> expressions() throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        for (JsonNode panel : JSON.readTree(DASHBOARD.toFile()).get("panels")) {
            for (JsonNode target : panel.path("targets")) {
                String name = "panel " + panel.get("title").asText() + " "
                        + target.get("refId").asText();
                all.put(name, substituted(target.get("expr").asText()));
            }
        }
        for (JsonNode rule : rules()) {
            String name = rule.get("alert").asText();
            all.put(
                    "alert " + name,
                    NOT_WAITED_FOR.getOrDefault(name, rule.get("expr").asText()));
        }
        assertThat(all).hasSizeGreaterThan(25);
        return all;
    }

    private static List<JsonNode> rules() throws IOException {
        List<JsonNode> rules = new ArrayList<>();
        new YAMLMapper()
                .readTree(RULES.toFile())
                .get("groups")
                .forEach(group -> group.get("rules").forEach(rules::add));
        return rules;
    }

    /** Puts in what Grafana would with "All" chosen. */
    private static String substituted(String expression) {
        String text = expression
                .replace("$__rate_interval", "1m")
                .replace("$scope", ".*")
                .replace("$model", ".*");
        assertThat(text).doesNotContain("$");
        return text;
    }

    /** Returns the expressions that give no number. */
    private static Map<String, String> without(String prometheus, Map<String, String> expressions)
            throws IOException, InterruptedException {
        Map<String, String> missing = new TreeMap<>();
        for (Map.Entry<String, String> each : expressions.entrySet()) {
            boolean number = false;
            for (JsonNode series : query(prometheus, each.getValue())) {
                number |= !series.get("value").get(1).asText().equals("NaN");
            }
            if (!number) {
                missing.put(each.getKey(), each.getValue());
            }
        }
        return missing;
    }

    private static Set<String> silent(String prometheus) throws IOException, InterruptedException {
        Set<String> silent = new TreeSet<>();
        for (JsonNode rule : rules()) {
            silent.add(rule.get("alert").asText());
        }
        silent.removeAll(NOT_WAITED_FOR.keySet());
        for (JsonNode alert : get(prometheus + "/api/v1/alerts").get("alerts")) {
            silent.remove(alert.get("labels").get("alertname").asText());
        }
        return silent;
    }

    /** Every label that a legend names is there, or it would be empty. */
    private static void requireLabels(String prometheus) throws IOException, InterruptedException {
        Pattern label = Pattern.compile("\\{\\{(\\w+)}}");
        int found = 0;
        for (JsonNode panel : JSON.readTree(DASHBOARD.toFile()).get("panels")) {
            for (JsonNode target : panel.path("targets")) {
                Matcher matcher = label.matcher(target.get("legendFormat").asText());
                while (matcher.find()) {
                    String expression = substituted(target.get("expr").asText());
                    for (JsonNode series : query(prometheus, expression)) {
                        assertThat(series.get("metric").path(matcher.group(1)).asText())
                                .as("label %s of %s", matcher.group(1), expression)
                                .isNotEmpty();
                    }
                    found++;
                }
            }
        }
        assertThat(found).isGreaterThan(15);
    }

    /** The variables of the dashboard have values to choose from. */
    private static void requireVariables(String prometheus) throws IOException, InterruptedException {
        Pattern query = Pattern.compile("label_values\\((\\w+), (\\w+)\\)");
        int found = 0;
        for (JsonNode variable : JSON.readTree(DASHBOARD.toFile()).at("/templating/list")) {
            Matcher matcher = query.matcher(variable.get("query").path("query").asText());
            if (matcher.matches()) {
                JsonNode values = get(prometheus + "/api/v1/label/" + matcher.group(2)
                        + "/values?match[]=".replace("[", "%5B").replace("]", "%5D") + matcher.group(1));
                assertThat(values).as(variable.get("name").asText()).isNotEmpty();
                found++;
            }
        }
        assertThat(found).isEqualTo(2);
    }

    /** No rule failed, and every scrape was understood. */
    private static void requireSound(String prometheus) throws IOException, InterruptedException {
        for (JsonNode group : get(prometheus + "/api/v1/rules").get("groups")) {
            for (JsonNode rule : group.get("rules")) {
                assertThat(rule.get("health").asText()).as(rule.toString()).isEqualTo("ok");
            }
        }
        JsonNode targets = get(prometheus + "/api/v1/targets").get("activeTargets");
        assertThat(targets)
                .hasSize(2)
                .allSatisfy(target -> assertThat(target.get("health").asText())
                        .as(target.toString())
                        .isEqualTo("up"));
    }
}
