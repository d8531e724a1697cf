package io.holdfast.evidence.simulator;

import io.holdfast.error.HoldfastException;
import io.holdfast.evidence.oracle.Judge;
import io.holdfast.evidence.oracle.Oracle;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.MemoryStore;
import io.holdfast.internal.StateItem;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.StoreException;
import io.holdfast.store.json.JsonStore;
import io.holdfast.store.json.Settings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Two nodes on one ledger of JSON files, or one with its ledger in memory, and the scheduler that decides who does what next,
 * what the clocks say, and what fails. All of it follows from a seed, each step from the seed and its own number, so that a
 * step does the same when others are left out.
 */
final class World implements AutoCloseable {
    private static final Path PATH = Path.of("ledger");
    private static final long BEGIN = 1_774_641_600_000L;
    private static final int COMPARE_ALL_EVERY = 100;
    private static final int LOGGED = 40;
    private static final int DEATHS_IN_RECOVERY = 3;

    final Oracle oracle = new Oracle();
    final Judge judge;

    private final Tampering tampering;
    private final long seed;
    private final boolean durable;
    private final SimDisk disk = new SimDisk();
    private final List<Node> nodes = new ArrayList<>();
    private final long[] skews;
    private final int segmentBytes;
    private final Clients clients;
    private final Deque<Supplier<String>> log = new ArrayDeque<>();
    private SplittableRandom random;
    private long clock = BEGIN;
    private boolean powerFails;
    private boolean auditDue;

    /**
     * Makes a world.
     *
     * @param seed decides everything
     * @param durable whether the ledger is in files, or in memory
     * @param tampering what is broken, mostly nothing
     */
    World(long seed, boolean durable, Tampering tampering) {
        this.seed = seed;
        this.durable = durable;
        this.judge = new Judge(oracle, !durable);
        this.tampering = tampering;
        this.random = new SplittableRandom(seed);
        this.segmentBytes = 50_000 << random.nextInt(5);
        int count = durable ? 2 : 1;
        this.skews = new long[count];
        for (int i = 0; i < count; i++) {
            skews[i] = i == 0 ? 0 : random.nextInt(-300_000, 300_000);
            nodes.add(new Node(this, i));
        }
        nodes.forEach(this::start);
        this.clients = new Clients();
        Node first = nodes.get(0);
        clients.definitions(first::apply);
    }

    long clockOf(int node) {
        return clock + skews[node];
    }

    /** Carries out a step. */
    void step(int number) {
        random = new SplittableRandom(seed * 1_000_003 + number);
        moveClock();
        Node node = nodes.get(random.nextInt(nodes.size()));
        if (durable) {
            schedule(node);
        }
        plan(node);
        try {
            clients.act(node, random, number);
        } catch (HoldfastException refused) {
            // the answer of the library to what a client asked; the node has judged it
        } finally {
            calm(node);
        }
        if (auditDue) {
            auditDue = false;
            nodes.forEach(Node::compareAll);
        } else if (number % COMPARE_ALL_EVERY == 0) {
            node.compareAll();
        } else {
            node.compareState();
        }
    }

    /** Compares everything there is, for the last time. */
    void finish() {
        nodes.forEach(Node::compareAll);
        for (Node node : nodes) {
            List<String> differences = node.verify().differences();
            Judge.require(differences.isEmpty(), () -> "verify finds " + differences);
        }
        if (durable) {
            judge.judgeHolds(holds(nodes.get(0)));
        }
    }

    private static Map<String, HoldState> holds(Node node) {
        LedgerState state = new LedgerState();
        int[] changes = {0};
        node.changes(change -> {
            state.apply(change);
            if (++changes[0] % 1_000 == 0) {
                state.forget(state.lastTime());
            }
        });
        Map<String, HoldState> holds = new TreeMap<>();
        state.items(item -> {
            if (item instanceof StateItem.Held held) {
                holds.put(held.scope() + "/" + held.id(), held.state());
            }
        });
        return holds;
    }

    @Override
    public void close() {
        nodes.forEach(Node::end);
    }

    // ---- time

    private void moveClock() {
        int kind = random.nextInt(10_000);
        if (kind < 7_000) {
            clock += random.nextInt(2_000);
        } else if (kind < 9_500) {
            clock += random.nextInt(60_000);
        } else if (kind < 9_900) {
            clock += random.nextInt(600_000);
        } else if (kind < 9_980) {
            clock += random.nextInt(10_800_000);
        } else if (kind < 9_995) {
            clock -= random.nextInt(21_600_000);
        } else {
            clock += random.nextInt(345_600_000);
        }
    }

    // ---- what runs and what fails

