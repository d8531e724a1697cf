package io.holdfast.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.standardwebhooks.Webhook;
import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Decision;
import io.holdfast.Reservation;
import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.NoticeKind;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From a call to a receiver of this machine. */
@Timeout(120)
class WebhookSenderTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final PriceBook PRICES = PriceBook.empty()
            .register(ModelPrice.of("acme", "lean").input("1").output("1").build());

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T closing(T resource) {
        opened.add(resource);
        return resource;
    }

    private BudgetManager budgets() {
        BudgetManager budgets = closing(BudgetManager.builder().prices(PRICES).build());
        budgets.register(BudgetScope.named("alice")
                .limit(Limit.cost(Usd.of("10"), Window.lifetime()).alertAt(0.5, 0.8))
                .build());
        return budgets;
    }

    private static WebhookEndpoint endpoint(Receiver receiver) {
        return WebhookEndpoint.at(receiver.url())
                .secret(SECRET)
                .allowLoopback()
                .timeout(Duration.ofMillis(500))
                .build();
    }

    private WebhookSender sender(Receiver receiver, BudgetManager budgets) {
        return closing(WebhookSender.to(endpoint(receiver))
                .retryAfter(Duration.ofMillis(5), Duration.ofMillis(50))
                .start(budgets));
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 60 s for " + what).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void spend(BudgetManager budgets, String dollars) {
        long tokens = Usd.of(dollars).nanos() / 1_000;
        budgets.budget("alice").record(Call.to("lean").input(0).maxOutput(0), Usage.of(tokens, 0));
    }

    @Test
    @DisplayName("each event arrives signed, with all that it has to tell")
    void arrives() throws Exception {
        Receiver receiver = closing(new Receiver(Receiver.status(200)));
        BudgetManager budgets = budgets();
        sender(receiver, budgets);
        spend(budgets, "6");
        budgets.budget("alice")
                .tryReserve(Call.of("ticket", "lean").input(5_000_000).maxOutput(0));
        await("two messages", () -> receiver.requests.size() == 2);
        for (Receiver.Request request : receiver.requests) {
            new Webhook(SECRET)
                    .verify(
                            request.body(),
                            HttpHeaders.of(
                                    request.headers().entrySet().stream()
                                            .collect(Collectors.toMap(
                                                    Map.Entry::getKey, each -> List.of(each.getValue()))),
                                    (name, value) -> true));
            parse(request.body());
        }
        assertThat(receiver.requests.get(0).body())
                .contains("\"type\":\"budget.alert_reached\"", "\"scope\":\"alice\"", "\"fraction\":\"0.5\"")
                .contains(
                        "\"key\":\"cost/lifetime\",\"meter\":\"cost\",\"limit\":\"10.00\",\"used\":\"6.00\",\"held\":\"0.00\"")
                .contains("\"frees_at\":null")
                .contains("\"message\":\"reached 50 %: scope 'alice' limit cost/lifetime: used 6.00 USD, held 0.00 USD,"
                        + " limit 10.00 USD, frees never by itself\"");
        assertThat(receiver.requests.get(1).body())
                .contains("\"type\":\"budget.call_refused\"", "\"session\":\"ticket\"", "\"asked\":\"5.00\"");
        await("an empty outbox", () -> budgets.outbox().subscriptions().get(0).pending() == 0);
    }

    private static void parse(String json) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
            parser.skipChildren();
            assertThat(parser.nextToken()).isNull();
        }
    }

    @Test
    @DisplayName("an event is sent again until it arrives, by the same id and with the same body")
    void repeats() throws Exception {
        Receiver receiver = closing(new Receiver(Receiver.status(500)));
        BudgetManager budgets = budgets();
        sender(receiver, budgets);
        spend(budgets, "6");
        await("five attempts", () -> receiver.requests.size() >= 5);
        receiver.behave(Receiver.status(202));
        await("an empty outbox", () -> budgets.outbox().subscriptions().get(0).pending() == 0);
        assertThat(receiver.requests.stream().map(Receiver.Request::id).distinct())
                .hasSize(1);
        assertThat(receiver.requests.stream().map(Receiver.Request::body).distinct())
                .hasSize(1);
    }

    @Test
    @DisplayName("only what is asked for is queued; what was queued before a sender started is sent")
    void kinds() throws Exception {
        Receiver receiver = closing(new Receiver(Receiver.status(200)));
        BudgetManager budgets = budgets();
        budgets.outbox().subscribe("webhooks", EnumSet.of(NoticeKind.ALERT_REACHED), false);
        spend(budgets, "6");
        budgets.budget("alice").tryReserve(Call.of("t", "lean").input(5_000_000).maxOutput(0));
        closing(WebhookSender.to(endpoint(receiver))
                .kinds(EnumSet.of(NoticeKind.ALERT_REACHED))
                .start(budgets));
        await("one message", () -> receiver.requests.size() == 1);
        await("an empty outbox", () -> budgets.outbox().subscriptions().get(0).pending() == 0);
        assertThat(receiver.requests).hasSize(1);
    }

    @Test
    @DisplayName("a receiver that answers 410 ends the sender, and the next one does not run")
    void gone() throws Exception {
        Receiver receiver = closing(new Receiver(Receiver.status(410)));
        BudgetManager budgets = budgets();
        WebhookSender sender = sender(receiver, budgets);
        spend(budgets, "6");
        await("the end of the sender", () -> !sender.running());
        WebhookSender next = closing(WebhookSender.to(endpoint(receiver)).start(budgets));
        assertThat(next.running()).isFalse();
        spend(budgets, "1");
        receiver.behave(Receiver.status(200));
        closing(WebhookSender.to(endpoint(receiver)).revive().start(budgets));
        spend(budgets, "2");
        await("the message after that", () -> receiver.requests.size() == 2);
    }

    @Test
    @DisplayName("many senders of one subscription send each event once")
    void several() throws Exception {
        Receiver receiver = closing(new Receiver(Receiver.status(200)));
        BudgetManager budgets = budgets();
        for (int i = 0; i < 4; i++) {
            sender(receiver, budgets);
        }
        for (int i = 0; i < 50; i++) {
            budgets.budget("alice")
                    .reserve(Call.of("s", "lean").input(1_000).maxOutput(0))
                    .commit(Usage.of(1_001, 0));
        }
        await("an empty outbox", () -> budgets.outbox().subscriptions().get(0).pending() == 0);
        assertThat(receiver.requests)
                .extracting(Receiver.Request::id)
                .hasSize(50)
                .doesNotHaveDuplicates();
    }

    /** What calls come to: a function of the seed, whoever listens. */
    private static List<String> outcomes(BudgetManager budgets, long seed) {
        Random random = new Random(seed);
        Budget alice = budgets.budget("alice");
        List<String> outcomes = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            int tokens = 1_000 * (1 + random.nextInt(80));
            Decision<Reservation> decision =
                    alice.tryReserve(Call.of("s", "lean").input(tokens).maxOutput(0));
            outcomes.add(decision.getClass().getSimpleName());
            if (decision instanceof Decision.Allowed<Reservation> allowed) {
                allowed.value().commit(Usage.of(tokens + random.nextInt(3) - 1, 0));
            }
        }
        outcomes.add(alice.summary().limits().toString());
        return outcomes;
    }

    @Test
    @DisplayName("a receiver that hangs, floods or breaks off changes no outcome and keeps no call waiting")
    void harmless() throws Exception {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        BudgetManager quiet = budgets();
        List<String> expected = outcomes(quiet, seed);
        CountDownLatch done = new CountDownLatch(1);
        List<Receiver.Behaviour> bad = List.of(
                (request, out) -> done.await(100, TimeUnit.SECONDS),
                (request, out) -> {
                    out.write("HTTP/1.1 500 X\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    byte[] chunk = new byte[10_000];
                    while (done.getCount() > 0) {
                        out.write(chunk);
                    }
                },
                (request, out) -> {
                    throw new IOException("broken off");
                });
        for (Receiver.Behaviour behaviour : bad) {
            Receiver receiver = closing(new Receiver(behaviour));
            BudgetManager budgets = budgets();
            sender(receiver, budgets);
            assertThat(outcomes(budgets, seed)).as("seed %d", seed).isEqualTo(expected);
            assertThat(done.getCount()).as("the receiver still misbehaves").isEqualTo(1);
        }
        done.countDown();
    }

    @Test
    @DisplayName("closing does not wait for what cannot be delivered")
    void closesInTime() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        Receiver receiver = closing(new Receiver((request, out) -> hang.await(100, TimeUnit.SECONDS)));
        BudgetManager budgets = budgets();
        WebhookSender sender = sender(receiver, budgets);
        spend(budgets, "6");
        await("an attempt", () -> !receiver.requests.isEmpty());
        sender.close();
        assertThat(sender.running()).isFalse();
        assertThat(budgets.outbox().subscriptions().get(0).pending()).isEqualTo(1);
        hang.countDown();
    }

    @Test
    @DisplayName("an endpoint with a long timeout is sent to as well, without another setting")
    void longTimeout() throws Exception {
        Receiver receiver = closing(new Receiver(Receiver.status(200)));
        BudgetManager budgets = budgets();
        WebhookEndpoint patient = WebhookEndpoint.at(receiver.url())
                .secret(SECRET)
                .allowLoopback()
                .timeout(Duration.ofSeconds(60))
                .build();
        closing(WebhookSender.to(patient).start(budgets));
        spend(budgets, "6");
        await("a message", () -> receiver.requests.size() == 1);
        assertThat(budgets.outbox().subscriptions().get(0).leaseUntil() - System.currentTimeMillis())
                .as("what is left of the lease")
                .isGreaterThan(Duration.ofSeconds(120).toMillis());
    }

    @Test
    @DisplayName("settings out of range are refused by name")
    void settings() throws Exception {
        Receiver receiver = closing(new Receiver(Receiver.status(200)));
        WebhookSender.Builder builder = WebhookSender.to(endpoint(receiver));
        assertThatThrownBy(() -> builder.subscription("")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> builder.lease(Duration.ofSeconds(1))).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> builder.lease(Duration.ofHours(2))).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> builder.giveUpAfter(Duration.ZERO)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> builder.pollEvery(Duration.ZERO)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> builder.retryAfter(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> WebhookEndpoint.at("https://example.com").timeout(Duration.ofMinutes(2)))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> WebhookEndpoint.at("https://example.com").build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("secret");
        for (Duration lease : List.of(Duration.ZERO, Duration.ofNanos(999_999), Duration.ofSeconds(-1))) {
            assertThatThrownBy(() -> budgets().outbox().claim("webhooks", "worker", 1, lease))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(lease.toString());
        }
        assertThatThrownBy(() -> builder.kinds(EnumSet.noneOf(NoticeKind.class)).start(budgets()))
                .isInstanceOf(InvalidInputException.class);
    }
}
