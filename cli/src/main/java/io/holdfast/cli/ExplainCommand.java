package io.holdfast.cli;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.BudgetSummary;
import io.holdfast.Call;
import io.holdfast.Explanation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.PassedStep;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Explains how a scope stands, or what a call would meet. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = {
            "Says how every limit of a scope and its ancestors stands, and when it frees up.",
            "With --model, says it of every limit that a call would meet; ends with 3 where the call would be refused."
        },
        footer = {
            "",
            "JSON: {\"limits\":[{\"scope\",\"session\",\"limit\",\"enforcement\",\"used\",\"held\",\"asked\",\"amount\",\"remaining\",",
            "\"unit\",\"percent_used\",\"frees_at\",\"fits\"}],\"scope\",\"open_holds\" or \"asked_model\",\"model\",",
            "\"estimate_usd\",\"allowed\",\"delay_ms\",\"steps\"}",
            "Amounts in USD are text. frees_at is null where no passing of time frees the limit.",
            "",
            "Examples:",
            "  holdfast explain --store json:./ledger --scope team-support",
            "  holdfast explain --store json:./ledger --scope user-alice --session ticket-1 --model gpt-4o --input 900"
        })
final class ExplainCommand implements Callable<Integer> {
    private static final List<String> COLUMNS = List.of(
            "scope",
            "session",
            "limit",
            "enforcement",
            "used",
            "held",
            "asked",
            "amount",
            "remaining",
            "unit",
            "percent_used",
            "frees_at",
            "fits");

    private final Console console;

    @Mixin
    private StoreOption store = new StoreOption();

    @Option(names = "--scope", paramLabel = "S", required = true, description = "The scope.")
    private String scope = "";

    @Option(names = "--session", paramLabel = "ID", description = "The session; without, all of the scope's sessions.")
    private @Nullable String session;

    @Option(names = "--model", paramLabel = "NAME", description = "The model of a call.")
    private @Nullable String model;

    @Option(names = "--input", paramLabel = "N", description = "The call's input tokens; without: 0.")
    private @Nullable String input;

    @Option(
            names = "--max-output",
            paramLabel = "N",
            description = "The most output tokens of the call; without: as many as the model can.")
    private @Nullable String maxOutput;

    @Mixin
    private BudgetsOption budgets = new BudgetsOption();

    @Mixin
    private PricesOption prices = new PricesOption();

    @Mixin
    private FormatOption format = new FormatOption();

    ExplainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Call call = callGiven();
        List<BudgetScope> defined = budgets.read();
        try (LedgerStore ledger = store.openExisting();
                BudgetManager manager = Managers.looking(ledger, prices.prices())) {
            Budget budget = manager.budget(scope);
            if (session != null) {
                budget.session(session);
            }
            budgets.register(manager, defined);
            return call == null ? standing(budget) : meeting(budget.explain(call));
        }
    }

    private @Nullable Call callGiven() {
        if (model == null) {
            if (input != null || maxOutput != null) {
                throw new CommandException(
                        ExitCodes.BAD_INPUT,
                        (input != null ? "--input" : "--max-output") + " needs --model, which is missing");
            }
            return null;
        }
        Call call = session == null ? Call.to(model) : Call.of(session, model);
        if (input != null) {
            call = call.input(Arguments.tokens("--input", input));
        }
        return maxOutput == null ? call : call.maxOutput(Arguments.tokens("--max-output", maxOutput));
    }

    private int standing(Budget budget) {
        BudgetSummary summary =
                session == null ? budget.summary() : budget.session(session).summary();
        Map<String, @Nullable Object> more = new LinkedHashMap<>();
        more.put("scope", summary.scope());
        more.put("open_holds", summary.openHolds());
        if (format.format() == Format.TABLE) {
            console.line("scope " + String.join(" in ", summary.path()) + ": " + summary.openHolds() + " open holds");
        }
        write(summary.limits(), more);
        return ExitCodes.OK;
    }

    private int meeting(Explanation explanation) {
        Map<String, @Nullable Object> more = new LinkedHashMap<>();
        more.put("scope", explanation.scope());
        more.put("asked_model", explanation.asked());
        more.put("model", explanation.estimate().model());
        more.put("estimate_usd", explanation.estimate().cost().orElse(null));
        more.put("allowed", explanation.allowed());
        more.put("delay_ms", explanation.delay().toMillis());
        more.put("steps", explanation.steps().stream().map(PassedStep::describe).toList());
        if (format.format() == Format.TABLE) {
            console.line("call to " + explanation.asked() + " in scope '" + explanation.scope() + "', at most "
                    + explanation.estimate().cost().map(cost -> cost + " USD").orElse("of unknown cost") + ": "
                    + outcome(explanation));
            explanation.steps().forEach(step -> console.line("  " + step.describe()));
        }
        write(explanation.limits(), more);
        return explanation.allowed() ? ExitCodes.OK : ExitCodes.REFUSED;
    }

    private static String outcome(Explanation explanation) {
        String model = explanation.estimate().model();
        return (explanation.allowed() ? "would be admitted" : "would be refused")
                + (model.equals(explanation.asked()) ? "" : " as a call to " + model)
                + (explanation.delay().isZero()
                        ? ""
                        : " after " + explanation.delay().toMillis() + " ms");
    }

    private void write(List<LimitState> limits, Map<String, @Nullable Object> more) {
        if (limits.isEmpty() && format.format() == Format.TABLE) {
            console.line("no limits");
            return;
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        limits.forEach(state -> rows.add(row(state)));
        new Output(console, format.format()).list("limits", COLUMNS, rows, more, null);
    }

    private static List<@Nullable Object> row(LimitState state) {
        Limit limit = state.limit();
        return Arrays.asList(
                state.scope(),
                state.session(),
                limit.key(),
                limit.enforcement().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                amount(limit, state.committed()),
                amount(limit, state.held()),
                amount(limit, state.asked()),
                amount(limit, limit.amount()),
                amount(limit, state.remaining()),
                switch (limit.meter()) {
                    case COST -> "USD";
                    case CALLS -> "calls";
                    default -> "tokens";
                },
                state.percentUsed(),
                state.freesAt().orElse(null),
                state.fits());
    }

    private static Object amount(Limit limit, long units) {
        return limit.meter() == Meter.COST ? Usd.ofNanos(units) : (Object) units;
    }
}
