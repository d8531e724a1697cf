package io.holdfast.evidence.simulator;

import io.holdfast.BudgetManager;
import io.holdfast.Reservation;
import io.holdfast.evidence.oracle.Judge;
import io.holdfast.evidence.oracle.StateJudge;
import io.holdfast.evidence.oracle.Watch;
import io.holdfast.internal.Insight;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Change;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Notice;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One process that uses the ledger: a manager, and between it and its store this, which holds every answer against the oracle.
 * What fails without an answer is asked again with the same content until there is one, as a caller would.
 */
final class Node implements LedgerStore {
    /** The scope that is always there. */
    static final String ROOT = "t";

    private static final Operation ANYTHING = new Operation.Inspect(ROOT, null);
    private static final int MOST_ATTEMPTS = 50;

    final int number;
    final List<Reservation> handles = new ArrayList<>();
    BudgetManager manager;

    private final World world;
    private Watch watch;
    private LedgerStore store;
    /** The store that has the state, whatever is put before it. */
    private LedgerStore inner;

    private StateJudge states;
    /** What waits to be run in the background. */
    private final List<Runnable> tasks = new ArrayList<>();

    SimDisk.Process process;
    /** What is to become of the next operation's answer in memory, where no disk can fail. */
    Lost lost = Lost.NOTHING;

    /** How an answer is lost. */
    enum Lost {
        NOTHING,
        BEFORE,
        AFTER
    }

    Node(World world, int number) {
        this.world = world;
        this.number = number;
    }

    long clock() {
        return world.clockOf(number);
    }

    void background(Runnable task) {
        tasks.add(task);
    }

    /** Runs one task of the background, or all. */
    void runTasks(boolean all) {
        while (!tasks.isEmpty()) {
            tasks.remove(0).run();
            if (!all) {
                return;
            }
        }
    }

    /** Comes up, with a manager of its own unless it has one still. */
    void up(LedgerStore opened, LedgerStore used, boolean anew) {
        inner = used instanceof Insight.Open ? used : opened;
        store = used;
        watch = new Watch(world.oracle);
        states = new StateJudge(world.oracle);
        if (process != null) {
            watch.read(clock()); // to open files takes note of the time
        }
        if (anew && manager != null) {
            handles.clear();
            manager.close();
            manager = null;
        }
        if (manager == null) {
            manager = BudgetManager.builder()
                    .store(this)
                    .prices(Prices.BOOK)
                    .clock(() -> Instant.ofEpochMilli(clock()))
                    .sweepEvery(Duration.ofDays(10_000))
                    .build();
        }
    }

    /** Forgets the store of a process that was killed. */
    void down() {
        tasks.clear();
        if (process != null) {
            process.kill();
        }
    }

    void closeStore() {
        runTasks(true);
        store.close();
    }

    void end() {
        manager.close();
    }

    @Override
    public Outcome apply(Operation operation) {
        if (!world.oracle.remembers(operation, watch.peek(clock()))) {
            throw new StoreException("not asked, as the ledger may have forgotten what it is about", null);
        }
        world.log(this, operation);
        long first = watch.peek(clock());
        boolean inDoubt = false;
        for (int attempt = 1; ; attempt++) {
            if (attempt > MOST_ATTEMPTS) {
                throw new AssertionError("no answer after " + MOST_ATTEMPTS + " attempts: " + operation);
            }
            try {
                Outcome outcome = inDoubt ? askAgain(operation, first) : ask(operation);
                world.calm(this);
                compareTouched(operation, outcome);
                return outcome;
            } catch (AmbiguousOutcomeException nobodyKnows) {
                inDoubt = true;
                world.reopen(this, nobodyKnows, false);
            } catch (Death death) {
                inDoubt = true;
                world.recover(this);
            } catch (StoreException noEffect) {
                boolean over = !inDoubt && world.givesUp();
                // without a further question nobody knows what time the store has seen
                world.reopen(this, noEffect, over);
                if (over) {
                    world.calm(this);
                    throw noEffect;
                }
            }
        }
    }

