package io.holdfast.internal;

import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.PassedStep;
import io.holdfast.unit.Amounts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of finished operations whose ids their callers chose: all that is needed to answer the same again,
 * packed into bytes, about 80 for a hold. The oldest go first. Found by a table of positions, hashed with a seed of its
 * own so that nobody can choose ids that meet in it.
 */
final class Archive {
    private static final long EMPTY = -1;
    private static final int HASH_BITS = 28;
    private static final long HASH_MASK = (1L << HASH_BITS) - 1;
    private static final int SMALLEST_TABLE = 64;
    private static final int HOLD = 1;
    private static final int CHARGED_ON_EXPIRY = 2;
    private static final int DELAYED_OR_STEPPED = 4;
    private static final int STATE_SHIFT = 3;
    private static final int STATE_MASK = 3;
    private static final int ALLOTMENT = 32;
    private static final List<PassedStep.Kind> KINDS = List.of(PassedStep.Kind.values());
    private static final List<HoldState> STATES =
            List.of(HoldState.COMMITTED, HoldState.RELEASED, HoldState.LATE_COMMITTED);

    private final long seed = new SplittableRandom().nextLong();
    private final PackedLog log = new PackedLog();
    private final List<Tree> trees = new ArrayList<>();
    private final Map<Tree, Integer> treeNumbers = new HashMap<>();
    private final List<ScopeState> scopes = new ArrayList<>();
    private final Map<ScopeState, Integer> scopeNumbers = new HashMap<>();
    private final ShortTexts words = new ShortTexts();
    private long[] table = emptyTable(SMALLEST_TABLE);
    private int size;

    /** Returns how many operations are remembered. */
    int size() {
        return size;
    }

    void add(Hold hold) {
        Tree tree = hold.scope.tree;
        begin(hold.settledAt, tree, hold.id, true, hold.fingerprint);
        boolean stepped = hold.delayMillis != 0 || !hold.steps.isEmpty();
        log.number(HOLD
                | (hold.onExpiry == OnExpiry.CHARGE ? CHARGED_ON_EXPIRY : 0)
                | (stepped ? DELAYED_OR_STEPPED : 0)
                | (STATES.indexOf(hold.state) << STATE_SHIFT)
                | (hold.allotment == null ? 0 : ALLOTMENT));
        log.number(number(hold.scope, scopes, scopeNumbers));
        words.write(hold.model, log);
        log.signed(hold.settledAt - hold.admittedAt);
        log.signed(hold.expiresAt - hold.admittedAt);
        write(hold.amounts);
        write(hold.booked);
        if (stepped) {
            log.number(hold.delayMillis);
            log.number(hold.steps.size());
            hold.steps.forEach(this::write);
        }
        if (hold.allotment != null) {
            log.text(hold.allotment.name);
            log.number(hold.allotment.spent);
        }
        end(hash(tree, hold.id, true));
    }

    void add(Tree.Answer answer) {
        begin(answer.at(), answer.tree(), answer.id(), false, answer.fingerprint());
        log.number(0);
        end(hash(answer.tree(), answer.id(), false));
    }

    @Nullable
    Hold hold(Tree tree, String id) {
        int slot = size == 0 ? -1 : slot(tree, id, true);
        return slot < 0 ? null : readHold(position(table[slot]));
    }

    Tree.@Nullable Answer answer(Tree tree, String id) {
        int slot = size == 0 ? -1 : slot(tree, id, false);
        return slot < 0 ? null : readAnswer(position(table[slot]));
    }

    /** Forgets what finished before a time. */
    void forget(long before) {
        while (!log.isEmpty() && log.time(log.first()) < before) {
            long first = log.first();
            int slot = slotOf(first);
            if (slot >= 0) {
                remove(slot);
            }
            log.removeFirst();
        }
    }

    /** Gives everything to its reader, the oldest first. */
    void forEach(Consumer<Hold> holds, Consumer<Tree.Answer> answers) {
        log.forEach(position -> {
            if (slotOf(position) < 0) {
                return; // told once more since
            }
            if (isHold(position)) {
                holds.accept(readHold(position));
            } else {
                answers.accept(readAnswer(position));
            }
        });
    }

    // ---- records: time, fingerprint, tree, kind and id, and what a hold has beside

    private void begin(long at, Tree tree, String id, boolean hold, long fingerprint) {
        int known = size == 0 ? -1 : slot(tree, id, hold);
        if (known >= 0) {
            remove(known);
        }
        log.begin(at);
        log.fixed(fingerprint);
        log.number(number(tree, trees, treeNumbers) * 2L + (hold ? 1 : 0));
        log.text(id);
    }

    private void end(long hash) {
        long position = log.end();
        if (3 * (size + 1) > 2 * table.length) {
            grow();
        }
        insert(table, (position << HASH_BITS) | (hash & HASH_MASK));
        size++;
    }

    private boolean isHold(long position) {
        log.read(position);
        log.fixed();
        return (log.number() & 1) != 0;
    }

    private boolean is(long position, Tree tree, String id, boolean hold) {
        log.read(position);
        log.fixed();
        long kind = log.number();
        return (kind & 1) == (hold ? 1 : 0)
                && trees.get((int) (kind >>> 1)) == tree
                && log.text().equals(id);
    }

