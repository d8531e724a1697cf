package io.holdfast.cli;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Names;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.pricing.PriceOptions;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.unit.Amounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts the charges of a ledger, one after the other and each at its time, through a ledger in memory that has other
 * budgets. A charge counts as a call that held exactly what it came to.
 */
final class Backtest implements AutoCloseable {
    private static final long HELD_MILLIS = Duration.ofMinutes(1).toMillis();

    private final LedgerStore ledger;
    private final PriceBook prices;
    private final LedgerStore proposed;
    private final Map<List<String>, Refusals> refusals = new LinkedHashMap<>();
    private final Totals totals = new Totals();
    private Instant now = Instant.EPOCH;

    /** What came of all charges. Costs are nano-dollars. */
    static final class Totals {
        long calls;
        long refused;
        long downgraded;
        long throttled;
        long spent;
        long wouldSpend;
    }

    /** The charges of one scope that one limit would have refused. */
    static final class Refusals {
        final String scope;
        final LimitState first;
        final Instant from;
        Instant to;
        long calls;
        long saved;

        Refusals(String scope, LimitState first, Instant from) {
            this.scope = scope;
            this.first = first;
            this.from = from;
            this.to = from;
        }
    }

    /**
     * Prepares a test of other budgets.
     *
     * @param ledger the ledger whose charges are tried
     * @param budgets the scopes and templates that are otherwise; every other scope keeps its present budget
     * @param prices prices the models of ladders
     */
    Backtest(LedgerStore ledger, List<BudgetScope> budgets, PriceBook prices) {
        this.ledger = ledger;
        this.prices = prices;
        this.proposed = LedgerStores.open("memory:", () -> now);
        try (BudgetManager manager = Managers.looking(proposed, prices)) {
            parentsFirst(definitions(budgets)).forEach(manager::register);
        } catch (RuntimeException failure) {
            proposed.close();
            throw failure;
        }
    }

    private Map<String, BudgetScope> definitions(List<BudgetScope> budgets) {
        Map<String, BudgetScope> definitions = new LinkedHashMap<>();
        try (BudgetManager present = Managers.looking(ledger, prices)) {
            present.scopes(scope -> definitions.put(scope.name(), scope));
        }
        // A scope that a template made at first touch is made by the template that is proposed.
        budgets.stream()
                .filter(scope -> scope.name().endsWith("*"))
                .forEach(template -> definitions
                        .keySet()
                        .removeIf(name -> name.startsWith(
                                template.name().substring(0, template.name().length() - 1))));
        budgets.forEach(scope -> definitions.put(scope.name(), scope));
        return definitions;
    }

    private static List<BudgetScope> parentsFirst(Map<String, BudgetScope> definitions) {
        List<BudgetScope> ordered = new ArrayList<>();
        Set<String> placed = new HashSet<>();
        for (BudgetScope scope : definitions.values()) {
            List<BudgetScope> path = new ArrayList<>();
            for (Optional<BudgetScope> at = Optional.of(scope);
                    at.isPresent() && placed.add(at.get().name());
                    at = at.get().parent().map(definitions::get)) {
                path.add(0, at.get());
            }
            ordered.addAll(path);
        }
        return ordered;
    }

    /** Tries every charge of a time. */
    void run(Instant from, Instant to) {
        Set<String> corrected = new HashSet<>();
        ledger.entries(from, to, entry -> {
            if (entry.kind() == EntryKind.REVERSED) {
                corrected.add(entry.operationId());
            }
        });
        ledger.entries(from, to, entry -> {
            boolean replaced = entry.kind() == EntryKind.IN_DOUBT && corrected.contains(entry.operationId());
            if (entry.kind() != EntryKind.REVERSED && !replaced) {
                charge(entry);
            }
        });
    }

    Totals totals() {
        return totals;
    }

    List<Refusals> refusals() {
        return List.copyOf(refusals.values());
    }

    @Override
    public void close() {
        proposed.close();
    }

    private void charge(Entry entry) {
        now = entry.time().isBefore(now) ? now : entry.time();
        long cost = cost(entry.amounts());
        totals.calls++;
        totals.spent += cost;
        OperationId id = OperationId.made();
        Operation.Offer asked = new Operation.Offer(entry.model(), entry.model(), entry.amounts());
        Outcome outcome = reserve(id, entry, List.of(asked));
        if (outcome instanceof Outcome.RungsWanted wanted) {
            outcome = reserve(id, entry, offers(asked, wanted.rungs(), entry));
        }
        if (outcome instanceof Outcome.Held held) {
            totals.downgraded += held.model().equals(entry.model()) ? 0 : 1;
            totals.throttled += held.delayMillis() > 0 ? 1 : 0;
            totals.wouldSpend += cost(held.amounts());
            proposed.apply(new Operation.Commit(entry.scope(), held.holdId(), held.amounts(), false, entry.detail()));
        } else if (outcome instanceof Outcome.Denied denied) {
            refused(entry, denied.blocking().get(0), cost);
        } else {
            throw new CommandException(
                    ExitCodes.BAD_INPUT, "scope '" + entry.scope() + "' at " + entry.time() + ": " + why(outcome));
        }
    }

    private static String why(Outcome outcome) {
        return outcome instanceof Outcome.Rejected rejected
                ? "the proposed budgets cannot take its charges: '" + rejected.subject() + "' " + rejected.detail()
                : "the proposed budgets cannot take its charges: " + outcome;
    }

    private Outcome reserve(OperationId id, Entry entry, List<Operation.Offer> offers) {
        Operation.Request request =
                new Operation.Request(entry.scope(), entry.session(), offers, null, policy(entry), null);
        return proposed.apply(new Operation.Reserve(id, request, HELD_MILLIS, OnExpiry.CHARGE, entry.detail()));
    }

    private static Operation.Policy policy(Entry entry) {
        Map<String, String> tags = entry.detail().tags();
        String tool = tags.get("tool");
        String counted = tool == null ? entry.model() : Names.orDigest(entry.model() + " " + tool);
        return new Operation.Policy(
                tags.containsKey(Detail.FINAL_CALL),
                tags.getOrDefault(Detail.LOOP_KEY, counted),
                Operation.Policy.WHOLE);
    }

    /** A rung without a price is offered at what the model asked for came to. */
    private List<Operation.Offer> offers(Operation.Offer asked, List<String> rungs, Entry entry) {
        List<Operation.Offer> offers = new ArrayList<>(List.of(asked));
        for (String rung : rungs) {
            @Nullable ModelPrice price = prices.resolve(rung, now).orElse(null);
            offers.add(new Operation.Offer(
                    rung,
                    price == null ? prices.canonicalName(rung) : price.id(),
                    price == null
                            ? asked.amounts()
                            : Amounts.of(
                                    price.cost(entry.detail().usage(), PriceOptions.STANDARD),
                                    entry.detail().usage())));
        }
        return offers;
    }

    private void refused(Entry entry, LimitState limit, long cost) {
        totals.refused++;
        Refusals of = refusals.computeIfAbsent(
                List.of(entry.scope(), limit.scope(), limit.limit().key()),
                key -> new Refusals(entry.scope(), limit, now));
        of.calls++;
        of.saved += cost;
        of.to = now;
    }

    private static long cost(Amounts amounts) {
        return Math.max(0, amounts.cost());
    }
}
