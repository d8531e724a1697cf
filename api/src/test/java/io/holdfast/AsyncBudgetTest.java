package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.pricing.UnknownModelException;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.StoreTraits;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that do not wait get the same answers, and whatever they cancel leaves nothing held. */
@DisplayName("A budget for callers that do not wait")
@Timeout(120)
class AsyncBudgetTest {
    private static final PriceBook PRICES = PriceBook.builtIn()
            .register(ModelPrice.of("acme", "lean").input("1").output("2").build());

    private final GatedStore store = new GatedStore();
    private final BudgetManager budgets = BudgetManager.builder()
            .store(store)
            .prices(PRICES)
            .deadline(Duration.ofSeconds(60))
            .sweepEvery(Duration.ofHours(1))
            .build();
    private final AsyncBudget alice = alice();

    /** Gathers callers into batches as a store on disk does, and carries out a batch only when it may. */
    private static final class GatedStore extends ForwardingLedgerStore {
        private final Semaphore gate = new Semaphore(1);

        GatedStore() {
            super(LedgerStores.open("memory:"));
        }

        @Override
        public StoreTraits traits() {
            StoreTraits traits = super.traits();
            return new StoreTraits("gated", traits.durability(), false, false, true);
        }

        @Override
        public List<Outcome> apply(List<Operation> batch) {
            gate.acquireUninterruptibly();
            try {
                return super.apply(batch);
            } finally {
                gate.release();
            }
        }
    }

    private AsyncBudget alice() {
        budgets.register(BudgetScope.named("alice")
                .limit(Limit.cost(Usd.of("10"), Window.lifetime()))
                .build());
        return budgets.budget("alice").async();
    }

    @AfterEach
    void close() {
        budgets.close();
        store.close();
    }

    private static Call dollars(long dollars) {
        return Call.to("lean").exactly(Usage.of(dollars * 1_000_000, 0));
    }

    private static Usage usage(long dollars) {
        return Usage.of(dollars * 1_000_000, 0);
    }

    private BudgetSummary summary() throws Exception {
        return alice.summary().get();
    }

    private String committed() throws Exception {
        return Usd.ofNanos(summary().limits().get(0).committed()).toString();
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void awaitNothingHeld() {
        await(() -> budgets.budget("alice").summary().openHolds() == 0);
    }

    private static Throwable failure(CompletableFuture<?> future) {
        try {
            return new AssertionError("no failure but " + future.get());
        } catch (ExecutionException failed) {
            return failed.getCause();
        } catch (CancellationException | InterruptedException failed) {
            return failed;
        }
    }

    @Test
    @DisplayName("gets the same answers as one that waits")
    void answers() throws Exception {
        assertThat(alice.scope()).isEqualTo("alice");
        assertThat(alice.check(dollars(11)).get().allowed()).isFalse();
        Reservation hold = alice.reserve(dollars(6)).get();
        assertThat(alice.tryReserve(dollars(6)).get().allowed()).isFalse();
        assertThat(failure(alice.reserve(dollars(6)))).isInstanceOf(BudgetExceededException.class);
        assertThat(hold.commitAsync(usage(5)).get().cost()).isEqualTo(Usd.of("5"));
        assertThat(failure(hold.commitAsync(usage(4)))).isInstanceOf(HoldException.class);
        Reservation second = alice.reserve(dollars(1)).get();
        second.releaseAsync().get();
        Reservation third = alice.reserve(dollars(2)).get();
        third.closeAsync().get();
        third.closeAsync().get();
        assertThat(alice.record(Call.to("lean"), usage(4)).get().allowed()).isFalse();
        assertThat(committed()).isEqualTo("11.00");
        assertThat(summary().openHolds()).isZero();
    }

    @Test
    @DisplayName("is told of bad input by its future, as what it is")
    void badInput() {
        assertThat(failure(alice.reserve(Call.to("nobody-knows").input(1).maxOutput(1))))
                .isInstanceOf(UnknownModelException.class);
        assertThat(failure(alice.reserve(Call.to("nobody-knows").input(1))))
                .isInstanceOf(io.holdfast.error.InvalidInputException.class);
        assertThat(failure(budgets.budget("eve").async().summary())).isInstanceOf(UnknownScopeException.class);
        budgets.close();
        assertThat(failure(alice.summary())).isInstanceOf(io.holdfast.spi.StoreException.class);
    }

    @Test
    @DisplayName("hears that a slow store did not answer in time")
    void deadline() {
        store.gate.acquireUninterruptibly();
        try (BudgetManager hasty = BudgetManager.builder()
                .store(store)
                .prices(PRICES)
                .deadline(Duration.ofMillis(20))
                .build()) {
            CompletableFuture<Reservation> late = hasty.budget("alice").async().reserve(dollars(1));
            assertThat(failure(late)).isInstanceOf(AmbiguousOutcomeException.class);
            store.gate.release();
        }
    }

    @Test
    @DisplayName("parks no thread while a thousand calls wait for the store")
    void parksNoThread() {
        Set<Thread> before = threadsAtWork();
        store.gate.acquireUninterruptibly();
        List<CompletableFuture<Reservation>> asked = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            asked.add(alice.reserve(Call.to("lean").exactly(Usage.of(1, 0))));
        }
        assertThat(asked).noneMatch(CompletableFuture::isDone);
        await(() -> store.gate.hasQueuedThreads());
        Set<Thread> waiting = threadsAtWork();
        waiting.removeAll(before);
        assertThat(waiting)
                .as("only the one thread that talks to the store is in the library")
                .extracting(Thread::getName)
                .isSubsetOf("holdfast-ledger-gated");
        assertThat(CompletableFuture.supplyAsync(() -> "free").join())
                .as("the common pool is free")
                .isEqualTo("free");
        store.gate.release();
        asked.forEach(CompletableFuture::join);
        asked.forEach(done -> done.join().releaseAsync().join());
        awaitNothingHeld();
    }

