package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;

import io.holdfast.error.HoldfastException;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("Callers gathered into batches")
@Timeout(120)
class GroupCommitTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Operation SWEEP = new Operation.Sweep();

    private final FakeStore store = new FakeStore();

    /** Answers each inspection with a detail of its scope, so that every caller can tell its own answer. */
    private static final class FakeStore implements LedgerStore {
        final List<Integer> batches = new CopyOnWriteArrayList<>();
        final AtomicInteger carriedOut = new AtomicInteger();
        volatile CountDownLatch gate = new CountDownLatch(0);
        volatile CountDownLatch entered = new CountDownLatch(1);
        volatile Throwable failure;
        volatile UnaryOperator<List<Outcome>> answers = UnaryOperator.identity();
        volatile boolean takesTurns;

        @Override
        public StoreTraits traits() {
            return new StoreTraits("fake", Durability.NONE, false, false, true);
        }

        @Override
        public List<Outcome> apply(List<Operation> batch, Supplier<List<Operation>> more) {
            if (!takesTurns) {
                return apply(batch);
            }
            awaitTurn();
            List<Operation> all = new ArrayList<>(batch);
            all.addAll(more.get());
            all.addAll(more.get());
            return apply(all);
        }

        @Override
        public List<Outcome> apply(List<Operation> batch) {
            batches.add(batch.size());
            awaitTurn();
            return carryOut(batch);
        }

        private void awaitTurn() {
            entered.countDown();
            boolean waiting = true;
            while (waiting) {
                try {
                    gate.await();
                    waiting = false;
                } catch (InterruptedException interrupted) {
                    fail("the store's thread was interrupted");
                }
            }
        }

        private List<Outcome> carryOut(List<Operation> batch) {
            if (failure instanceof Error error) {
                throw error;
            } else if (failure != null) {
                throw (RuntimeException) failure;
            }
            carriedOut.addAndGet(batch.size());
            List<Outcome> outcomes = new ArrayList<>();
            for (Operation operation : batch) {
                outcomes.add(
                        operation instanceof Operation.Inspect inspect
                                ? new Outcome.Rejected(
                                        io.holdfast.spi.Rejection.UNKNOWN_SCOPE, inspect.scope(), "", List.of())
                                : new Outcome.Done(false, List.of()));
            }
            return answers.apply(outcomes);
        }

        @Override
        public void entries(Instant from, Instant to, Consumer<Entry> reader) {}

        @Override
        public void definitions(Consumer<ScopeDefinition> reader) {}

        @Override
        public Survey survey(Consumer<LimitState> reader) {
            return new Survey(0, 0, 0);
        }

        @Override
        public Verification verify() {
            return new Verification(0, 0, List.of());
        }

        @Override
        public void close() {}
    }

    private static Operation named(String name) {
        return new Operation.Inspect(name, null);
    }

    private static String name(Outcome outcome) {
        return ((Outcome.Rejected) outcome).subject();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("waited for " + LONG);
            }
            LockSupport.parkNanos(100_000);
        }
    }

    @Test
    @DisplayName("go on alone where nobody else comes")
    void alone() {
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            assertThat(name(group.apply(named("a")))).isEqualTo("a");
            assertThat(name(group.apply(named("b")))).isEqualTo("b");
        }
        assertThat(store.batches).containsExactly(1, 1);
    }

    @Test
    @DisplayName("gather while the store is busy, and go on together in order")
    void gather() throws Exception {
        store.gate = new CountDownLatch(1);
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            CompletableFuture<Outcome> first = group.submit(named("first"));
            store.entered.await();
            List<CompletableFuture<Outcome>> others = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                others.add(group.submit(named("n" + i)));
            }
            assertThat(first).isNotDone();
            store.gate.countDown();
            for (int i = 0; i < 100; i++) {
                assertThat(name(others.get(i).get())).isEqualTo("n" + i);
            }
            assertThat(store.batches).containsExactly(1, 100);
        }
    }

    @Test
    @DisplayName("go with a batch that waits for its turn, each with their own answer, and fail with it")
    void takeTheSameTurn() throws Exception {
        store.takesTurns = true;
        for (RuntimeException failure : Arrays.asList(null, new StoreException("disk full", null))) {
            store.gate = new CountDownLatch(1);
            store.entered = new CountDownLatch(1);
            store.failure = failure;
            try (GroupCommit group = new GroupCommit(store, LONG)) {
                List<CompletableFuture<Outcome>> all = new ArrayList<>(List.of(group.submit(named("n0"))));
                store.entered.await();
                for (int i = 1; i <= 100; i++) {
                    all.add(group.submit(named("n" + i)));
                }
                store.gate.countDown();
                for (int i = 0; i <= 100; i++) {
                    if (failure == null) {
                        assertThat(name(all.get(i).get())).isEqualTo("n" + i);
                    } else {
                        assertThatThrownBy(all.get(i)::get).hasRootCause(failure);
                    }
                }
            }
        }
        assertThat(store.batches).containsExactly(101, 101);
    }

    @Test
    @DisplayName("never make a batch larger than the largest, nor one that waits for its turn")
    void largestTurn() throws Exception {
        store.takesTurns = true;
        store.gate = new CountDownLatch(1);
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            group.submit(SWEEP);
            store.entered.await();
            CompletableFuture<Outcome> last = null;
            for (int i = 0; i < GroupCommit.LARGEST_BATCH; i++) {
                last = group.submit(SWEEP);
            }
            store.gate.countDown();
            last.get();
            assertThat(store.batches).containsExactly(GroupCommit.LARGEST_BATCH, 1);
        }
    }

    @Test
    @DisplayName("cannot tell what came of it where their time is over in a turn that they joined")
    void deadlineOfWhoJoined() throws Exception {
        store.takesTurns = true;
        store.gate = new CountDownLatch(1);
        CountDownLatch joined = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        store.answers = outcomes -> {
            joined.countDown();
            try {
                goOn.await();
            } catch (InterruptedException interrupted) {
                fail("the store's thread was interrupted");
            }
            return outcomes;
        };
        try (GroupCommit group = new GroupCommit(store, Duration.ofMillis(200))) {
            group.submit(SWEEP);
            store.entered.await();
            CompletableFuture<Outcome> late = group.submit(SWEEP);
            store.gate.countDown();
            joined.await();
            assertThat(store.batches).containsExactly(2);
            assertThatThrownBy(late::get).hasCauseInstanceOf(AmbiguousOutcomeException.class);
            goOn.countDown();
        }
        assertThat(store.carriedOut).hasValue(2);
    }

    @Test
    @DisplayName("never make a batch larger than the largest")
    void largestBatch() throws Exception {
        store.gate = new CountDownLatch(1);
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            group.submit(SWEEP);
            store.entered.await();
            CompletableFuture<Outcome> last = null;
            for (int i = 0; i < 2 * GroupCommit.LARGEST_BATCH + 1; i++) {
                last = group.submit(SWEEP);
            }
            store.gate.countDown();
            last.get();
            assertThat(store.batches).containsExactly(1, GroupCommit.LARGEST_BATCH, GroupCommit.LARGEST_BATCH, 1);
        }
    }

    @Test
    @DisplayName("get their outcome also when interrupted, and keep the interrupt")
    void interrupted() throws Exception {
        store.gate = new CountDownLatch(1);
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            Queue<Object> seen = new ConcurrentLinkedQueue<>();
            Thread caller = new Thread(() -> {
                seen.add(name(group.apply(named("a"))));
                seen.add(Thread.currentThread().isInterrupted());
            });
            caller.start();
            store.entered.await();
            caller.interrupt();
            await(() -> caller.getState() == Thread.State.WAITING);
            assertThat(seen).isEmpty();
            store.gate.countDown();
            caller.join();
            assertThat(seen).containsExactly("a", true);
        }
    }

    @Test
    @DisplayName("get their outcome where they come interrupted already")
    void interruptedBefore() {
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            Thread.currentThread().interrupt();
            assertThat(name(group.apply(named("a")))).isEqualTo("a");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    static List<RuntimeException> failures() {
        return List.of(
                new StoreException("disk full", null),
                new CorruptLedgerException("bad line", null),
                new AmbiguousOutcomeException("connection lost", null));
    }

    @ParameterizedTest
    @MethodSource("failures")
    @DisplayName("each get the store's failure as its own type, with their own stack")
    void failure(HoldfastException failure) throws Exception {
        store.gate = new CountDownLatch(1);
        store.failure = failure;
        Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Thread caller = new Thread(() -> {
                    try {
                        group.apply(SWEEP);
                    } catch (RuntimeException each) {
                        thrown.add(each);
                    }
                });
                caller.start();
                callers.add(caller);
            }
            store.gate.countDown();
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(thrown).hasSize(4).doesNotHaveDuplicates().allSatisfy(each -> {
                assertThat(each).isExactlyInstanceOf(failure.getClass()).hasMessage(failure.getMessage());
                assertThat(each.getCause()).isSameAs(failure);
            });
            store.failure = null;
            assertThat(group.apply(SWEEP)).isInstanceOf(Outcome.Done.class);
        }
    }

    static List<Throwable> accidents() {
        return List.of(
                new IllegalStateException("bug"), new ArithmeticException("overflow"), new OutOfMemoryError("heap"));
    }

    @ParameterizedTest
    @MethodSource("accidents")
    @DisplayName("cannot tell what came of it where the store fails in a way nobody foresaw, and go on")
    void accident(Throwable accident) {
        store.failure = accident;
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            assertThatThrownBy(() -> group.apply(SWEEP))
                    .isExactlyInstanceOf(AmbiguousOutcomeException.class)
                    .hasCause(accident);
            store.failure = null;
            assertThat(group.apply(SWEEP)).isInstanceOf(Outcome.Done.class);
        }
    }

    @Test
    @DisplayName("cannot tell what came of it where the store answers too little")
    void tooFewAnswers() {
        store.answers = outcomes -> List.of();
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            assertThatThrownBy(() -> group.apply(SWEEP)).isInstanceOf(AmbiguousOutcomeException.class);
        }
    }

    @Test
    @DisplayName("cannot tell what came of it where the store does not answer in time; the operation goes on")
    void deadline() {
        store.gate = new CountDownLatch(1);
        try (GroupCommit group = new GroupCommit(store, Duration.ofMillis(20))) {
            assertThatThrownBy(() -> group.apply(SWEEP)).isInstanceOf(AmbiguousOutcomeException.class);
            store.gate.countDown();
        }
        assertThat(store.carriedOut).hasValue(1);
    }

    @Test
    @DisplayName("each have their own time, also those who still wait in the queue, and those who come after a pause")
    void deadlines() {
        store.gate = new CountDownLatch(1);
        try (GroupCommit group = new GroupCommit(store, Duration.ofMillis(20))) {
            for (int pause = 0; pause < 3; pause++) {
                CompletableFuture<Outcome> first = group.submit(SWEEP);
                CompletableFuture<Outcome> second = group.submit(SWEEP);
                for (CompletableFuture<Outcome> late : List.of(second, first)) {
                    assertThatThrownBy(late::get).hasCauseInstanceOf(AmbiguousOutcomeException.class);
                }
                assertThatThrownBy(() -> group.apply(SWEEP)).isInstanceOf(AmbiguousOutcomeException.class);
            }
            store.gate.countDown();
        }
        assertThat(store.carriedOut).hasValue(9);
    }

    @Test
    @DisplayName("are woken also where the time of one before them in the batch is over, or nobody sleeps there")
    void sleepers() throws Exception {
        store.gate = new CountDownLatch(1);
        try (GroupCommit group = new GroupCommit(store, Duration.ofSeconds(3))) {
            CompletableFuture<Outcome> busy = group.submit(named("busy"));
            store.entered.await();
            Queue<Throwable> late = new ConcurrentLinkedQueue<>();
            Thread first = new Thread(() -> {
                try {
                    group.apply(named("first"));
                } catch (AmbiguousOutcomeException tooLate) {
                    late.add(tooLate);
                }
            });
            first.start();
            first.join();
            Queue<String> answers = new ConcurrentLinkedQueue<>();
            List<Thread> callers = new ArrayList<>();
            List<CompletableFuture<Void>> others = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String name = "n" + i;
                if (i % 8 == 7) {
                    others.add(group.submit(named(name)).thenAccept(outcome -> answers.add(name(outcome))));
                } else {
                    Thread caller = new Thread(() -> answers.add(name(group.apply(named(name)))));
                    caller.start();
                    await(() -> caller.getState() == Thread.State.WAITING);
                    callers.add(caller);
                }
            }
            store.gate.countDown();
            for (Thread caller : callers) {
                caller.join();
            }
            others.forEach(CompletableFuture::join);
            assertThat(busy).isCompletedExceptionally();
            assertThat(late).hasSize(1);
            assertThat(answers).hasSize(40).doesNotHaveDuplicates();
            assertThat(store.batches).containsExactly(1, 41);
        }
    }

    @Test
    @DisplayName("hear of a failure through their future")
    void failedFuture() {
        store.failure = new StoreException("disk full", null);
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            CompletableFuture<Outcome> future = group.submit(SWEEP);
            assertThatThrownBy(future::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseExactlyInstanceOf(StoreException.class);
        }
    }

    @Test
    @DisplayName("cannot spoil a neighbour's outcome by completing or cancelling their own future")
    void futuresAreCopies() throws Exception {
        store.gate = new CountDownLatch(1);
        try (GroupCommit group = new GroupCommit(store, LONG)) {
            CompletableFuture<Outcome> cancelled = group.submit(named("a"));
            CompletableFuture<Outcome> other = group.submit(named("b"));
            cancelled.cancel(true);
            store.gate.countDown();
            assertThat(name(other.get())).isEqualTo("b");
        }
        assertThat(store.carriedOut).hasValue(2);
    }

    @Test
    @DisplayName("are carried out before the end where they were under way, and refused after it")
    void closing() throws Exception {
        store.gate = new CountDownLatch(1);
        GroupCommit group = new GroupCommit(store, LONG);
        CompletableFuture<Outcome> busy = group.submit(named("busy"));
        store.entered.await();
        CompletableFuture<Outcome> waiting = group.submit(named("waiting"));
        Thread closer = new Thread(group::close);
        closer.start();
        await(() -> closer.getState() == Thread.State.WAITING);
        assertThatThrownBy(() -> group.submit(SWEEP)).isInstanceOf(StoreException.class);
        store.gate.countDown();
        closer.join();
        assertThat(name(busy.get())).isEqualTo("busy");
        assertThat(name(waiting.get())).isEqualTo("waiting");
        assertThatThrownBy(() -> group.apply(SWEEP)).isInstanceOf(StoreException.class);
        group.close();
    }

    @Test
    @DisplayName("may be the ones who close, in what follows from their outcome")
    void closingFromTheWriter() throws Exception {
        GroupCommit group = new GroupCommit(store, LONG);
        store.gate = new CountDownLatch(1);
        CompletableFuture<Void> closed = group.submit(SWEEP).thenRun(group::close);
        store.gate.countDown();
        closed.get(60, TimeUnit.SECONDS);
        assertThatThrownBy(() -> group.apply(SWEEP)).isInstanceOf(StoreException.class);
    }

    @Test
    @DisplayName("keep the interrupt of the one who closes")
    void interruptedClose() {
        GroupCommit group = new GroupCommit(store, LONG);
        Thread.currentThread().interrupt();
        group.close();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    @DisplayName("are never lost in the moment of closing, in many tries")
    void nobodyIsLostInTheMomentOfClosing() throws Exception {
        int threads = 6;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 3_000; round++) {
                GroupCommit group = new GroupCommit(store, LONG);
                CyclicBarrier together = new CyclicBarrier(threads + 1);
                List<Future<CompletableFuture<Outcome>>> asked = new ArrayList<>();
                for (int thread = 0; thread < threads; thread++) {
                    asked.add(executor.submit(() -> {
                        together.await();
                        try {
                            return group.submit(SWEEP);
                        } catch (StoreException closed) {
                            return CompletableFuture.failedFuture(closed);
                        }
                    }));
                }
                together.await();
                group.close();
                for (Future<CompletableFuture<Outcome>> each : asked) {
                    assertThat(each.get()).as("round %d", round).isDone();
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @RepeatedTest(5)
    @DisplayName("are never lost: 64 threads ask while another closes, and each is answered or refused")
    void nobodyIsLost() throws Exception {
        GroupCommit group = new GroupCommit(store, LONG);
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Queue<CompletableFuture<Outcome>> futures = new ConcurrentLinkedQueue<>();
        CountDownLatch started = new CountDownLatch(64);
        List<Thread> callers = new ArrayList<>();
        for (int thread = 0; thread < 64; thread++) {
            boolean waits = thread % 4 == 0;
            Thread caller = new Thread(() -> {
                started.countDown();
                try {
                    while (true) {
                        if (waits) {
                            group.apply(SWEEP);
                            answered.incrementAndGet();
                        } else {
                            futures.add(group.submit(SWEEP));
                            Thread.yield();
                        }
                    }
                } catch (StoreException closed) {
                    refused.incrementAndGet();
                }
            });
            caller.start();
            callers.add(caller);
        }
        started.await();
        group.close();
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(refused).hasValue(64);
        for (CompletableFuture<Outcome> future : futures) {
            assertThat(future).isDone();
            answered.addAndGet(future.isCompletedExceptionally() ? 0 : 1);
        }
        assertThat(answered.get()).isEqualTo(store.carriedOut.get());
    }
}
