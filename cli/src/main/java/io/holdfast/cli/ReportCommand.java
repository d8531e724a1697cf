package io.holdfast.cli;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.LedgerStore;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says who spent what. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Sums up calls, tokens and spend, and says how much of the limit is used.",
            "A scope's percent is that of its own limit on cost that is used up most, holds included, as it stands now."
        },
        footer = {
            "",
            "JSON: {\"rows\":[{\"key\",\"calls\",\"tokens\",\"spent_usd\",\"limit_usd\",\"percent_of_limit\"}],\"total\":{…}}",
            "By session, a row also has the scope. The key of entries without a session is null.",
            "",
            "Examples:",
            "  holdfast report --store json:./ledger",
            "  holdfast report --store json:./ledger --by day --from 2026-01-01 --to 2026-02-01 --zone Europe/Berlin",
            "  holdfast report --store json:./ledger --by model --format csv"
        })
final class ReportCommand implements Runnable {
    private final Console console;

    @Mixin
    private StoreOption store = new StoreOption();

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            defaultValue = "scope",
            description = "day, scope, model or session; without: ${DEFAULT-VALUE}.")
    private Report.By by = Report.By.SCOPE;

    @Mixin
    private TimeOptions time = new TimeOptions();

    @Mixin
    private BudgetsOption budgets = new BudgetsOption();

    @Mixin
    private FormatOption format = new FormatOption();

    ReportCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        Instant from = time.from();
        Instant to = time.to();
        List<BudgetScope> defined = budgets.read();
        try (LedgerStore ledger = store.openExisting();
                BudgetManager manager = Managers.looking(ledger, PriceBook.builtIn())) {
            budgets.register(manager, defined);
            Report.of(ledger, by, from, to, time.zone()).write(new Output(console, format.format()), manager);
        }
    }
}
