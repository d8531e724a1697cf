package io.holdfast.cli;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.limit.LimitState;
import io.holdfast.pricing.PriceBook;
import io.holdfast.pricing.UnknownModelException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Replays real traffic. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Sends a trace of real requests through reserve and commit as fast as it goes.",
            "Row i of the trace, from 0, is a call of scope tenant-(i mod tenants) to model i mod models.",
            "Several replays may run on one ledger at once."
        },
        footer = {
            "",
            "The trace is CSV with the header " + TraceReader.HEADER + ".",
            "max_overshoot_usd is by how much the spend of any tenant passes its cap at the end; ops_per_second counts",
            "each reserve and each commit.",
            "",
            "JSON: {\"requests\",\"admitted\",\"denied\",\"spent_usd\",\"max_overshoot_usd\",\"seconds\",\"ops_per_second\"}",
            "",
            "Examples:",
            "  holdfast replay --trace trace.csv --store memory:",
            "  holdfast replay --trace trace.csv --store json:./ledger --tenants 50 --threads 8 --cap-per-day 0.50",
            "  holdfast replay --trace trace.csv --store json:./ledger --budgets budgets.yaml --hold max"
        })
final class ReplayCommand implements Runnable {
    private static final int MOST_TENANTS = 100_000;
    private static final int MOST_THREADS = 1_024;

    private final Console console;

    @Option(names = "--trace", paramLabel = "FILE", required = true, description = "The trace.")
    private String trace = "";

    @Mixin
    private StoreOption store = new StoreOption();

    @Option(
            names = "--tenants",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many scopes the rows are dealt to; without: ${DEFAULT-VALUE}.")
    private String tenants = "1";

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "8",
            description = "How many threads call at once; without: ${DEFAULT-VALUE}.")
    private String threads = "8";

    @Option(
            names = "--models",
            paramLabel = "A,B",
            defaultValue = "claude-sonnet-4-5",
            description = "The models, separated by commas; without: ${DEFAULT-VALUE}.")
    private String models = "claude-sonnet-4-5";

    @Option(
            names = "--cap-per-day",
            paramLabel = "USD",
            description = "What each tenant may spend in any 24 hours. Without, a tenant keeps the limits the ledger or"
                    + " the budgets file gives it, and one that has none is not limited.")
    private @Nullable String cap;

    @Option(
            names = "--hold",
            paramLabel = "HOW",
            defaultValue = "exact",
            description = "exact holds what the row will use, max the most the model could produce; without:"
                    + " ${DEFAULT-VALUE}.")
    private Hold hold = Hold.EXACT;

    @Option(
            names = "--ack-log",
            paramLabel = "FILE",
            description = "Appends the line 'operation-id cost' after each commit the ledger acknowledged.")
    private @Nullable String ackLog;

    @Option(names = "--limit-rows", paramLabel = "N", description = "Takes only the first N rows.")
    private @Nullable String limitRows;

    @Option(
            names = "--repeat",
            paramLabel = "K",
            defaultValue = "1",
            description = "Replays the rows K times; without: ${DEFAULT-VALUE}.")
    private String repeat = "1";

    @Mixin
    private BudgetsOption budgets = new BudgetsOption();

    @Mixin
    private PricesOption prices = new PricesOption();

    @Mixin
    private MetricsOption metrics = new MetricsOption();

    @Mixin
    private FormatOption format = new FormatOption();

    @Option(names = "--progress", description = "Shows the progress even where no terminal is.")
    private boolean progress;

    ReplayCommand(Console console) {
        this.console = console;
    }

    /** What is held for a call. */
    enum Hold {
        /** What the row will use. */
        EXACT,
        /** The most the model could produce. */
        MAX
    }

