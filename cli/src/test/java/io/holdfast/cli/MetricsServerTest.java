package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.unit.Usage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsServerTest {
    private static final Pattern ADMITTED = Pattern.compile("holdfast_calls_total\\{outcome=\"admitted\"\\} [1-9]");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    private final StringWriter err = new StringWriter();
    private final Console console = new Console(new StringWriter(), new PrintWriter(err), false);

    private URI url() {
        String line = err.toString().trim();
        assertThat(line).matches("metrics: http://127\\.0\\.0\\.1:[0-9]+/metrics");
        return URI.create(line.substring(line.indexOf("http")));
    }

    private static HttpResponse<String> get(URI url) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void servesTheMetersOfAManagerAndNothingElseUntilItIsClosed() throws Exception {
        URI url;
        try (MetricsServer server = MetricsServer.start("--metrics-port", 0, console);
                BudgetManager budgets = server.observe(BudgetManager.builder()).build()) {
            url = url();
            budgets.register(BudgetScope.named("alice").maxCostPerDay("1.00").build());
            budgets.budget("alice").record(Call.of("s", "gpt-4o"), Usage.of(10, 10));
            HttpResponse<String> metrics = get(url);
            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.headers().firstValue("content-type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
            assertThat(metrics.body()).contains("holdfast_calls_total{outcome=\"admitted\"} 1.0\n");
            assertThat(get(url.resolve("/")).statusCode()).isEqualTo(404);
            assertThat(get(url.resolve("/metrics/x")).statusCode()).isEqualTo(404);
            HttpRequest post = HttpRequest.newBuilder(url)
                    .POST(HttpRequest.BodyPublishers.ofString("x"))
                    .build();
            assertThat(HTTP.send(post, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(405);
        }
        Assertions.assertThatThrownBy(() -> get(url)).isInstanceOf(ConnectException.class);
    }

    @Test
    void isReachedFromThisMachineOnly() throws Exception {
        try (MetricsServer server = MetricsServer.start("--metrics-port", 0, console)) {
            assertThat(server).isNotNull();
            int port = url().getPort();
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                for (InetAddress address : each.inetAddresses().toList()) {
                    if (!address.isLoopbackAddress()) {
                        Assertions.assertThatThrownBy(() -> new Socket(address, port).close())
                                .as("%s", address)
                                .isInstanceOf(IOException.class);
                    }
                }
            }
            try (Socket here = new Socket("127.0.0.1", port)) {
                assertThat(here.isConnected()).isTrue();
            }
        }
    }

    @Test
    void servesTheMetersOfAReplayAndOfADemoWhileTheyRun() {
        Path trace = Traces.equal(directory, 20, 1_000, 100);
        for (List<String> command :
                List.of(List.of("replay", "--trace", trace.toString()), List.of("demo", "--format", "json"))) {
            String store = SharedStoreProvider.fresh();
            StringWriter told = new StringWriter();
            AtomicReference<String> scraped = new AtomicReference<>("");
            SharedStoreProvider.at(store).beforeOperation = () -> {
                if (!ADMITTED.matcher(scraped.get()).find()) {
                    scraped.set(scrape(told));
                }
            };
            List<String> words = new ArrayList<>(command);
            words.addAll(List.of("--store", store, "--metrics-port", "0"));
            Console quiet = new Console(new StringWriter(), new PrintWriter(told), false);
            assertThat(Main.run(quiet, words.toArray(String[]::new)))
                    .as(told.toString())
                    .isZero();
            assertThat(scraped.get()).containsPattern(ADMITTED);
        }
    }

    private static String scrape(StringWriter told) {
        Matcher url = Pattern.compile("http://127\\.0\\.0\\.1:[0-9]+/metrics").matcher(told.toString());
        try {
            return url.find() ? get(URI.create(url.group())).body() : "";
        } catch (IOException | InterruptedException failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Test
    void replayAndDemoSayWhereTheyServe() {
        Path trace = Traces.equal(directory, 3, 1_000, 100);
        Run replay = Run.of("replay", "--trace", trace.toString(), "--store", "memory:", "--metrics-port", "0");
        assertThat(replay.code()).as(replay.err()).isZero();
        assertThat(replay.err()).containsPattern("^metrics: http://127\\.0\\.0\\.1:[0-9]+/metrics\n$");
        Run demo = Run.of("demo", "--store", "memory:", "--format", "json", "--metrics-port", "0");
        assertThat(demo.code()).as(demo.err()).isZero();
        assertThat(demo.err()).contains("metrics: http://127.0.0.1:");
    }

    @Test
    void refusesAPortThatIsNoneOrIsTaken() throws IOException {
        Path trace = Traces.equal(directory, 3, 1_000, 100);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (String port : new String[] {"-1", "65536", "http", "", Integer.toString(taken.getLocalPort())}) {
                Run run = Run.of("replay", "--trace", trace.toString(), "--store", "memory:", "--metrics-port", port);
                assertThat(run.code()).as(port).isEqualTo(ExitCodes.BAD_INPUT);
                assertThat(run.err()).contains("--metrics-port", "'" + port + "'");
                assertThat(run.out()).isEmpty();
            }
        }
    }
}
