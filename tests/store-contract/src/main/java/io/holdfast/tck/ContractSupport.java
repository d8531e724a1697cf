package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the tests of the contract are written with: a fresh ledger before each, its audit after each. */
abstract class ContractSupport {
    /** Whether tests may take minutes instead of seconds. */
    static final boolean FULL = Boolean.getBoolean("holdfast.full");

    static final String MODEL = "acme:model-1";
    static final long HOUR = Duration.ofHours(1).toMillis();
    private static final String CLOCK_SCOPE = "what-time-is-it";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final ManualClock clock = new ManualClock(Instant.parse("2026-03-10T09:00:00Z"));
    private final List<LedgerStore> opened = new ArrayList<>();
    private final List<Notice> told = new ArrayList<>();
    private final LedgerAudit audit = new LedgerAudit();
    private @Nullable LedgerLocation location;
    private @Nullable LedgerStore store;

    /**
     * Returns a place for a ledger that no test has used.
     *
     * @return an empty ledger's place
     */
    protected abstract LedgerLocation newLocation();

    @BeforeEach
    final void openLedger() {
        location = newLocation();
        store = openAnother();
    }

    @AfterEach
    final void auditAndCloseLedger() {
        try {
            audit.check(store());
        } finally {
            opened.forEach(LedgerStore::close);
            if (location != null) {
                location.close();
            }
        }
    }

    // ---- the ledger

    final LedgerStore store() {
        if (store == null) {
            throw new IllegalStateException("no ledger is open");
        }
        return store;
    }

    final LedgerStore openAnother() {
        if (location == null) {
            throw new IllegalStateException("no place for a ledger");
        }
        LedgerStore another = location.open(clock);
        opened.add(another);
        return another;
    }

    /** Closes the ledger and opens it again. */
    final void reopen() {
        store().close();
        store = openAnother();
    }

    /** Closes the ledger and opens it again where it is kept. */
    final void reopenIfDurable() {
        if (store().traits().durability() != Durability.NONE) {
            reopen();
        }
    }

    final void assumeDurable() {
        assumeTrue(
                store().traits().durability() != Durability.NONE,
                () -> "the store '" + store().traits().name() + "' keeps nothing when closed");
    }

    final void assumeShared() {
        assumeTrue(
                store().traits().shared(),
                () -> "the store '" + store().traits().name() + "' is not shared");
    }

    final void assumeProcessClock() {
        assumeTrue(
                !store().traits().storeClock(),
                () -> "the store '" + store().traits().name() + "' follows its own clock");
    }

    // ---- time

    /** A time to live that a test can wait for. */
    final long shortTtl() {
        return store().traits().storeClock() ? 250 : 60_000;
    }

    /** Returns the time by the ledger's clock. */
    final long now() {
        Operation inspect = new Operation.Inspect(CLOCK_SCOPE, null);
        Outcome outcome = ask(inspect);
        if (outcome instanceof Outcome.Rejected) {
            ask(new Operation.Define(new ScopeDefinition(CLOCK_SCOPE, null, List.of()), false));
            outcome = ask(inspect);
        }
        return ((Outcome.Inspected) outcome).at();
    }

