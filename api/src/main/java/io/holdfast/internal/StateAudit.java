package io.holdfast.internal;

import io.holdfast.spi.HoldState;
import io.holdfast.spi.Verification;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Checks a state: its holds add up to what its counters hold, nothing is negative, and it equals another state that ought
 * to be the same.
 */
public final class StateAudit {
    private static final int MOST_DIFFERENCES = 100;

    private final Map<String, StateItem> items = new HashMap<>();
    private final Map<String, Long> heldByCounter = new HashMap<>();
    private final Map<String, Long> heldByHolds = new HashMap<>();
    private final List<String> differences = new ArrayList<>();

    private StateAudit(LedgerState state) {
        state.items(this::read);
        state.takeover().problem().ifPresent(differences::add);
    }

    /**
     * Checks one state by itself.
     *
     * @param state the state
     * @return what is wrong with it
     */
    public static Verification of(LedgerState state) {
        StateAudit audit = new StateAudit(state);
        audit.checkHolds();
        return new Verification(0, audit.items.size(), audit.differences);
    }

    /**
     * Checks a state and compares it with the replay of its journal. Names of finished operations are left out, as
     * states may forget them at different times.
     *
     * @param replayed how many changes were replayed
     * @param expected the state that the journal gives, which is brought to the time of the other
     * @param actual the state in use
     * @return what is wrong or differs
     */
    public static Verification compare(long replayed, LedgerState expected, LedgerState actual) {
        expected.observe(actual.lastTime());
        StateAudit wanted = new StateAudit(expected);
        StateAudit found = new StateAudit(actual);
        found.checkHolds();
        wanted.items.forEach((key, item) -> {
            StateItem other = found.items.get(key);
            if (!Objects.equals(item, other)) {
                found.differ(key + ": the journal gives " + item + ", the ledger has " + other);
            }
        });
        found.items.forEach((key, item) -> {
            if (!wanted.items.containsKey(key)) {
                found.differ(key + ": the journal gives nothing, the ledger has " + item);
            }
        });
        return new Verification(replayed, found.items.size(), found.differences);
    }

    private void read(StateItem item) {
        if (item instanceof StateItem.Imported) {
            items.put("import", item);
        } else if (item instanceof StateItem.Template template) {
            items.put("template " + template.definition().name(), item);
        } else if (item instanceof StateItem.Scope scope) {
            items.put("scope " + scope.name(), item);
        } else if (item instanceof StateItem.Session session) {
            items.put("session " + session.owner() + "/" + session.id(), item);
        } else if (item instanceof StateItem.Counted counted) {
            String key = key(
                    counted.scope(),
                    counted.owner(),
                    counted.session(),
                    counted.loopKey(),
                    counted.limit().key());
            items.put(key, item);
            heldByCounter.put(
                    key, counted.held().stream().mapToLong(Long::longValue).sum());
            if (counted.committed().stream().mapToLong(Long::longValue).sum() < 0) {
                differ(key + ": committed is negative: " + counted);
            }
        } else if (item instanceof StateItem.Subscription subscription) {
            items.put("subscription " + subscription.name(), item);
        } else if (item instanceof StateItem.Queued queued) {
            items.put(
                    "message " + queued.subscription() + "/" + queued.message().id(), item);
        } else if (item instanceof StateItem.Refusal refusal) {
            items.put("refusal " + refusal.limit(), item);
        } else if (item instanceof StateItem.Held hold && hold.state() == HoldState.ACTIVE) {
            items.put("hold " + hold.scope() + "/" + hold.id(), item);
            for (StateItem.CounterRef ref : hold.counters()) {
                boolean perSession = ref.limit().window().perSession();
                String key = key(
                        ref.scope(),
                        perSession ? hold.scope() : null,
                        perSession ? hold.session() : null,
                        ref.loopKey(),
                        ref.limit().key());
                if (!ref.limit().window().startsAnew()) {
                    StateItem.Allotted allotted = hold.allotted();
                    long held = allotted == null ? hold.amounts().on(ref.limit().meter()) : allotted.left();
                    heldByHolds.merge(key, held, Long::sum);
                }
            }
        }
    }

    private void checkHolds() {
        heldByHolds.forEach((key, held) -> {
            long counted = heldByCounter.getOrDefault(key, 0L);
            if (counted != held) {
                differ(key + ": open holds add up to " + held + ", the counter holds " + counted);
            }
        });
        heldByCounter.forEach((key, held) -> {
            if (held < 0 || (held > 0 && !heldByHolds.containsKey(key) && !key.contains("/calendar("))) {
                differ(key + ": holds " + held + " without an open hold");
            }
        });
    }

    private void differ(String difference) {
        if (differences.size() < MOST_DIFFERENCES) {
            differences.add(difference);
        }
    }

    private static String key(
            String scope,
            @org.jspecify.annotations.Nullable String owner,
            @org.jspecify.annotations.Nullable String session,
            @org.jspecify.annotations.Nullable String loopKey,
            String limit) {
        return "counter " + scope + " " + limit + (session == null ? "" : " of session " + owner + "/" + session)
                + (loopKey == null ? "" : " of key " + loopKey);
    }
}
