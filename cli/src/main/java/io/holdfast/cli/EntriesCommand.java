package io.holdfast.cli;

import io.holdfast.limit.Names;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Streams the journal. */
@Command(
        name = "entries",
        mixinStandardHelpOptions = true,
        description = {
            "Streams the ledger's entries, oldest first.",
            "The amounts of a reversed entry are negative, so that the sum over all entries is the spend."
        },
        footer = {
            "",
            "JSON, a line for each entry: {\"operation_id\",\"time\",\"kind\",\"scope\",\"session\",\"model\",\"cost_usd\",",
            "\"tokens\",\"usage\":{…},\"tags\":{…}}. The session of a call without one, and the cost of a model without a",
            "price, are null.",
            "",
            "Examples:",
            "  holdfast entries --store json:./ledger --format json | jq 'select(.model == \"openai:gpt-4o\")'",
            "  holdfast entries --store json:./ledger --scope team-support --from 2026-01-31"
        })
final class EntriesCommand implements Runnable {
    private static final List<String> SHORT =
            List.of("operation_id", "time", "kind", "scope", "session", "model", "cost_usd", "tokens");
    private static final List<String> COLUMNS =
            List.of("operation_id", "time", "kind", "scope", "session", "model", "cost_usd", "tokens", "usage", "tags");

    private final Console console;

    @Mixin
    private StoreOption store = new StoreOption();

    @Option(names = "--scope", paramLabel = "S", description = "Only entries of this scope and the scopes below it.")
    private @Nullable String scope;

    @Mixin
    private TimeOptions time = new TimeOptions();

    @Mixin
    private FormatOption format = new FormatOption();

    EntriesCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        Instant from = time.from();
        Instant to = time.to();
        String wanted = scope == null ? null : Names.check("scope", scope);
        boolean all = format.format() != Format.TABLE;
        try (LedgerStore ledger = store.openExisting()) {
            Map<String, @Nullable String> parents = wanted == null ? Map.of() : parents(ledger);
            boolean[] found = {wanted == null || parents.containsKey(wanted)};
            Output.Rows rows = new Output(console, format.format()).stream(all ? COLUMNS : SHORT);
            ledger.entries(from, to, entry -> {
                if (wanted == null || within(wanted, entry.scope(), parents)) {
                    found[0] = true;
                    rows.row(row(entry).subList(0, all ? COLUMNS.size() : SHORT.size()));
                }
            });
            if (!found[0]) {
                throw new CommandException(
                        ExitCodes.BAD_INPUT, "scope '" + wanted + "' is not registered and has no entries");
            }
            rows.end();
        }
    }

    private static Map<String, @Nullable String> parents(LedgerStore ledger) {
        Map<String, @Nullable String> parents = new HashMap<>();
        ledger.definitions(definition -> parents.put(definition.name(), definition.parent()));
        return parents;
    }

    /** Tells whether a scope is another or below it; a scope that was removed is below none. */
    private static boolean within(String top, String scope, Map<String, @Nullable String> parents) {
        String at = scope;
        while (at != null) {
            if (at.equals(top)) {
                return true;
            }
            at = parents.get(at);
        }
        return false;
    }

    private static List<@Nullable Object> row(Entry entry) {
        Amounts amounts = entry.amounts();
        int sign = entry.kind().sign();
        return Arrays.asList(
                entry.operationId(),
                entry.time(),
                entry.kind().name().toLowerCase(Locale.ROOT),
                entry.scope(),
                entry.session(),
                entry.model(),
                amounts.priced() ? new Money(sign * amounts.cost()) : null,
                sign * amounts.on(Meter.TOKENS),
                usage(entry.detail().usage()),
                new TreeMap<>(entry.detail().tags()));
    }

    private static Map<String, Object> usage(Usage usage) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("input", usage.input());
        fields.put("cache_read", usage.cacheRead());
        fields.put("cache_write_short", usage.cacheWriteShort());
        fields.put("cache_write_long", usage.cacheWriteLong());
        fields.put("output", usage.output());
        fields.put("extra_cost_usd", usage.extraCost());
        return fields;
    }
}
