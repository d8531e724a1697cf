package io.holdfast.cli;

import io.holdfast.BudgetManager;
import io.holdfast.UnknownScopeException;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Sums up the entries of a ledger. */
final class Report {
    static final List<String> COLUMNS = List.of("key", "calls", "tokens", "spent_usd", "limit_usd", "percent_of_limit");

    /** Later than every entry. */
    static final Instant END = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final By by;
    private final ZoneId zone;
    private final Map<Group, Sum> groups = new HashMap<>();

    /** What the entries are grouped by. */
    enum By {
        /** The day they were booked on. */
        DAY,
        /** Who pays. */
        SCOPE,
        /** The model. */
        MODEL,
        /** The session, each scope's for itself. */
        SESSION
    }

    /**
     * What a row is about.
     *
     * @param key its name, or null for entries without one
     * @param scope the scope it belongs to, where that tells it apart
     */
    record Group(@Nullable String key, @Nullable String scope) {}

    /** What a group comes to. */
    private static final class Sum {
        private long calls;
        private long tokens;
        private long nanos;

        void add(long moreCalls, long moreTokens, long moreNanos) {
            calls = Math.addExact(calls, moreCalls);
            tokens = Math.addExact(tokens, moreTokens);
            nanos = Math.addExact(nanos, moreNanos);
        }
    }

    private Report(By by, ZoneId zone) {
        this.by = by;
        this.zone = zone;
    }

    static Report of(LedgerStore ledger, By by, Instant from, Instant to, ZoneId zone) {
        Report report = new Report(by, zone);
        ledger.entries(from, to, report::add);
        return report;
    }

    /** Writes the rows: days in order, everything else by what it spent. */
    void write(Output output, BudgetManager budgets) {
        List<Map.Entry<Group, Sum>> sorted = new ArrayList<>(groups.entrySet());
        Comparator<Map.Entry<Group, Sum>> byKey = Comparator.comparing(
                group -> Objects.requireNonNullElse(group.getKey().key(), ""));
        Comparator<Map.Entry<Group, Sum>> bySpend =
                Comparator.comparing((Map.Entry<Group, Sum> group) -> -group.getValue().nanos);
        sorted.sort(by == By.DAY ? byKey : bySpend.thenComparing(byKey));
        boolean scoped = by == By.SESSION;
        List<List<@Nullable Object>> rows = new ArrayList<>();
        Sum total = new Sum();
        for (Map.Entry<Group, Sum> each : sorted) {
            Sum sum = each.getValue();
            total.add(sum.calls, sum.tokens, sum.nanos);
            List<@Nullable Object> row = row(each.getKey().key(), sum, tightest(each.getKey(), budgets));
            if (scoped) {
                row.add(1, each.getKey().scope());
            }
            rows.add(row);
        }
        List<String> columns = new ArrayList<>(COLUMNS);
        if (scoped) {
            columns.add(1, "scope");
        }
        Map<String, Object> totals = new LinkedHashMap<>();
        totals.put("calls", total.calls);
        totals.put("tokens", total.tokens);
        totals.put("spent_usd", new Money(total.nanos));
        List<@Nullable Object> last = row("total", total, null);
        if (scoped) {
            last.add(1, null);
        }
        output.list("rows", columns, rows, Map.of("total", totals), last);
    }

    private void add(Entry entry) {
        Amounts amounts = entry.amounts();
        int sign = entry.kind().sign();
        Group group = switch (by) {
            case DAY -> new Group(LocalDate.ofInstant(entry.time(), zone).toString(), null);
            case SCOPE -> new Group(entry.scope(), entry.scope());
            case MODEL -> new Group(entry.model(), null);
            case SESSION -> new Group(entry.session(), entry.scope());
        };
        groups.computeIfAbsent(group, key -> new Sum())
                .add(sign * amounts.calls(), sign * amounts.on(Meter.TOKENS), sign * amounts.on(Meter.COST));
    }

    private static List<@Nullable Object> row(@Nullable String key, Sum sum, @Nullable LimitState tightest) {
        List<@Nullable Object> row = new ArrayList<>();
        row.add(key);
        row.add(sum.calls);
        row.add(sum.tokens);
        row.add(new Money(sum.nanos));
        row.add(tightest == null ? null : Usd.ofNanos(tightest.limit().amount()));
        row.add(tightest == null ? null : tightest.percentUsed());
        return row;
    }

    /** Returns the limit on cost of the row's scope or session that is used up most, as it stands now. */
    private @Nullable LimitState tightest(Group group, BudgetManager budgets) {
        String scope = group.scope();
        if (scope == null || (by == By.SESSION && group.key() == null)) {
            return null;
        }
        try {
            List<LimitState> limits = by == By.SESSION
                    ? budgets.budget(scope)
                            .session(Objects.requireNonNull(group.key()))
                            .summary()
                            .limits()
                    : budgets.budget(scope).summary().limits();
            return limits.stream()
                    .filter(state -> state.limit().meter() == Meter.COST
                            && state.scope().equals(scope)
                            && (by == By.SCOPE || state.limit().window().perSession()))
                    .max(Comparator.comparing(LimitState::percentUsed))
                    .orElse(null);
        } catch (UnknownScopeException removed) {
            return null;
        }
    }
}
