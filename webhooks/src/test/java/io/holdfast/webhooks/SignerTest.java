package io.holdfast.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.holdfast.error.InvalidInputException;
import java.net.http.HttpHeaders;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The signatures, against the library that the Standard Webhooks specification comes with. */
class SignerTest {
    private static final String OLD = secret(1);
    private static final String NEW = secret(2);

    private static String secret(int seed) {
        byte[] bytes = new byte[32];
        new Random(seed).nextBytes(bytes);
        return "whsec_" + Base64.getEncoder().encodeToString(bytes);
    }

    private static HttpHeaders http(Map<String, String> headers) {
        return HttpHeaders.of(
                headers.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, each -> List.of(each.getValue()))),
                (name, value) -> true);
    }

    private static long now() {
        return System.currentTimeMillis() / 1_000;
    }

    @Test
    @DisplayName("are taken by the specification's library, for any body")
    void verified() throws Exception {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Random random = new Random(seed);
        Webhook library = new Webhook(NEW);
        for (int i = 0; i < 200; i++) {
            int length = random.nextInt(300);
            String body = random.ints(length, 0x20, 0x2fff)
                    .mapToObj(Character::toString)
                    .collect(Collectors.joining());
            Map<String, String> headers = new Signer(List.of(NEW)).headers("msg_" + i, now(), body);
            assertThatCode(() -> library.verify(body, http(headers)))
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
            assertThat(headers.get("webhook-signature"))
                    .isEqualTo(library.sign("msg_" + i, Long.parseLong(headers.get("webhook-timestamp")), body));
        }
    }

    @Test
    @DisplayName("are refused by it where body, id, time or secret is another, or the time is long ago")
    void tampered() throws Exception {
        Webhook library = new Webhook(NEW);
        Map<String, String> good = new Signer(List.of(NEW)).headers("msg_1", now(), "{}");
        assertThatThrownBy(() -> library.verify("{ }", http(good))).isInstanceOf(WebhookVerificationException.class);
        for (String header : List.of("webhook-id", "webhook-timestamp")) {
            Map<String, String> bad = new TreeMap<>(good);
            bad.put(header, header.equals("webhook-id") ? "msg_2" : Long.toString(now() + 1));
            assertThatThrownBy(() -> library.verify("{}", http(bad))).isInstanceOf(WebhookVerificationException.class);
        }
        Map<String, String> stale = new Signer(List.of(NEW)).headers("msg_1", now() - 3_600, "{}");
        assertThatThrownBy(() -> library.verify("{}", http(stale))).isInstanceOf(WebhookVerificationException.class);
        assertThatThrownBy(() -> new Webhook(OLD).verify("{}", http(good)))
                .isInstanceOf(WebhookVerificationException.class);
    }

    @Test
    @DisplayName("are one for each secret, so that a receiver may know the old one or the new one")
    void rotation() throws Exception {
        Map<String, String> headers = new Signer(List.of(OLD, NEW)).headers("msg_1", now(), "{}");
        assertThat(headers.get("webhook-signature").split(" ")).hasSize(2);
        new Webhook(OLD).verify("{}", http(headers));
        new Webhook(NEW).verify("{}", http(headers));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "whsec_", "c2hvcnQ=", "whsec_c2hvcnQ=", "whsec_not base64 at all, but long enough", "secret"
            })
    @DisplayName("need a secret that is one, which no message repeats")
    void badSecrets(String secret) {
        assertThatThrownBy(() -> new Signer(List.of(secret)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("whsec_ and 24 to 64 bytes")
                .satisfies(failure -> assertThat(
                                secret.length() > 6 && failure.getMessage().contains(secret))
                        .isFalse());
        assertThatThrownBy(() -> new Signer(List.of())).isInstanceOf(InvalidInputException.class);
    }
}