    private Outcome ask(Operation operation) {
        Lost how = lost;
        lost = Lost.NOTHING;
        if (how == Lost.BEFORE) {
            throw new StoreException("injected: refused", null);
        }
        Outcome outcome = store.apply(operation);
        if (how == Lost.AFTER) {
            throw new AmbiguousOutcomeException("injected: the answer is lost", null);
        }
        world.calm(this);
        world.judge.judge(operation, outcome, watch.read(clock()));
        return outcome;
    }

    /**
     * Asks what may have taken effect already: the answer tells. If the ledger's time is that of the first attempt, something
     * of it was kept, be it only that holds ran out.
     */
    private Outcome askAgain(Operation operation, long first) {
        long now = watch.peek(clock());
        long at = store.apply(new Operation.Inspect(ROOT, null)) instanceof Outcome.Inspected inspected
                ? inspected.at()
                : now;
        Judge.require(
                at == now || at == first,
                () -> "the ledger is at " + at + ", and was to be at " + now + " or " + first);
        Outcome outcome = store.apply(operation);
        world.calm(this);
        if (tellsOfEarlier(operation, outcome)) {
            world.judge.lost(operation, first);
        } else if (at > now) {
            world.judge.lost(new Operation.Sweep(), first);
        }
        world.judge.judgeAnswer(operation, outcome, watch.read(clock()));
        return outcome;
    }

    /** Tells whether an answer says that nothing was left to be done. */
    private static boolean tellsOfEarlier(Operation operation, Outcome outcome) {
        return outcome instanceof Outcome.Held held && held.repeated()
                || outcome instanceof Outcome.Settled settled && settled.repeated()
                || outcome instanceof Outcome.Booked booked && booked.repeated()
                || outcome instanceof Outcome.Extended extended && extended.repeated()
                || outcome instanceof Outcome.Done done && !done.changed()
                || (operation instanceof Operation.Remove
                        && outcome instanceof Outcome.Rejected rejected
                        && rejected.reason() == Rejection.UNKNOWN_SCOPE);
    }

    /** Compares every counter that the operation, or a hold that ran out with it, has touched. */
    private void compareTouched(Operation operation, Outcome outcome) {
        if (operation instanceof Operation.Check || operation instanceof Operation.Inspect) {
            return;
        }
        Set<Operation> questions = new LinkedHashSet<>();
        String scope = operation instanceof Operation.OnScope on
                ? on.scope()
                : operation instanceof Operation.Define define
                        ? define.definition().name()
                        : ROOT;
        if (!scope.endsWith("*")) {
            questions.add(new Operation.Inspect(scope, world.oracle.session(operation)));
        }
        for (Notice notice : outcome.notices()) {
            if (notice instanceof Notice.Expired expired) {
                questions.add(new Operation.Inspect(expired.scope(), null));
            }
        }
        questions.forEach(question -> world.judge.judge(question, store.apply(question), watch.read(clock())));
    }

    /** Compares all that is counted and all holds, as the store has them. */
    void compareState() {
        world.judge.judge(ANYTHING, store.apply(ANYTHING), watch.read(clock())); // sees what the other node has written
        states.judge(Insight.into(inner));
    }

    /** Asks about every limit of every scope and session besides, as a caller would, and looks at each hold that ever was. */
    void compareAll() {
        world.judge.judgeAll(store, watch.read(clock()));
        compareState();
        states.judgeAllHolds(Insight.into(inner));
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        return batch.stream().map(this::apply).toList();
    }

    /** As the store's, but not gathering: everything happens on the one thread. */
    @Override
    public StoreTraits traits() {
        StoreTraits traits = store.traits();
        return new StoreTraits(traits.name(), traits.durability(), traits.shared(), traits.storeClock(), false);
    }

    @Override
    public void entries(Instant from, Instant to, Consumer<Entry> reader) {
        store.entries(from, to, reader);
    }

    @Override
    public void definitions(Consumer<ScopeDefinition> reader) {
        store.definitions(reader);
    }

    @Override
    public Survey survey(Consumer<LimitState> reader) {
        return store.survey(reader);
    }

    @Override
    public void changes(Consumer<Change> reader) {
        store.changes(reader);
    }

    @Override
    public Verification verify() {
        return store.verify();
    }

    @Override
    public void close() {
        // the world closes the store
    }
}