    private Tree.Answer readAnswer(long position) {
        log.read(position);
        long fingerprint = log.fixed();
        Tree tree = trees.get((int) (log.number() >>> 1));
        return new Tree.Answer(log.text(), tree, true, fingerprint, log.time(position));
    }

    private Hold readHold(long position) {
        long settledAt = log.time(position);
        log.read(position);
        long fingerprint = log.fixed();
        log.number();
        String id = log.text();
        int kind = (int) log.number();
        ScopeState scope = scopes.get((int) log.number());
        String model = words.read(log);
        long admittedAt = settledAt - log.signed();
        long expiresAt = admittedAt + log.signed();
        OnExpiry onExpiry = (kind & CHARGED_ON_EXPIRY) != 0 ? OnExpiry.CHARGE : OnExpiry.RELEASE;
        Amounts amounts = readAmounts();
        Amounts booked = readAmounts();
        boolean stepped = (kind & DELAYED_OR_STEPPED) != 0;
        long delayMillis = stepped ? log.number() : 0;
        Hold hold = new Hold(
                id,
                true,
                scope,
                null,
                model,
                amounts,
                admittedAt,
                delayMillis,
                expiresAt,
                onExpiry,
                stepped ? readSteps() : List.of(),
                fingerprint,
                Detail.NONE,
                Hold.NO_COUNTERS);
        hold.settle(STATES.get((kind >>> STATE_SHIFT) & STATE_MASK), settledAt, booked);
        if ((kind & ALLOTMENT) != 0) {
            hold.allotment = new Allotment(hold, log.text(), 0, log.number());
        }
        return hold;
    }

    private void write(Amounts amounts) {
        log.signed(amounts.cost());
        log.number(amounts.inputTokens());
        log.number(amounts.outputTokens());
        log.number(amounts.calls());
    }

    private void write(PassedStep step) {
        String session = step.session();
        log.number(2L * KINDS.indexOf(step.kind()) + (session == null ? 0 : 1));
        log.text(step.scope());
        if (session != null) {
            log.text(session);
        }
        words.write(step.limit(), log);
        log.signed(step.reached());
        log.signed(step.step());
    }

    private List<PassedStep> readSteps() {
        long count = log.number();
        List<PassedStep> steps = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            long kind = log.number();
            steps.add(new PassedStep(
                    KINDS.get((int) (kind >>> 1)),
                    log.text(),
                    (kind & 1) != 0 ? log.text() : null,
                    words.read(log),
                    log.signed(),
                    log.signed()));
        }
        return List.copyOf(steps);
    }

    private Amounts readAmounts() {
        return new Amounts(log.signed(), log.number(), log.number(), log.number());
    }

    private static <T> int number(T what, List<T> known, Map<T, Integer> numbers) {
        Integer number = numbers.get(what);
        if (number == null) {
            number = known.size();
            known.add(what);
            numbers.put(what, number);
        }
        return number;
    }

    // ---- the table: each place has a position and a part of the hash, or is empty

    private long hash(Tree tree, String id, boolean hold) {
        long hash = seed ^ (System.identityHashCode(tree) * 2L + (hold ? 1 : 0));
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        return hash;
    }

    private static long position(long entry) {
        return entry >>> HASH_BITS;
    }

    private int slot(Tree tree, String id, boolean hold) {
        long hash = hash(tree, id, hold) & HASH_MASK;
        int slot = home(hash, table);
        while (table[slot] != EMPTY) {
            if ((table[slot] & HASH_MASK) == hash && is(position(table[slot]), tree, id, hold)) {
                return slot;
            }
            slot = (slot + 1) & (table.length - 1);
        }
        return -1;
    }

    /** Returns where the record at a position is listed, or −1 if another one took its place. */
    private int slotOf(long position) {
        log.read(position);
        log.fixed();
        long kind = log.number();
        long hash = hash(trees.get((int) (kind >>> 1)), log.text(), (kind & 1) != 0) & HASH_MASK;
        int slot = home(hash, table);
        while (table[slot] != EMPTY) {
            if (table[slot] == ((position << HASH_BITS) | hash)) {
                return slot;
            }
            slot = (slot + 1) & (table.length - 1);
        }
        return -1;
    }

    private static int home(long hash, long[] table) {
        return (int) (hash & (table.length - 1));
    }

    private static void insert(long[] table, long entry) {
        int slot = home(entry & HASH_MASK, table);
        while (table[slot] != EMPTY) {
            slot = (slot + 1) & (table.length - 1);
        }
        table[slot] = entry;
    }

    /** Empties a place, and moves up what was only further down because of it. */
    private void remove(int at) {
        int mask = table.length - 1;
        int hole = at;
        for (int slot = (hole + 1) & mask; table[slot] != EMPTY; slot = (slot + 1) & mask) {
            int home = home(table[slot] & HASH_MASK, table);
            if (((slot - home) & mask) >= ((slot - hole) & mask)) {
                table[hole] = table[slot];
                hole = slot;
            }
        }
        table[hole] = EMPTY;
        size--;
    }

    private void grow() {
        long[] wider = emptyTable(table.length * 2);
        for (long entry : table) {
            if (entry != EMPTY) {
                insert(wider, entry);
            }
        }
        table = wider;
    }

    private static long[] emptyTable(int length) {
        long[] table = new long[length];
        Arrays.fill(table, EMPTY);
        return table;
    }
}
