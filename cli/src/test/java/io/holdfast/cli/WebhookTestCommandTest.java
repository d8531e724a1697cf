package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WebhookTestCommandTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private final List<String> received = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private int status = 204;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            received.add(exchange.getRequestHeaders().getFirst("webhook-signature") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Run run(String... more) {
        return Run.of(java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(
                                "webhook-test",
                                "--url",
                                "http://127.0.0.1:" + server.getAddress().getPort() + "/hook",
                                "--format",
                                "json"),
                        java.util.Arrays.stream(more))
                .toArray(String[]::new));
    }

    @Test
    void showsStatusTimeAndSignatureOfAMessageThatArrived() {
        Run run = run("--secret", SECRET, "--allow-loopback");
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.get("arrived").booleanValue()).isTrue();
        assertThat(json.get("status").intValue()).isEqualTo(204);
        assertThat(json.get("took_ms").longValue()).isNotNegative();
        assertThat(json.get("webhook-id").textValue()).startsWith("msg_");
        assertThat(received)
                .singleElement()
                .satisfies(request -> assertThat(request)
                        .startsWith(json.get("webhook-signature").textValue() + " {\"type\":\"budget.test\""));
        assertThat(run.out() + run.err()).doesNotContain(SECRET);
    }

    @Test
    void endsWithOneWhereTheEndpointDoesNotTakeIt() {
        status = 500;
        Run run = run("--secret", SECRET, "--allow-loopback");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.json().get("status").intValue()).isEqualTo(500);
        assertThat(run.err()).contains("not delivered: status 500").hasLineCount(1);
    }

    @Test
    void endsWithTwoAndSendsNothingWhereTheUrlOrTheSecretIsBad() {
        assertThat(run("--secret", SECRET).code()).as("http without leave").isEqualTo(2);
        Run secret = run("--secret", "whsec_hunter2", "--allow-loopback");
        assertThat(secret.code()).isEqualTo(2);
        assertThat(secret.err()).doesNotContain("hunter2").hasLineCount(1);
        assertThat(Run.of("webhook-test", "--secret", SECRET).code()).isEqualTo(2);
        assertThat(received).isEmpty();
    }

    @Test
    void sendsNothingToAnAddressInside() {
        Run run = Run.of("webhook-test", "--url", "https://169.254.169.254/latest", "--secret", SECRET);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("169.254.169.254", "link-local", "nothing was sent");
    }
}
