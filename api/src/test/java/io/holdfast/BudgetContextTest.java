package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.unit.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Code deep in a request finds whose money it spends, on its own thread and on those its work is handed to. */
@DisplayName("A bound budget")
@Timeout(60)
class BudgetContextTest {
    private final BudgetManager budgets = BudgetManager.builder().build();
    private final ExecutorService pool = Executors.newSingleThreadExecutor();
    private final Budget alice = budget("alice");
    private final Budget bob = budget("bob");

    private Budget budget(String name) {
        budgets.register(BudgetScope.named(name)
                .maxCostPerSession("10.00")
                .maxCostPerDay("10.00")
                .build());
        return budgets.budget(name);
    }

    @AfterEach
    void close() {
        pool.shutdownNow();
        budgets.close();
    }

    private static String here() {
        return BudgetContext.ifBound()
                .map(context -> context.budget().scope()
                        + context.session().map(session -> "/" + session.id()).orElse(""))
                .orElse("nobody");
    }

    @Test
    @DisplayName("is found within its task, by the innermost binding, and nowhere else")
    void nests() throws Exception {
        assertThat(here()).isEqualTo("nobody");
        BudgetContext.run(alice.session("one"), () -> {
            assertThat(here()).isEqualTo("alice/one");
            BudgetContext.run(bob, () -> assertThat(here()).isEqualTo("bob"));
            assertThat(here()).isEqualTo("alice/one");
        });
        assertThat(BudgetContext.call(bob.session("two"), BudgetContextTest::here))
                .isEqualTo("bob/two");
        assertThat(BudgetContext.call(bob, BudgetContextTest::here)).isEqualTo("bob");
        assertThat(here()).isEqualTo("nobody");
    }

    @Test
    @DisplayName("ends with its task, also when that throws")
    void ends() {
        assertThatThrownBy(() -> BudgetContext.call(alice, () -> {
                    throw new IOException("broken");
                }))
                .isInstanceOf(IOException.class);
        assertThat(here()).isEqualTo("nobody");
        assertThatThrownBy(BudgetContext::bound)
                .isInstanceOf(NoBudgetBoundException.class)
                .hasMessageContaining(Thread.currentThread().getName());
    }

    @Test
    @DisplayName("pays for the calls made under it")
    void pays() {
        Call call = Call.to("claude-sonnet-4-5").input(1_000).maxOutput(1_000);
        BudgetContext.run(
                alice.session("one"), () -> BudgetContext.bound().reserve(call).commit(Usage.of(1_000, 10)));
        assertThat(alice.session("one").remaining().orElseThrow().toString()).isEqualTo("9.99685");
        Decision<Reservation> refused =
                supply(bob.session("two"), () -> BudgetContext.bound().tryReserve(call.choices(1_000)));
        assertThat(refused.allowed()).isFalse();
        BudgetContext.run(
                budgets.budget("eve"),
                () -> assertThatThrownBy(() -> BudgetContext.bound().reserve(call))
                        .isInstanceOf(UnknownScopeException.class));
    }

    private static <T> T supply(BudgetSession session, Supplier<T> work) {
        AtomicReference<T> result = new AtomicReference<>();
        BudgetContext.run(session, () -> result.set(work.get()));
        return result.get();
    }

    @Test
    @DisplayName("goes along with wrapped tasks, and stays off a thread of a pool afterwards")
    void travels() throws Exception {
        Callable<String> look = BudgetContextTest::here;
        assertThat(pool.submit(look).get()).isEqualTo("nobody");
        Callable<String> wrapped = BudgetContext.call(alice.session("one"), () -> BudgetContext.wrap(look));
        assertThat(pool.submit(wrapped).get()).isEqualTo("alice/one");
        assertThat(pool.submit(look).get()).isEqualTo("nobody");
        Supplier<String> supplier = BudgetContext.call(bob, () -> BudgetContext.wrapSupplier(BudgetContextTest::here));
        assertThat(CompletableFuture.supplyAsync(supplier, pool).get()).isEqualTo("bob");
        AtomicReference<String> seen = new AtomicReference<>();
        Runnable task = () -> seen.set(here());
        Runnable carried = BudgetContext.call(alice, () -> BudgetContext.wrap(task));
        pool.submit(carried).get();
        assertThat(seen).hasValue("alice");
        assertThat(BudgetContext.wrap(task)).isSameAs(task);
        assertThat(BudgetContext.wrap(look)).isSameAs(look);
    }

    @Test
    @DisplayName("goes along through an executor and a thread factory")
    void executors() throws Exception {
        CompletableFuture<String> executed = BudgetContext.call(
                alice.session("one"),
                () -> CompletableFuture.supplyAsync(
                        BudgetContextTest::here, BudgetContext.wrapExecutor(pool::execute)));
        assertThat(executed.get()).isEqualTo("alice/one");
        AtomicReference<Optional<BudgetSession>> seen = new AtomicReference<>();
        Thread thread = BudgetContext.call(
                bob.session("two"),
                () -> BudgetContext.wrapThreads(Executors.defaultThreadFactory())
                        .newThread(() -> seen.set(BudgetContext.bound().session())));
        thread.start();
        thread.join();
        assertThat(seen.get().orElseThrow().id()).isEqualTo("two");
    }

    /** Virtual threads are there from Java 21 on. */
    private static ThreadFactory virtualThreads() throws ReflectiveOperationException {
        assumeTrue(Runtime.version().feature() >= 21, "there are no virtual threads");
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        return (ThreadFactory)
                Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    }

    @Test
    @DisplayName("goes along to virtual threads, each with the binding of who started it")
    void virtual() throws Exception {
        ThreadFactory threads = BudgetContext.wrapThreads(virtualThreads());
        Map<Integer, String> seen = new ConcurrentHashMap<>();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            int number = i;
            BudgetContext.run((i % 2 == 0 ? alice : bob).session("s" + i), () -> {
                Thread thread = threads.newThread(() -> seen.put(number, here()));
                thread.start();
                running.add(thread);
            });
        }
        for (Thread thread : running) {
            thread.join();
        }
        assertThat(seen).hasSize(1_000);
        seen.forEach((number, where) -> assertThat(where).isEqualTo((number % 2 == 0 ? "alice/s" : "bob/s") + number));
    }
}
