package io.holdfast.internal;

import io.holdfast.limit.Window;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.LedgerStore;
import io.holdfast.store.json.JsonStore;
import io.holdfast.unit.Amounts;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;

/**
 * The state behind a store as it lies there: every counter, also one that no limit has any longer, and every hold. To look
 * changes nothing; no counter lets go of anything, or follows a new definition, because of it.
 */
public final class Insight {
    private static final VarHandle BOUND = field(CounterSet.class, "counters", Counter[].class);
    private static final VarHandle UNBOUND = field(CounterSet.class, "unbound", Map.class);
    private static final VarHandle LOOPS = field(CounterSet.class, "loops", Map.class);
    private static final VarHandle SETS = field(SessionState.class, "byDepth", CounterSet[].class);

    private static final Field IN_MEMORY = accessible(MemoryStore.class, "state");
    private static final Field JOURNAL = accessible(JsonStore.class, "journal");
    private static final Method OF_JOURNAL = state(JOURNAL.getType());

    private final LedgerState state;

    /** A store of the tests that lets itself be looked into. */
    public interface Open extends LedgerStore {
        /**
         * Returns the state as it lies there.
         *
         * @return the state in use
         */
        LedgerState state();
    }

    /** Reads counters. */
    @FunctionalInterface
    public interface Counters {
        /**
         * Takes note of a counter.
         *
         * @param counter stands for it, for as long as the store is open
         * @param committed what it counts at the time asked about
         * @param held what open holds hold of it then
         */
        void read(Object counter, long committed, long held);
    }

    /** Reads open holds. */
    @FunctionalInterface
    public interface OpenHolds {
        /**
         * Takes note of an open hold.
         *
         * @param hold stands for it, for as long as it is open and its store is
         * @param expiresAt when its time is over
         * @param left of the hold of a child session, what is left to it, and else −1
         * @param spent of the hold of a child session, what it has spent, and else −1
         */
        void read(Object hold, long expiresAt, long left, long spent);
    }

    /**
     * Whose counter it is.
     *
     * @param scope the scope whose limit it is
     * @param owner the scope whose session is counted, for a limit per session
     * @param session the session counted
     * @param key the limit's key
     * @param loop the key counted, for a loop guard
     */
    public record Place(String scope, String owner, String session, String key, String loop) {}

    /**
     * What is said of a hold.
     *
     * @param root the topmost scope above its own
     * @param scope its scope
     * @param id its id
     * @param amounts what it was made for
     */
    public record Named(String root, String scope, String id, Amounts amounts) {}

    private Insight(LedgerState state) {
        this.state = state;
    }

    /**
     * Looks into a store.
     *
     * @param store a store in memory or of JSON files, or one that is open
     * @return its state, which goes on as the store does
     */
    public static Insight into(LedgerStore store) {
        if (store instanceof Open open) {
            return new Insight(open.state());
        }
        try {
            Object state = store instanceof MemoryStore ? IN_MEMORY.get(store) : OF_JOURNAL.invoke(JOURNAL.get(store));
            return new Insight((LedgerState) state);
        } catch (ReflectiveOperationException changed) {
            throw new IllegalStateException("cannot look into " + store, changed);
        }
    }

    /**
     * Tells whether it is the very state that another one looked into.
     *
     * @param other the other, or nothing
     * @return whether what stands for counters and holds in one does so in the other
     */
    @SuppressWarnings("ReferenceEquality")
    public boolean sameAs(Insight other) {
        return other != null && state == other.state;
    }

    /**
     * Gives every counter to a reader.
     *
     * @param now the time asked about, no earlier than the latest of the ledger
     * @param reader is given each
     */
    public void counters(long now, Counters reader) {
        for (ScopeState scope : state.scopes().values()) {
            counters(scope.counters, now, reader);
            for (SessionState session : scope.sessions()) {
                for (CounterSet set : (CounterSet[]) SETS.get(session)) {
                    if (set != null) {
                        counters(set, now, reader);
                    }
                }
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static void counters(CounterSet set, long now, Counters reader) {
        for (Counter counter : (Counter[]) BOUND.get(set)) {
            if (counter != null) {
                counter(counter, now, reader);
            }
        }
        Map<String, Counter> unbound = (Map<String, Counter>) UNBOUND.get(set);
        if (unbound != null) {
            for (Counter counter : unbound.values()) {
                counter(counter, now, reader);
            }
        }
        Map<String, LoopCounters> loops = (Map<String, LoopCounters>) LOOPS.get(set);
        if (loops != null) {
            for (LoopCounters each : loops.values()) {
                each.forEach(counter -> counter(counter, now, reader));
            }
        }
    }

    private static void counter(Counter counter, long now, Counters reader) {
        boolean empty = counter.empty();
        Window window = counter.window;
        reader.read(
                counter,
                empty ? 0 : sum(counter.committed, window.oldestBucket(now)),
                empty ? 0 : sum(counter.held, window.oldestHoldBucket(now)));
    }

    private static long sum(BucketSeries series, long oldest) {
        long sum = series.sum();
        for (int i = 0; i < series.size() && series.bucket(i) < oldest; i++) {
            sum -= series.amount(i);
        }
        return sum;
    }

    /**
     * Says whose counter it is.
     *
     * @param given what {@link #counters} gave
     * @return whose
     */
    public static Place place(Object given) {
        Counter counter = (Counter) given;
        SessionState session = counter.session;
        return new Place(
                counter.scope.name,
                session == null ? null : session.owner.name,
                session == null ? null : session.id,
                counter.key(),
                counter.loopKey);
    }

    /**
     * Gives every open hold to a reader.
     *
     * @param reader is given each
     */
    public void openHolds(OpenHolds reader) {
        state.active.forEach(hold -> {
            Allotment child = hold.allotment;
            reader.read(hold, hold.expiresAt, child == null ? -1 : child.left, child == null ? -1 : child.spent);
        });
    }

    /**
     * Says what hold it is.
     *
     * @param given what {@link #openHolds} gave
     * @return what is said of it
     */
    public static Named name(Object given) {
        Hold hold = (Hold) given;
        return new Named(hold.scope.tree.root, hold.scope.name, hold.id, hold.amounts);
    }

    /**
     * Returns the state of a hold.
     *
     * @param scope its scope
     * @param id its id
     * @return its state, or nothing if the ledger does not know it
     */
    public HoldState holdState(String scope, String id) {
        Hold hold = state.findHold(scope, id);
        return hold == null ? null : hold.state;
    }

    private static VarHandle field(Class<?> type, String name, Class<?> of) {
        try {
            return MethodHandles.privateLookupIn(type, MethodHandles.lookup()).findVarHandle(type, name, of);
        } catch (ReflectiveOperationException changed) {
            throw new IllegalStateException(type + " has no " + name + " any longer", changed);
        }
    }

    private static Method state(Class<?> journal) {
        try {
            Method state = journal.getDeclaredMethod("state");
            state.setAccessible(true);
            return state;
        } catch (ReflectiveOperationException changed) {
            throw new IllegalStateException(journal + " has no state any longer", changed);
        }
    }

    private static Field accessible(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException changed) {
            throw new IllegalStateException(type + " has no " + name + " any longer", changed);
        }
    }
}
