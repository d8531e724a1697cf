package io.holdfast.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One message to receivers that behave, and to some that do not. */
@Timeout(60)
class WireTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final Duration SHORT = Duration.ofMillis(300);

    private static WebhookEndpoint.Builder endpoint(String url) {
        return WebhookEndpoint.at(url).secret(SECRET).allowLoopback();
    }

    private static Delivery send(Receiver.Behaviour behaviour) throws IOException {
        try (Receiver receiver = new Receiver(behaviour)) {
            return endpoint(receiver.url()).timeout(SHORT).build().sendTest();
        }
    }

    private static Receiver.Behaviour raw(String answer) {
        return (request, out) -> out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    @DisplayName("a message arrives signed, as a POST with a body of JSON")
    void arrives() throws Exception {
        try (Receiver receiver = new Receiver(Receiver.status(204))) {
            Delivery delivery = endpoint(receiver.url() + "?a=b").build().sendTest();
            assertThat(delivery.arrived()).isTrue();
            assertThat(delivery.status()).isEqualTo(204);
            Receiver.Request request = receiver.requests.get(0);
            assertThat(request.line()).isEqualTo("POST /hook?a=b HTTP/1.1");
            assertThat(request.headers())
                    .containsEntry("host", "127.0.0.1:" + receiver.port())
                    .containsEntry("content-type", "application/json")
                    .containsAllEntriesOf(delivery.headers());
            assertThat(request.id()).matches("msg_[0-9a-f]{26}");
            new Webhook(SECRET)
                    .verify(
                            request.body(),
                            HttpHeaders.of(
                                    request.headers().entrySet().stream()
                                            .collect(Collectors.toMap(
                                                    each -> each.getKey(), each -> List.of(each.getValue()))),
                                    (name, value) -> true));
            assertThat(request.body()).startsWith("{\"type\":\"budget.test\",\"timestamp\":\"");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    @DisplayName("a redirect is not followed")
    void redirect(int status) throws IOException {
        try (Receiver other = new Receiver(Receiver.status(200));
                Receiver receiver = new Receiver(Receiver.status(status, "Location: " + other.url()))) {
            Delivery delivery = endpoint(receiver.url()).build().sendTest();
            assertThat(delivery.status()).isEqualTo(status);
            assertThat(delivery.arrived()).isFalse();
            assertThat(other.connections).hasValue(0);
            assertThat(receiver.connections).hasValue(1);
        }
    }

    @Test
    @DisplayName("interim answers are passed over, but not for ever")
    void interim() throws IOException {
        assertThat(send(raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"))
                        .arrived())
                .isTrue();
        assertThat(send(raw("HTTP/1.1 100 Continue\r\n\r\n".repeat(50))).failure())
                .contains("does not get to its point");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n\r\n",
                "200 OK\r\n\r\n",
                "HTTP/2 200\r\n\r\n",
                "HTTP/1.1 999 X\r\n\r\n",
                "HTTP/1.1 20\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: y",
                "SSH-2.0-x\r\n",
                "\u0016\u0003\u0001"
            })
    @DisplayName("an answer that is none, or not all of one, is a failure")
    void garbage(String answer) throws IOException {
        Delivery delivery = send(raw(answer));
        assertThat(delivery.arrived()).isFalse();
        assertThat(delivery.status()).isZero();
        assertThat(delivery.failure()).isNotEmpty();
    }

    @Test
    @DisplayName("an endless body is not read")
    void endlessBody() throws IOException {
        Delivery delivery = send((request, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            flood(out);
        });
        assertThat(delivery.arrived()).isTrue();
    }

    @Test
    @DisplayName("an endless head is given up")
    void endlessHead() throws IOException {
        Delivery delivery = send((request, out) -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
            flood(out);
        });
        assertThat(delivery.failure()).contains("longer than 16384 bytes");
    }

    private static void flood(OutputStream out) throws IOException {
        byte[] chunk = "X-Flood: 1\r\n".repeat(100).getBytes(StandardCharsets.US_ASCII);
        while (true) {
            out.write(chunk);
        }
    }

    @Test
    @DisplayName("a receiver that hangs, or sends a byte now and then, is left when the time is over")
    void slow() throws IOException {
        Delivery hanging = send((request, out) -> new CountDownLatch(1).await(30, TimeUnit.SECONDS));
        assertThat(hanging.failure()).isEqualTo("no answer within 300 ms");
        Delivery dripping = send((request, out) -> {
            for (int i = 0; i < 3_000; i++) {
                out.write('H');
                out.flush();
                Thread.sleep(10);
            }
        });
        assertThat(dripping.failure()).isEqualTo("no answer within 300 ms");
    }

    @Test
    @DisplayName("a port where nobody listens is a failure, and so is a host that nobody knows")
    void nobody() throws IOException {
        int port;
        try (Receiver gone = new Receiver(Receiver.status(200))) {
            port = gone.port();
        }
        assertThat(endpoint("http://127.0.0.1:" + port + "/").build().sendTest().failure())
                .isNotEmpty();
        WebhookEndpoint unknown = endpoint("https://nobody.example.com/")
                .resolver(host -> {
                    throw new java.net.UnknownHostException(host);
                })
                .build();
        assertThat(unknown.sendTest().failure()).isEqualTo("host 'nobody.example.com' is unknown");
    }

    @Test
    @DisplayName("how long to wait is read from seconds and from dates, and from nothing else")
    void retryAfter() throws IOException {
        assertThat(send(Receiver.status(503, "Retry-After: 17")).retryAfter()).isEqualTo(Duration.ofSeconds(17));
        assertThat(send(Receiver.status(503, "retry-after: Tue, 01 Jan 2086 00:00:00 GMT"))
                        .retryAfter())
                .isGreaterThan(Duration.ofDays(10_000));
        assertThat(send(Receiver.status(503, "Retry-After: soon")).retryAfter()).isNull();
        assertThat(send(Receiver.status(503)).retryAfter()).isNull();
    }

    @Test
    @DisplayName("a look-up that hangs is left when the time is over")
    void slowLookUp() throws InterruptedException {
        CountDownLatch hang = new CountDownLatch(1);
        WebhookEndpoint endpoint = endpoint("https://slow.example.com/")
                .timeout(SHORT)
                .resolver(host -> {
                    try {
                        hang.await(30, TimeUnit.SECONDS);
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                    throw new java.net.UnknownHostException(host);
                })
                .build();
        assertThat(endpoint.sendTest().failure()).isEqualTo("no answer within 300 ms");
        assertThat(hang.getCount()).as("the look-up still hangs").isEqualTo(1);
        hang.countDown();
        assertThat(endpoint("https://broken.example.com/")
                        .resolver(host -> {
                            throw new IllegalStateException("a bad resolver, on purpose");
                        })
                        .build()
                        .sendTest()
                        .failure())
                .contains("could not be looked up", "on purpose");
    }

    @Test
    @DisplayName("an address that cannot be reached leaves time for the next")
    void nextAddress() throws IOException {
        List<Integer> parts = new ArrayList<>();
        InetAddress[] addresses = {InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1")};
        try (Receiver receiver = new Receiver(Receiver.status(200))) {
            Delivery delivery = endpoint("http://localhost:" + receiver.port() + "/")
                    .timeout(Duration.ofSeconds(20))
                    .resolver(host -> addresses)
                    .connector((address, timeout) -> {
                        parts.add(timeout);
                        if (address.getAddress().equals(addresses[0])) {
                            throw new SocketTimeoutException("connect timed out");
                        }
                        return Connector.DIRECT.connect(address, timeout);
                    })
                    .build()
                    .sendTest();
            assertThat(delivery.arrived()).as(delivery.describe()).isTrue();
        }
        assertThat(parts).hasSize(2);
        assertThat(parts.get(0)).isLessThanOrEqualTo(10_000);
        assertThat(parts.get(1)).isGreaterThan(10_000);
    }

    // ---- https

    private static SSLContext context(Path directory, String host) throws Exception {
        Path file = directory.resolve(host + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "k",
                        "-dname",
                        "CN=" + host,
                        "-ext",
                        "san=dns:" + host,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .start();
        try (InputStream output = keytool.getInputStream()) {
            assertThat(keytool.waitFor())
                    .as(new String(output.readAllBytes(), StandardCharsets.UTF_8))
                    .isZero();
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "changeit".toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    @Test
    @DisplayName("https is spoken with the host that was asked for, at the address that was checked, and no other")
    void https(@TempDir Path directory) throws Exception {
        SSLContext good = context(directory, "hooks.example.com");
        SSLContext other = context(directory, "other.example.com");
        Resolver outside = host -> new InetAddress[] {InetAddress.getByName("8.8.8.8")};
        try (Receiver receiver = new Receiver(Receiver.status(200), good.getServerSocketFactory());
                Receiver impostor = new Receiver(Receiver.status(200), other.getServerSocketFactory())) {
            assertThat(https(outside, receiver, good).arrived()).isTrue();
            assertThat(receiver.requests.get(0).headers()).containsEntry("host", "hooks.example.com");
            Delivery wrongName = https(outside, impostor, other);
            assertThat(wrongName.arrived()).as("a certificate of another host").isFalse();
            assertThat(wrongName.failure()).contains("hooks.example.com");
            assertThat(https(outside, receiver, other).arrived())
                    .as("a certificate that nobody vouches for")
                    .isFalse();
            assertThat(receiver.requests).hasSize(1);
            assertThat(impostor.requests).isEmpty();
        }
    }

    /** Sends to a receiver here as if it were at the address that the name stands for. */
    private static Delivery https(Resolver resolver, Receiver receiver, SSLContext trusting) {
        return WebhookEndpoint.at("https://hooks.example.com/")
                .secret(SECRET)
                .resolver(resolver)
                .connector((address, timeout) ->
                        Connector.DIRECT.connect(new java.net.InetSocketAddress("127.0.0.1", receiver.port()), timeout))
                .tls(trusting.getSocketFactory())
                .build()
                .sendTest();
    }
}
