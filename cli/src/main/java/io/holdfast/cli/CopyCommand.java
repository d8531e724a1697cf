package io.holdfast.cli;

import io.holdfast.spi.LedgerStore;
import io.holdfast.unit.Usd;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Moves a ledger into another store. */
@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        description = {
            "Copies a ledger into an empty one, of any kind: journal, counters, open holds, definitions and the ids that",
            "are remembered. Then compares both journals change by change and verifies both ledgers; ends with 1 if they",
            "differ. Stop what writes to the source first. A copy that is cut short is refused by every command."
        },
        footer = {
            "",
            "JSON: {\"changes\",\"entries\",\"spent_usd\",\"differences\":[…],\"equal\"}",
            "",
            "Examples:",
            "  holdfast copy --from json:./ledger --to 'jdbc:postgresql://db/app?user=holdfast'",
            "  holdfast copy --from jdbc:sqlite:ledger.db --to json:./ledger"
        })
final class CopyCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--from", paramLabel = "URL", required = true, description = "The ledger to copy.")
    private String from = "";

    @Option(
            names = "--to",
            paramLabel = "URL",
            required = true,
            description = "Where to: a directory or a database without a ledger, or with an empty one.")
    private String to = "";

    @Mixin
    private FormatOption format = new FormatOption();

    CopyCommand(Console console) {
        this.console = console;
    }

    /** What the entries of a ledger come to. */
    private static final class Sums {
        private long entries;
        private long nanos;

        static Sums of(LedgerStore ledger) {
            Sums sums = new Sums();
            ledger.entries(Instant.MIN, Report.END, entry -> {
                sums.entries++;
                sums.nanos += entry.kind().sign() * Math.max(0, entry.amounts().cost());
            });
            return sums;
        }

        @Override
        public String toString() {
            return entries + " entries over " + Usd.ofNanos(nanos) + " USD";
        }
    }

    @Override
    public Integer call() {
        if (to.equals("memory:") || to.equals(from)) {
            throw new CommandException(
                    ExitCodes.BAD_INPUT, "--to '" + to + "' must be a ledger that lasts, and another than the source");
        }
        try (LedgerStore source = StoreOption.openExisting(from);
                LedgerStore target = StoreOption.open(to)) {
            long changes = Journals.copy(source, target);
            List<String> differences = new ArrayList<>();
            Journals.difference(source, target).ifPresent(differences::add);
            verify("source", source, differences);
            verify("copy", target, differences);
            Sums copied = Sums.of(target);
            Sums wanted = Sums.of(source);
            if (!wanted.toString().equals(copied.toString())) {
                differences.add("the source has " + wanted + ", the copy has " + copied);
            }
            tell(changes, copied, differences);
            return differences.isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
        }
    }

    private static void verify(String name, LedgerStore ledger, List<String> differences) {
        ledger.verify().differences().forEach(difference -> differences.add(name + ": " + difference));
    }

    private void tell(long changes, Sums sums, List<String> differences) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("changes", changes);
        fields.put("entries", sums.entries);
        fields.put("spent_usd", Usd.ofNanos(sums.nanos));
        fields.put("differences", differences.stream().map(Text::oneLine).toList());
        fields.put("equal", differences.isEmpty());
        new Output(console, format.format()).fields(fields);
        if (!differences.isEmpty()) {
            console.err().println("holdfast copy: the ledgers differ in " + differences.size() + " places");
        }
    }
}
