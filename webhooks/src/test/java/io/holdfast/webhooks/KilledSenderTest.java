package io.holdfast.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * I8, I23: processes that spend and send are killed at random moments. In the end every message that ever entered the
 * outbox has arrived, none under two ids, and what arrived twice did so by the same id and with the same body.
 */
class KilledSenderTest {
    private static final int KILLS = Boolean.getBoolean("holdfast.full") ? 250 : 25;
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @TempDir
    Path scratch = Path.of("");

    /** Spends, a little more each time than it had held, and sends what comes of it, until it is killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            try (BudgetManager budgets = budgets(arguments[0]);
                    WebhookSender sender = sender(arguments[1], budgets)) {
                Budget budget = budgets.budget("s");
                while (sender.running()) {
                    budget.reserve(Call.of("session", "lean").input(1).maxOutput(0))
                            .commit(Usage.of(2, 0));
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                }
            }
        }
    }

    private static BudgetManager budgets(String store) {
        BudgetManager budgets = BudgetManager.builder()
                .store(store)
                .prices(PriceBook.empty()
                        .register(ModelPrice.of("acme", "lean")
                                .input("1")
                                .output("1")
                                .build()))
                .build();
        budgets.register(BudgetScope.named("s")
                .limit(Limit.calls(1_000_000, Window.lifetime()).alertAt(0.00001, 0.0001))
                .build());
        return budgets;
    }

    private static WebhookSender sender(String url, BudgetManager budgets) {
        return WebhookSender.to(WebhookEndpoint.at(url)
                        .secret(SECRET)
                        .allowLoopback()
                        .timeout(Duration.ofMillis(150))
                        .build())
                .lease(Duration.ofMillis(400))
                .pollEvery(Duration.ofMillis(50))
                .retryAfter(Duration.ofMillis(10), Duration.ofMillis(100))
                .start(budgets);
    }

    @Test
    @DisplayName("on JSON files, no message is lost and none has two ids")
    void json() throws Exception {
        Path directory = scratch.resolve("ledger");
        killed("json:" + directory, () -> queuedInFiles(directory));
    }

    @Test
    @DisplayName("on SQLite, no message is lost and none has two ids")
    void sqlite() throws Exception {
        String url = "jdbc:sqlite:" + scratch.resolve("ledger.db");
        killed(url, () -> queuedInTables(url));
    }

    private interface Journal {
        List<String> queued() throws Exception;
    }

    private void killed(String store, Journal journal) throws Exception {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Random random = new Random(seed);
        // Every third answer is an error, and some get lost, so that there is always something to send again.
        try (Receiver receiver = new Receiver((request, out) -> {
            int kind = Math.floorMod(request.headers().get("webhook-signature").hashCode(), 6);
            if (kind < 2) {
                Receiver.status(kind == 0 ? 500 : 400).answer(request, out);
            } else if (kind < 5) {
                Receiver.status(200).answer(request, out);
            }
        })) {
            for (int kill = 0; kill < KILLS; kill++) {
                killOne(store, receiver, random);
            }
            receiver.behave(Receiver.status(200));
            deliverTheRest(store, receiver);
            check(receiver, journal.queued(), seed);
        }
        try (LedgerStore ledger = LedgerStores.open(store)) {
            assertThat(ledger.verify().differences()).as("seed %d", seed).isEmpty();
        }
        Survival.of(
                        "SIGKILL of a sender of webhooks",
                        store.startsWith("json:") ? "JSON files" : "SQLite",
                        KilledSenderTest.class)
                .seed(seed)
                .tried(KILLS)
                .lost(0)
                .doubled(0)
                .keep();
    }

    private void killOne(String store, Receiver receiver, Random random) throws Exception {
        int before = receiver.requests.size();
        Process child = start(store, receiver.url());
        try {
            // Once it sends, anything from right away to a while later.
            await(child, () -> receiver.requests.size() > before);
            TimeUnit.MICROSECONDS.sleep(random.nextInt(150_000));
            assertThat(child.isAlive()).as("killed while it works").isTrue();
        } finally {
            child.destroyForcibly();
            child.waitFor();
        }
    }

    private Process start(String store, String url) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Child.class.getName(),
                        store,
                        url)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(scratch.resolve("child.err").toFile())
                .start();
    }

    private void await(Process child, BooleanSupplier condition) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!condition.getAsBoolean()) {
            if (!child.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("the child does not send: " + Files.readString(scratch.resolve("child.err")));
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void deliverTheRest(String store, Receiver receiver) {
        try (BudgetManager budgets = budgets(store);
                WebhookSender sender = sender(receiver.url(), budgets)) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
            while (budgets.outbox().subscriptions().get(0).pending() > 0) {
                assertThat(sender.running() && System.nanoTime() < end)
                        .as("the rest is sent in time")
                        .isTrue();
                LockSupport.parkNanos(10_000_000);
            }
            assertThat(budgets.outbox().subscriptions().get(0).dropped()).isZero();
        }
    }

    private static void check(Receiver receiver, List<String> queued, long seed) {
        Map<String, String> bodies = new HashMap<>();
        int repeats = 0;
        for (Receiver.Request request : receiver.requests) {
            String before = bodies.put(request.id(), request.body());
            if (before != null) {
                repeats++;
                assertThat(request.body())
                        .as("a repeat of %s, seed %d", request.id(), seed)
                        .isEqualTo(before);
            }
        }
        assertThat(queued)
                .as("what was queued, seed %d", seed)
                .doesNotHaveDuplicates()
                .hasSizeGreaterThan(KILLS);
        assertThat(new TreeSet<>(bodies.keySet()))
                .as("what arrived against what was queued, seed %d", seed)
                .isEqualTo(new TreeSet<>(queued));
        assertThat(new TreeSet<>(bodies.values())).as("bodies, seed %d", seed).hasSameSizeAs(bodies.keySet());
        assertThat(repeats).as("messages sent more than once, seed %d", seed).isPositive();
    }

    private static List<String> queuedInFiles(Path directory) throws IOException {
        Pattern message = Pattern.compile("^\\{\"type\":\"queued\".*?\"message\":\"([^\"]*)\"");
        List<String> ids = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith("journal-"))
                    .toList()) {
                for (String line : Files.readAllLines(file)) {
                    Matcher matcher = message.matcher(line);
                    if (matcher.find()) {
                        ids.add(matcher.group(1));
                    }
                }
            }
        }
        return ids;
    }

    private static List<String> queuedInTables(String url) throws Exception {
        // A change says its kind only where the one before it in the row is of another; no other kind has a notice.
        Pattern message = Pattern.compile("\"message\":\"([^\"]*)\",\"notice\"");
        List<String> ids = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT changes FROM holdfast_journal")) {
            while (row.next()) {
                Matcher matcher = message.matcher(row.getString(1));
                while (matcher.find()) {
                    ids.add(matcher.group(1));
                }
            }
        }
        return ids;
    }
}
