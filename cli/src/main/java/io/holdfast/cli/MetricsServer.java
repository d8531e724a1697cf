package io.holdfast.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.holdfast.BudgetManager;
import io.holdfast.error.InvalidInputException;
import io.holdfast.metrics.HoldfastMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Serves the meters of a manager for Prometheus, on this machine only. */
final class MetricsServer implements AutoCloseable {
    private static final String PATH = "/metrics";
    private static final Duration READ_EVERY = Duration.ofSeconds(1);
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final @Nullable Running running;

    private record Running(
            HttpServer server, ExecutorService executor, HoldfastMetrics metrics, PrometheusMeterRegistry registry) {}

    private MetricsServer(@Nullable Running running) {
        this.running = running;
    }

    static MetricsServer none() {
        return new MetricsServer(null);
    }

    static MetricsServer start(String option, int port, Console console) {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), 0);
        } catch (IOException taken) {
            throw new InvalidInputException(
                    option, Integer.toString(port), "must be a port that is free (" + taken.getMessage() + ")");
        }
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        HoldfastMetrics metrics = HoldfastMetrics.builder().every(READ_EVERY).build();
        metrics.bindTo(registry);
        ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "holdfast-metrics-http");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(executor);
        server.createContext("/", exchange -> answer(exchange, registry));
        server.start();
        MetricsServer started = new MetricsServer(new Running(server, executor, metrics, registry));
        console.err().println("metrics: " + started.url());
        console.err().flush();
        return started;
    }

    /** Lets the meters see what a manager will do. */
    BudgetManager.Builder observe(BudgetManager.Builder manager) {
        return running == null ? manager : manager.observer(running.metrics());
    }

    private String url() {
        return running == null
                ? ""
                : "http://127.0.0.1:" + running.server().getAddress().getPort() + PATH;
    }

    private static void answer(HttpExchange exchange, PrometheusMeterRegistry registry) throws IOException {
        try (exchange) {
            boolean get = exchange.getRequestMethod().equals("GET");
            if (!exchange.getRequestURI().getPath().equals(PATH) || !get) {
                exchange.sendResponseHeaders(get ? 404 : 405, -1);
                return;
            }
            byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        if (running != null) {
            running.server().stop(0);
            running.executor().shutdownNow();
            running.metrics().close();
            running.registry().close();
        }
    }
}