    /** Returns the threads that run something of this library, save this one. */
    private static Set<Thread> threadsAtWork() {
        Set<Thread> threads = new HashSet<>();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            boolean here =
                    Arrays.stream(stack).anyMatch(frame -> frame.getClassName().startsWith("io.holdfast."));
            if (here && thread != Thread.currentThread()) {
                threads.add(thread);
            }
        });
        return threads;
    }

    @Test
    @DisplayName("leaves nothing held after ten thousand cancelled calls, wherever they were")
    void cancelled() {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Random random = new Random(seed);
        CompletableFuture<Usage> never = new CompletableFuture<>();
        List<CompletableFuture<?>> futures = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            Call call = Call.to("lean").exactly(Usage.of(1, 0));
            CompletableFuture<?> future = random.nextBoolean()
                    ? alice.reserve(call)
                    : alice.call(call, hold -> never.copy(), answer -> answer);
            futures.add(future);
            if (random.nextInt(4) == 0) {
                await(() -> future.isDone() || random.nextInt(3) == 0);
            }
            if (!future.cancel(true) && future.getNow(null) instanceof Reservation mine) {
                mine.releaseAsync().join();
            }
        }
        assertThat(futures).as("seed %d", seed).allMatch(CompletableFuture::isDone);
        awaitNothingHeld();
        assertThat(store.verify().differences()).as("seed %d", seed).isEmpty();
    }

    @Test
    @DisplayName("keeps a delay without a thread, and gives back what is cancelled in it")
    void delayed() throws Exception {
        budgets.register(BudgetScope.named("slow")
                .limit(Limit.cost(Usd.of("10"), Window.lifetime()).throttleAt(Usd.of("1"), Duration.ofMillis(50)))
                .build());
        AsyncBudget slow = budgets.budget("slow").async();
        Reservation hold = slow.reserve(dollars(2)).get();
        assertThat(hold.delay()).isEqualTo(Duration.ofMillis(50));
        hold.commitAsync(usage(2)).get();
        budgets.replace(BudgetScope.named("slow")
                .limit(Limit.cost(Usd.of("10"), Window.lifetime()).throttleAt(Usd.of("1"), Duration.ofHours(1)))
                .build());
        CompletableFuture<Reservation> waiting = slow.reserve(dollars(2));
        await(() -> budgets.budget("slow").summary().openHolds() == 1);
        assertThat(waiting.isDone()).isFalse();
        waiting.cancel(false);
        await(() -> budgets.budget("slow").summary().openHolds() == 0);
    }

    @Test
    @DisplayName("keeps nothing of a call that is cancelled in its delay, however long that was")
    void delayGivenUp() throws Exception {
        budgets.register(BudgetScope.named("slow")
                .limit(Limit.cost(Usd.of("10"), Window.lifetime()).throttleAt(Usd.of("1"), Duration.ofHours(24)))
                .build());
        CompletableFuture<Reservation> waiting = budgets.budget("slow").async().reserve(dollars(2));
        await(() -> budgets.budget("slow").summary().openHolds() == 1);
        waiting.cancel(false);
        await(() -> budgets.budget("slow").summary().openHolds() == 0);
        WeakReference<CompletableFuture<Reservation>> kept = new WeakReference<>(waiting);
        waiting = null;
        await(() -> {
            System.gc();
            return kept.get() == null;
        });
    }

    @Test
    @DisplayName("books what a call used, and the estimate of one that failed after it was begun")
    void calls() throws Exception {
        assertThat(alice.call(dollars(3), hold -> CompletableFuture.completedFuture("answer"), answer -> usage(2))
                        .get())
                .isEqualTo("answer");
        assertThat(committed()).isEqualTo("2.00");
        IllegalStateException broken = new IllegalStateException("connection reset");
        assertThat(failure(alice.call(dollars(3), hold -> CompletableFuture.failedFuture(broken), answer -> usage(0))))
                .isSameAs(broken);
        assertThat(committed()).isEqualTo("5.00");
        assertThat(failure(alice.call(
                        dollars(1),
                        hold -> {
                            throw broken;
                        },
                        answer -> usage(0))))
                .isSameAs(broken);
        assertThat(committed()).isEqualTo("6.00");
        assertThat(failure(alice.call(dollars(1), hold -> CompletableFuture.completedFuture(""), answer -> {
                    throw broken;
                })))
                .isSameAs(broken);
        assertThat(committed()).isEqualTo("7.00");
        assertThat(failure(alice.call(dollars(9), hold -> CompletableFuture.completedFuture(""), answer -> usage(0))))
                .isInstanceOf(BudgetExceededException.class);
        assertThat(summary().openHolds()).isZero();
    }

    @Test
    @DisplayName("books the estimate of a call that is cancelled under way, and stops it")
    void cancelledUnderWay() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> call = alice.call(
                dollars(3),
                hold -> {
                    begun.countDown();
                    return work;
                },
                answer -> usage(1));
        begun.await();
        await(() -> call.getNumberOfDependents() > 1);
        call.cancel(true);
        awaitNothingHeld();
        assertThat(work.isCancelled()).isTrue();
        assertThat(committed()).isEqualTo("3.00");
        assertThatThrownBy(call::join).isInstanceOf(CancellationException.class);
    }

    @Test
    @DisplayName(
            "books the estimate of a call whose caller's time is over, stops it, and books one that ends first as it is")
    void timedOut() throws Exception {
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> call = alice.call(dollars(3), hold -> work, answer -> usage(1));
        await(() -> call.getNumberOfDependents() > 1);
        assertThat(failure(call.orTimeout(1, TimeUnit.MILLISECONDS))).isInstanceOf(TimeoutException.class);
        awaitNothingHeld();
        assertThat(work.isCancelled()).isTrue();
        assertThat(committed()).isEqualTo("3.00");
        CompletableFuture<String> reserved = new CompletableFuture<>();
        CompletableFuture<String> answered = alice.call(dollars(3), hold -> reserved, answer -> usage(1));
        await(() -> answered.getNumberOfDependents() > 1);
        reserved.complete("answer");
        assertThat(answered.get()).isEqualTo("answer");
        assertThat(answered.cancel(true)).isFalse();
        assertThat(committed()).isEqualTo("4.00");
    }

    @Test
    @DisplayName("gives back a hold that comes after its caller's time is over")
    void timedOutBefore() {
        store.gate.acquireUninterruptibly();
        CompletableFuture<Reservation> late = alice.reserve(dollars(3)).orTimeout(1, TimeUnit.MILLISECONDS);
        CompletableFuture<Decision<Reservation>> later =
                alice.tryReserve(dollars(3)).orTimeout(1, TimeUnit.MILLISECONDS);
        assertThat(failure(late)).isInstanceOf(TimeoutException.class);
        assertThat(failure(later)).isInstanceOf(TimeoutException.class);
        store.gate.release();
        await(() -> store.verify().replayed() >= 5);
        awaitNothingHeld();
    }

    @Test
    @DisplayName("answers and settles whatever the call or the reading of its answer throws")
    void errors() throws Exception {
        NoClassDefFoundError broken = new NoClassDefFoundError("on purpose");
        assertThat(failure(alice.call(
                        dollars(1),
                        hold -> {
                            throw broken;
                        },
                        answer -> usage(0))))
                .isSameAs(broken);
        assertThat(failure(alice.call(dollars(1), hold -> CompletableFuture.completedFuture(""), answer -> {
                    throw broken;
                })))
                .isSameAs(broken);
        assertThat(summary().openHolds()).isZero();
        assertThat(committed()).isEqualTo("2.00");
    }

    @Test
    @DisplayName("gets every answer, and leaks no hold, where its executor is full")
    void fullExecutor() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        try (BudgetManager busy = BudgetManager.builder()
                .store(store)
                .prices(PRICES)
                .executor(task -> {
                    refused.incrementAndGet();
                    throw new RejectedExecutionException("full, on purpose");
                })
                .build()) {
            AsyncBudget full = busy.budget("alice").async();
            Reservation hold = full.reserve(dollars(3)).get();
            assertThat(hold.commitAsync(usage(2)).get().cost()).isEqualTo(Usd.of("2"));
            busy.replace(BudgetScope.named("alice")
                    .limit(Limit.cost(Usd.of("10"), Window.lifetime()).throttleAt(Usd.of("1"), Duration.ofMillis(1)))
                    .build());
            full.reserve(dollars(3)).get().releaseAsync().get();
        }
        assertThat(refused).hasPositiveValue();
        assertThat(summary().openHolds()).isZero();
    }
}
