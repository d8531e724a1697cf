package io.holdfast.cli;

import io.holdfast.BudgetScope;
import io.holdfast.spi.LedgerStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what other budgets would have done. */
@Command(
        name = "backtest",
        mixinStandardHelpOptions = true,
        description = {
            "Replays the journal against proposed budgets: who would have been refused, when, and what it would have saved.",
            "A scope that the file does not name keeps its present budget. Each charge counts as a call that held exactly"
                    + " what it came to; what a downgraded call would have cost is taken from today's price table. The"
                    + " ledger is only read."
        },
        footer = {
            "",
            "JSON: {\"rows\":[{\"scope\",\"limit_scope\",\"limit\",\"refused\",\"first\",\"last\",\"saved_usd\"}],\"calls\",\"refused\",",
            "\"downgraded\",\"throttled\",\"spent_usd\",\"would_spend_usd\",\"saved_usd\"}",
            "",
            "Examples:",
            "  holdfast backtest --store json:./ledger --budgets new.yaml",
            "  holdfast backtest --store json:./ledger --budgets new.yaml --from 2026-01-01 --format json | jq .saved_usd"
        })
final class BacktestCommand implements Runnable {
    private static final List<String> COLUMNS =
            List.of("scope", "limit_scope", "limit", "refused", "first", "last", "saved_usd");

    private final Console console;

    @Mixin
    private StoreOption store = new StoreOption();

    @Option(
            names = "--budgets",
            paramLabel = "FILE",
            required = true,
            description = "The proposed scopes and limits, in YAML.")
    private String budgets = "";

    @Mixin
    private TimeOptions time = new TimeOptions();

    @Mixin
    private PricesOption prices = new PricesOption();

    @Mixin
    private FormatOption format = new FormatOption();

    BacktestCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        Path file = Arguments.path("--budgets", budgets);
        List<BudgetScope> proposed = BudgetsFile.read(file);
        try (LedgerStore ledger = store.openExisting();
                Backtest backtest = new Backtest(ledger, proposed, prices.prices())) {
            backtest.run(time.from(), time.to());
            write(backtest);
        }
    }

    private void write(Backtest backtest) {
        Backtest.Totals totals = backtest.totals();
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Backtest.Refusals each : backtest.refusals()) {
            rows.add(Arrays.asList(
                    each.scope,
                    each.first.scope(),
                    each.first.limit().key(),
                    each.calls,
                    each.from,
                    each.to,
                    new Money(each.saved)));
        }
        Money saved = new Money(totals.spent - totals.wouldSpend);
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("calls", totals.calls);
        more.put("refused", totals.refused);
        more.put("downgraded", totals.downgraded);
        more.put("throttled", totals.throttled);
        more.put("spent_usd", new Money(totals.spent));
        more.put("would_spend_usd", new Money(totals.wouldSpend));
        more.put("saved_usd", saved);
        Output output = new Output(console, format.format());
        output.list("rows", COLUMNS, rows, more, null);
        if (format.format() == Format.TABLE) {
            console.line("");
            output.fields(more);
        }
    }
}
