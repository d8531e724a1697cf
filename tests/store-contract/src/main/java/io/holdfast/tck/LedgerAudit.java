package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.Verification;
import io.holdfast.unit.Meter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What holds of every ledger whatever was done to it: the journal gives the counters, the entries of a scope and of all
 * below it add up to what its lifetime counters have committed, nothing is negative, and nothing is held without a hold.
 */
final class LedgerAudit {
    /** Limits that refuse nothing and count everything. */
    private static final List<Limit> WITNESSES = List.of(
            Limit.of(Meter.COST, Long.MAX_VALUE, Window.lifetime()).alertOnly(),
            Limit.of(Meter.INPUT_TOKENS, Long.MAX_VALUE, Window.lifetime()).alertOnly(),
            Limit.of(Meter.OUTPUT_TOKENS, Long.MAX_VALUE, Window.lifetime()).alertOnly(),
            Limit.of(Meter.CALLS, Long.MAX_VALUE, Window.lifetime()).alertOnly());

    /** Every scope and template ever defined, and its parent; the audit needs the tree also of what was removed. */
    private final Map<String, @Nullable String> parents = new HashMap<>();

    /** Returns a definition with the limits that this audit reads. */
    ScopeDefinition definition(String name, @Nullable String parent, List<Limit> limits) {
        List<Limit> all = new ArrayList<>(limits);
        all.addAll(WITNESSES);
        ScopeDefinition definition = new ScopeDefinition(name, parent, all);
        parents.putIfAbsent(name, parent);
        return definition;
    }

    void check(LedgerStore store) {
        Verification verification = store.verify();
        assertThat(verification.differences())
                .as("the journal and the counters agree")
                .isEmpty();
        List<Entry> entries = entries(store);
        checkEntries(entries);
        List<ScopeDefinition> definitions = new ArrayList<>();
        store.definitions(definitions::add);
        Map<String, Long> openHolds = new HashMap<>();
        Map<String, Outcome.Inspected> inspected = new HashMap<>();
        for (ScopeDefinition definition : definitions) {
            if (!definition.template()) {
                Outcome outcome = store.apply(new Operation.Inspect(definition.name(), null));
                if (outcome instanceof Outcome.Inspected each) {
                    inspected.put(definition.name(), each);
                    for (ScopeDefinition at : each.path()) {
                        openHolds.merge(at.name(), each.openHolds(), Long::sum);
                    }
                }
            }
        }
        List<Entry> settled = entries(store);
        inspected.forEach((scope, each) -> checkScope(scope, each, openHolds, settled));
    }

    private void checkScope(
            String scope, Outcome.Inspected inspected, Map<String, Long> openHolds, List<Entry> entries) {
        for (LimitState state : inspected.limits()) {
            if (!state.scope().equals(scope)) {
                continue;
            }
            assertThat(state.committed()).as("committed of %s", state).isNotNegative();
            assertThat(state.held()).as("held of %s", state).isNotNegative();
            if (openHolds.getOrDefault(scope, 0L) == 0 && !removedBelow(scope, openHolds)) {
                assertThat(state.held()).as("held without a hold: %s", state).isZero();
            }
            if (WITNESSES.contains(state.limit())) {
                assertThat(state.committed())
                        .as("the entries of %s and below add up to %s", scope, state)
                        .isEqualTo(sum(scope, state.limit().meter(), entries));
            }
        }
    }

    /** Tells whether a scope was taken away by force below this one, whose holds may still be open. */
    private boolean removedBelow(String scope, Map<String, Long> openHolds) {
        return parents.keySet().stream()
                .anyMatch(name -> !name.equals(scope) && below(name, scope) && !openHolds.containsKey(name));
    }

    private long sum(String scope, Meter meter, List<Entry> entries) {
        return entries.stream()
                .filter(entry -> below(entry.scope(), scope))
                .mapToLong(entry -> entry.kind().sign() * entry.amounts().on(meter))
                .sum();
    }

    private boolean below(String name, String ancestor) {
        String at = name;
        for (int depth = 0; at != null && depth < 32; depth++) {
            if (at.equals(ancestor)) {
                return true;
            }
            at = parents.containsKey(at) ? parents.get(at) : parentByTemplate(at);
        }
        return false;
    }

    private @Nullable String parentByTemplate(String scope) {
        String longest = null;
        for (String name : parents.keySet()) {
            boolean covers = name.endsWith("*") && scope.startsWith(name.substring(0, name.length() - 1));
            if (covers && (longest == null || name.length() > longest.length())) {
                longest = name;
            }
        }
        return longest == null ? null : parents.get(longest);
    }

    private static void checkEntries(List<Entry> entries) {
        Instant last = Instant.MIN;
        Map<String, Integer> inDoubt = new HashMap<>();
        Map<String, Integer> settled = new HashMap<>();
        for (Entry entry : entries) {
            assertThat(entry.time()).as("entries are in order: %s", entry).isAfterOrEqualTo(last);
            last = entry.time();
            String hold = entry.scope() + "/" + entry.operationId();
            EntryKind kind = entry.kind();
            if (kind == EntryKind.IN_DOUBT || kind == EntryKind.REVERSED) {
                int count = inDoubt.merge(hold, kind.sign(), Integer::sum);
                assertThat(count)
                        .as("in doubt, and then perhaps not: %s", entry)
                        .isBetween(0, 1);
            } else if (kind != EntryKind.RECORDED) {
                assertThat(settled.merge(hold, 1, Integer::sum))
                        .as("a hold is settled once: %s", entry)
                        .isEqualTo(1);
                assertThat(inDoubt.getOrDefault(hold, 0))
                        .as("not charged twice: %s", entry)
                        .isZero();
            }
        }
    }

    static List<Entry> entries(LedgerStore store) {
        List<Entry> entries = new ArrayList<>();
        store.entries(Instant.EPOCH, Instant.parse("9999-01-01T00:00:00Z"), entries::add);
        return entries;
    }
}