    @Override
    public void run() {
        PriceBook book = prices.prices();
        Replay.Plan plan = plan(book);
        int count = Arguments.count("--tenants", tenants, MOST_TENANTS);
        Usd perDay = cap == null ? null : Arguments.usd("--cap-per-day", cap);
        List<BudgetScope> defined = budgets.read();
        if (perDay != null) {
            requireNotCovered(defined, count);
        }
        long rows = TraceReader.check(plan.trace(), plan.mostRows());
        Output output = new Output(console, format.format());
        try (AckLog log = ackLog == null ? AckLog.none() : AckLog.append(Arguments.path("--ack-log", ackLog));
                MetricsServer meters = metrics.start(console);
                LedgerStore ledger = store.open();
                BudgetManager manager = meters.observe(
                                BudgetManager.builder().store(ledger).prices(book))
                        .build()) {
            budgets.register(manager, defined);
            List<Budget> scopes = tenants(manager, defined, count, perDay);
            Replay.Result result;
            try (Progress shown = new Progress(console, progress, "replaying", rows * plan.repeat())) {
                result = new Replay(plan, scopes, log, shown).run();
            }
            output.fields(fields(result, overshoot(scopes)));
        }
    }

    private Replay.Plan plan(PriceBook book) {
        List<String> names = List.of(models.split(",", -1));
        for (String name : names) {
            if (book.resolve(name, Instant.now()).isEmpty()) {
                throw new UnknownModelException(name, book.suggestions(name));
            }
        }
        Path file = Arguments.path("--trace", trace);
        return new Replay.Plan(
                file,
                limitRows == null ? Long.MAX_VALUE : Arguments.whole("--limit-rows", limitRows, 1, 1_000_000_000_000L),
                Arguments.whole("--repeat", repeat, 1, 1_000_000),
                names,
                hold == Hold.EXACT,
                Arguments.count("--threads", threads, MOST_THREADS),
                "replay-" + Long.toString(new SecureRandom().nextLong() >>> 1, 36));
    }

    private static void requireNotCovered(List<BudgetScope> defined, int count) {
        for (int i = 0; i < count; i++) {
            String name = name(i);
            if (covered(defined, name)) {
                throw new CommandException(
                        ExitCodes.BAD_INPUT,
                        "--cap-per-day and the budgets file both give limits to scope '" + name + "'; only one may");
            }
        }
    }

    private static boolean covered(List<BudgetScope> defined, String name) {
        return defined.stream()
                .anyMatch(scope -> scope.name().endsWith("*")
                        ? name.startsWith(scope.name().substring(0, scope.name().length() - 1))
                        : scope.name().equals(name));
    }

    private static List<Budget> tenants(
            BudgetManager manager, List<BudgetScope> defined, int count, @Nullable Usd perDay) {
        Set<String> known = new HashSet<>();
        List<BudgetScope> templates = new ArrayList<>();
        if (perDay == null) {
            manager.scopes(scope -> {
                if (scope.name().endsWith("*")) {
                    templates.add(scope);
                } else if (scope.name().startsWith("tenant-")) {
                    known.add(scope.name());
                }
            });
        }
        List<Budget> budgets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = name(i);
            if (perDay != null) {
                manager.register(
                        BudgetScope.named(name).maxCostPerDay(perDay.toString()).build());
            } else if (!known.contains(name) && !covered(templates, name) && !covered(defined, name)) {
                manager.register(BudgetScope.named(name).build());
            }
            budgets.add(manager.budget(name));
        }
        return budgets;
    }

    private static String name(int tenant) {
        return "tenant-" + tenant;
    }

    private static Usd overshoot(List<Budget> scopes) {
        long most = 0;
        for (Budget scope : scopes) {
            for (LimitState state : scope.summary().limits()) {
                if (state.limit().meter() == Meter.COST && state.limit().hard()) {
                    most = Math.max(most, state.committed() - state.limit().amount());
                }
            }
        }
        return Usd.ofNanos(most);
    }

    private static Map<String, Object> fields(Replay.Result result, Usd overshoot) {
        BigDecimal seconds = BigDecimal.valueOf(Math.max(1, result.nanos()), 9);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("requests", result.admitted() + result.denied());
        fields.put("admitted", result.admitted());
        fields.put("denied", result.denied());
        fields.put("spent_usd", result.spent());
        fields.put("max_overshoot_usd", overshoot);
        fields.put("seconds", seconds.setScale(3, RoundingMode.HALF_UP));
        fields.put("ops_per_second", BigDecimal.valueOf(result.operations()).divide(seconds, 0, RoundingMode.HALF_UP));
        return fields;
    }
}