    /** Lets the background of a node go on, and now and then closes and opens a store or kills a process between two calls. */
    private void schedule(Node node) {
        int kind = random.nextInt(10_000);
        if (kind < 500) {
            runInBackground(node);
        } else if (kind < 501) {
            log(() -> "node " + node.number + " closes and opens its store");
            node.closeStore();
            start(node);
            auditDue = true;
        } else if (kind < 502) {
            log(() -> "node " + node.number + " is killed");
            powerFails = false;
            recover(node);
        } else if (kind < 503) {
            log(() -> "the power fails");
            powerFails = true;
            recover(node);
        }
    }

    /** Lets a snapshot be written, and now and then kills the process at that. */
    private void runInBackground(Node node) {
        try {
            if (random.nextInt(150) == 0) {
                powerFails = random.nextBoolean();
                node.process.plan(random.nextInt(20), SimDisk.Effect.DIES);
            }
            node.runTasks(false);
            calm(node);
        } catch (Death death) {
            recover(node);
        }
    }

    /** Decides what becomes of the next operation. */
    private void plan(Node node) {
        int kind = random.nextInt(10_000);
        if (!durable) {
            node.lost = kind < 50 ? Node.Lost.BEFORE : kind < 100 ? Node.Lost.AFTER : Node.Lost.NOTHING;
        } else if (kind < 4) {
            powerFails = random.nextBoolean();
            SimDisk.Effect effect = random.nextBoolean() ? SimDisk.Effect.DIES : SimDisk.Effect.DIES_AFTERWARDS;
            node.process.plan(random.nextInt(12), effect);
        } else if (kind < 12) {
            SimDisk.Effect[] effects = {
                SimDisk.Effect.FAILS, SimDisk.Effect.FAILS_HALFWAY, SimDisk.Effect.FAILS_AFTERWARDS
            };
            node.process.plan(random.nextInt(12), effects[random.nextInt(3)]);
        }
    }

    /** Lets nothing more fail until it is planned. */
    void calm(Node node) {
        node.lost = Node.Lost.NOTHING;
        if (node.process != null) {
            node.process.plan();
        }
    }

    /** Tells whether a client leaves it at an operation that certainly had no effect. */
    boolean givesUp() {
        return random.nextBoolean();
    }

    /** Opens the store of a node again where it says that it must be, and else perhaps. */
    void reopen(Node node, HoldfastException why, boolean always) {
        boolean must = always || String.valueOf(why.getMessage()).contains("must be opened again");
        if (durable && (must || random.nextBoolean())) {
            log(() -> "node " + node.number + " opens its store again");
            calm(node);
            node.closeStore();
            start(node);
            auditDue = true;
        }
    }

    /** Brings up what was killed: one process, or all where the power has failed; some die once more on the way. */
    void recover(Node node) {
        auditDue = true;
        boolean power = powerFails;
        List<Node> dead = power ? nodes : List.of(node);
        log(() -> power ? "all nodes come up again" : "node " + node.number + " comes up again");
        dead.forEach(Node::down);
        if (power) {
            disk.losePower(random);
        }
        dead.forEach(this::start);
    }

    private void start(Node node) {
        boolean anew = node.process != null;
        for (int attempt = 0; ; attempt++) {
            try {
                node.process = durable ? disk.process() : null;
                if (anew && durable && attempt < DEATHS_IN_RECOVERY && random.nextInt(3) == 0) {
                    node.process.plan(random.nextInt(30), SimDisk.Effect.values()[1 + random.nextInt(5)]);
                }
                LedgerStore opened = open(node);
                node.up(opened, tampering.store().apply(opened, () -> Instant.ofEpochMilli(node.clock())), anew);
                calm(node);
                return;
            } catch (Death death) {
                node.down();
            } catch (StoreException failure) {
                Judge.require(attempt < DEATHS_IN_RECOVERY, () -> "cannot be opened: " + failure);
            }
        }
    }

    private LedgerStore open(Node node) {
        if (!durable) {
            return new MemoryStore(() -> Instant.ofEpochMilli(node.clock()));
        }
        return JsonStore.open(
                PATH,
                tampering.io().apply(node.process),
                () -> Instant.ofEpochMilli(node.clock()),
                new Settings(segmentBytes, node::background));
    }

    // ---- telling

    /** Takes note of what is asked; it is put into words only where something goes wrong. */
    void log(Node node, Object what) {
        long at = node.clock();
        log(() -> "node " + node.number + " at " + at + ": " + what);
    }

    private void log(Supplier<String> what) {
        log.add(what);
        if (log.size() > LOGGED) {
            log.remove();
        }
    }

    /** Returns what happened last. */
    String latest() {
        return log.stream().map(Supplier::get).collect(Collectors.joining("\n"));
    }
}