    /** Lets time pass by the ledger's clock. */
    final void elapse(long millis) {
        if (store().traits().storeClock()) {
            long until = now() + millis;
            await("the ledger's clock to pass " + Instant.ofEpochMilli(until), () -> now() >= until);
        } else {
            clock.advance(Duration.ofMillis(millis));
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("waited " + PATIENCE + " for " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    // ---- asking

    final Outcome ask(Operation operation) {
        return ask(store(), operation);
    }

    final Outcome ask(LedgerStore through, Operation operation) {
        Outcome outcome = through.apply(operation);
        remember(outcome);
        return outcome;
    }

    final List<Outcome> askAll(List<Operation> batch) {
        List<Outcome> outcomes = store().apply(batch);
        assertThat(outcomes).as("one outcome for each operation").hasSameSizeAs(batch);
        outcomes.forEach(this::remember);
        return outcomes;
    }

    private void remember(Outcome outcome) {
        synchronized (told) {
            told.addAll(outcome.notices());
        }
    }

    /** Returns the notices of a kind that any outcome of this test has told so far. */
    final <T extends Notice> List<T> told(Class<T> kind) {
        synchronized (told) {
            return told.stream().filter(kind::isInstance).map(kind::cast).toList();
        }
    }

    static <T extends Outcome> T expect(Class<T> kind, Outcome outcome) {
        assertThat(outcome).isInstanceOf(kind);
        return kind.cast(outcome);
    }

    final <T extends Outcome> T expect(Class<T> kind, Operation operation) {
        Outcome outcome = ask(operation);
        assertThat(outcome).as("%s", operation).isInstanceOf(kind);
        return kind.cast(outcome);
    }

    final void expectRejected(Rejection reason, Operation operation) {
        assertThat(expect(Outcome.Rejected.class, operation).reason())
                .as("%s", operation)
                .isEqualTo(reason);
    }

    // ---- operations

    /** Defines a scope with these limits and with those that the audit reads. */
    final void define(String name, @Nullable String parent, Limit... limits) {
        Operation.Define define = definition(name, parent, false, limits);
        Outcome.Done done = expect(Outcome.Done.class, define);
        assertThat(done.changed()).as("%s", define).isTrue();
    }

    final void redefine(String name, @Nullable String parent, Limit... limits) {
        expect(Outcome.Done.class, definition(name, parent, true, limits));
    }

    final Operation.Define definition(String name, @Nullable String parent, boolean replace, Limit... limits) {
        return new Operation.Define(audit.definition(name, parent, List.of(limits)), replace);
    }

    /** Defines a scope with these limits only, which the audit leaves out. */
    final void defineBare(String name, @Nullable String parent, Limit... limits) {
        expect(Outcome.Done.class, new Operation.Define(new ScopeDefinition(name, parent, List.of(limits)), false));
    }

    static Operation.Reserve reserving(OperationId id, String scope, Amounts amounts) {
        return reserving(id, scope, null, MODEL, amounts);
    }

    static Operation.Reserve reserving(
            OperationId id, String scope, @Nullable String session, String model, Amounts amounts) {
        return new Operation.Reserve(id, scope, session, model, amounts, HOUR, OnExpiry.CHARGE, Detail.NONE);
    }

    static Operation.Reserve reserving(String scope, long tokens) {
        return reserving(OperationId.made(), scope, tokens(tokens));
    }

    static Operation.Reserve reserving(String scope, long tokens, long ttl, OnExpiry onExpiry) {
        return new Operation.Reserve(
                OperationId.made(), scope, null, MODEL, tokens(tokens), ttl, onExpiry, Detail.NONE);
    }

    static Operation.Commit committing(String scope, String hold, long tokens) {
        return new Operation.Commit(scope, hold, tokens(tokens), false, Detail.NONE);
    }

    static Operation.Book booking(String scope, long tokens) {
        return booking(OperationId.made(), scope, tokens(tokens));
    }

    static Operation.Book booking(OperationId id, String scope, Amounts amounts) {
        return new Operation.Book(id, scope, null, MODEL, amounts, Detail.NONE);
    }

    /** Reserves and returns the hold. */
    final String held(String scope, long tokens) {
        return expect(Outcome.Held.class, reserving(scope, tokens)).holdId();
    }

    /** Reserves for a time that a test can wait for, and returns the hold. */
    final String heldBriefly(String scope, long tokens, OnExpiry onExpiry) {
        return expect(Outcome.Held.class, reserving(scope, tokens, shortTtl(), onExpiry))
                .holdId();
    }

    final Outcome.Denied denied(String scope, long tokens) {
        return expect(Outcome.Denied.class, reserving(scope, tokens));
    }

    final Outcome.Settled commit(String scope, String hold, long tokens) {
        return expect(Outcome.Settled.class, committing(scope, hold, tokens));
    }

    final Outcome.Settled release(String scope, String hold) {
        return expect(Outcome.Settled.class, new Operation.Release(scope, hold));
    }

    final Outcome.Booked book(String scope, long tokens) {
        return expect(Outcome.Booked.class, booking(scope, tokens));
    }

    static Amounts tokens(long tokens) {
        return new Amounts(0, tokens, 0, 1);
    }

    static OperationId id(String id) {
        return OperationId.given(id);
    }

    // ---- reading

    final Outcome.Inspected inspect(String scope) {
        return inspect(scope, null);
    }

    final Outcome.Inspected inspect(String scope, @Nullable String session) {
        return expect(Outcome.Inspected.class, new Operation.Inspect(scope, session));
    }

    /** Returns how the hard limit of a scope stands that is its only one. */
    final LimitState state(String scope) {
        List<LimitState> hard = inspect(scope).limits().stream()
                .filter(state -> state.scope().equals(scope) && state.limit().hard())
                .toList();
        assertThat(hard).as("hard limits of %s", scope).hasSize(1);
        return hard.get(0);
    }

    final LimitState state(String scope, Limit limit) {
        return state(scope, null, limit);
    }

    final LimitState state(String scope, @Nullable String session, Limit limit) {
        List<LimitState> found = inspect(scope, session).limits().stream()
                .filter(state -> state.scope().equals(scope) && state.limit().equals(limit))
                .toList();
        assertThat(found).as("%s in %s", limit, scope).hasSize(1);
        return found.get(0);
    }

    /** Checks what the only hard limit of a scope has committed and held. */
    final void assertCounted(String scope, long committed, long held) {
        LimitState state = state(scope);
        assertThat(List.of(state.committed(), state.held()))
                .as("committed and held of %s", state)
                .isEqualTo(List.of(committed, held));
    }

    final List<Entry> entries() {
        return LedgerAudit.entries(store());
    }

    final List<Entry> entries(String scope) {
        return entries().stream().filter(entry -> entry.scope().equals(scope)).toList();
    }

    // ---- threads

    /** A part of a race; it may throw whatever it likes. */
    interface Racer {
        void run(int thread) throws Exception;
    }

    /** Starts threads at once, waits for them and hands on the first failure. */
    static void race(int threads, Racer racer) {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch start = new CountDownLatch(threads);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                running.add(executor.submit(() -> {
                    start.countDown();
                    start.await();
                    racer.run(thread);
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get(4 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (java.util.concurrent.ExecutionException failure) {
            throw new AssertionError("a thread of the race failed: " + failure.getCause(), failure.getCause());
        } catch (TimeoutException late) {
            throw new AssertionError("a thread of the race did not end", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        } finally {
            executor.shutdownNow();
        }
    }
}
