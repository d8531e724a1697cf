package io.holdfast.cli;

import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Verification;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks a ledger. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Replays the journal and compares every counter, hold and definition with what came of it.",
            "Ends with 1 and the differences when they disagree."
        },
        footer = {
            "",
            "JSON: {\"replayed\",\"compared\",\"differences\":[…],\"clean\"}",
            "",
            "Examples:",
            "  holdfast verify --store json:./ledger",
            "  holdfast verify --store json:./ledger --format json | jq -e .clean"
        })
final class VerifyCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private StoreOption store = new StoreOption();

    @Mixin
    private FormatOption format = new FormatOption();

    VerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Verification found;
        try (LedgerStore ledger = store.openExisting()) {
            found = ledger.verify();
        }
        if (format.format() == Format.TABLE) {
            tell(found);
        } else {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("replayed", found.replayed());
            fields.put("compared", found.compared());
            fields.put("differences", found.differences());
            fields.put("clean", found.clean());
            new Output(console, format.format()).fields(fields);
        }
        if (!found.clean()) {
            console.err()
                    .println("holdfast verify: the ledger and its journal disagree in "
                            + found.differences().size() + (found.differences().size() == 1 ? " place" : " places"));
        }
        return found.clean() ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private void tell(Verification found) {
        for (String difference : found.differences()) {
            console.line(Text.oneLine(difference));
        }
        console.line((found.clean() ? "clean: " : "not clean: ") + found.replayed() + " changes replayed, "
                + found.compared() + " counters, holds and definitions compared, "
                + found.differences().size() + " differences");
    }
}
