package io.holdfast.cli;

import io.holdfast.BudgetManager;
import io.holdfast.spi.LedgerStore;
import io.holdfast.unit.Usd;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the night the agent looped. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the night the agent looped, and what stopped it.",
            "An agent cannot read a malformed ticket and sends it to a model 4,200 times, eight workers at once, with a",
            "context that grows from try to try. Its budget is 10 USD a session: as asked up to 5, by the cheaper model",
            "up to 8, with two seconds before each call up to 10, and 50 USD a day for the company.",
            "The provider is simulated and the seconds pass quickly; no network is used."
        },
        footer = {
            "",
            "JSON: {\"attempts\",\"admitted\",\"downgraded\",\"throttled\",\"refused\",\"spent_usd\",\"limit_usd\",\"without_gate_usd\"}",
            "",
            "Examples:",
            "  holdfast demo",
            "  holdfast demo --format json",
            "  holdfast demo --store json:./ledger && holdfast entries --store json:./ledger"
        })
final class DemoCommand implements Runnable {
    private static final String DEFAULT_SEED = "20260101";

    private final Console console;

    @Option(
            names = "--store",
            paramLabel = "URL",
            description = "The ledger; without, json: in a temporary directory. Each run is a session of its own.")
    private @Nullable String url;

    @Option(names = "--keep", description = "Keeps the temporary directory, and says where it is.")
    private boolean keep;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = DEFAULT_SEED,
            description = "What the simulated answers follow from; without: ${DEFAULT-VALUE}.")
    private String seed = DEFAULT_SEED;

    @Mixin
    private MetricsOption metrics = new MetricsOption();

    @Mixin
    private FormatOption format = new FormatOption();

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        SimulatedProvider provider =
                new SimulatedProvider(Arguments.whole("--seed", seed, 0, 999_999_999_999_999_999L));
        String session = "ticket-4711-" + Long.toString(new SecureRandom().nextInt(Integer.MAX_VALUE), 36);
        Demo demo = new Demo(provider, session);
        if (url != null) {
            try (LedgerStore ledger = StoreOption.open(url)) {
                tell(demo, ledger, url);
            }
            return;
        }
        try (TemporaryDirectory directory = new TemporaryDirectory("holdfast-demo-", keep)) {
            String made = "json:" + directory.path();
            try (LedgerStore ledger = StoreOption.open(made)) {
                tell(demo, ledger, made);
            }
            if (keep) {
                console.err().println("the ledger is kept; look at it with: holdfast entries --store " + made);
            }
        }
    }

    private void tell(Demo demo, LedgerStore ledger, String where) {
        boolean people = format.format() == Format.TABLE;
        if (people) {
            console.line("An agent cannot read a malformed ticket, and tries again: " + Demo.ATTEMPTS + " times, "
                    + Demo.WORKERS + " workers at once.");
            console.line("Budget: " + Demo.PER_SESSION + " USD a session, " + Demo.PER_DAY + " USD a day. Above "
                    + Demo.DOWNGRADE_AT + " the cheaper model, above " + Demo.THROTTLE_AT + " a delay of "
                    + Demo.DELAY.toSeconds() + " s, which passes in "
                    + Demo.DELAY.toMillis() / Demo.TIME_LAPSE + " ms here. Ledger: " + where);
            console.line("");
            console.flush();
        }
        long began = System.nanoTime();
        Demo.Result result;
        try (MetricsServer meters = metrics.start(console)) {
            result = demo.run(ledger, meters);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        if (people) {
            tellPeople(result, ledger, took);
        } else {
            new Output(console, format.format()).fields(fields(result));
        }
    }

    private void tellPeople(Demo.Result result, LedgerStore ledger, Duration took) {
        Output output = new Output(console, Format.TABLE);
        Output.Rows rows =
                output.stream(List.of("attempt", "tokens", "held_usd", "cost_usd", "session_usd", "what happened"));
        for (Demo.Moment moment : result.moments()) {
            rows.row(new ArrayList<@Nullable Object>(Arrays.asList(
                    moment.attempt(), moment.tokens(), moment.held(), moment.cost(), moment.spent(), moment.what())));
        }
        rows.end();
        if (result.refusal() != null) {
            console.line("");
            console.line("The caller was told: " + result.refusal().message());
        }
        console.line("");
        try (BudgetManager budgets = BudgetManager.builder().store(ledger).build()) {
            Report.of(ledger, Report.By.SESSION, Instant.EPOCH, Report.END, ZoneOffset.UTC)
                    .write(output, budgets);
        }
        Usd saved = result.withoutGate().minusOrZero(result.spent());
        console.line("");
        console.line(Demo.ATTEMPTS + " attempts in " + took.toMillis() + " ms: " + result.admitted() + " admitted ("
                + result.downgraded() + " by the cheaper model, " + result.throttled() + " delayed), "
                + result.refused() + " refused before they left.");
        console.line("Spent " + cents(result.spent()) + " USD of " + result.limit() + " USD. Without the gate: "
                + cents(result.withoutGate()) + " USD. Not spent: " + cents(saved) + " USD.");
    }

    private static String cents(Usd amount) {
        return amount.toDollars().setScale(2, java.math.RoundingMode.HALF_UP).toPlainString();
    }

    private static Map<String, Object> fields(Demo.Result result) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("attempts", Demo.ATTEMPTS);
        fields.put("admitted", result.admitted());
        fields.put("downgraded", result.downgraded());
        fields.put("throttled", result.throttled());
        fields.put("refused", result.refused());
        fields.put("spent_usd", result.spent());
        fields.put("limit_usd", result.limit());
        fields.put("without_gate_usd", result.withoutGate());
        return fields;
    }
}
