package io.holdfast;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The budget, and mostly the session, that the work of a thread is charged to: bound where a request comes in, found where
 * a model is called, however deep. A binding lasts as long as the task it is bound for and is visible to its thread alone,
 * save where a task is wrapped to take it along. Immutable.
 *
 * <pre>{@code
 * BudgetContext.run(alice.session("ticket-1"), () -> agent.answer(ticket));
 * // deep in the agent:
 * try (Reservation hold = BudgetContext.bound().reserve(Call.to("claude-sonnet-4-5").input(812))) { … }
 * }</pre>
 */
public final class BudgetContext {
    private static final ThreadLocal<@Nullable BudgetContext> BOUND = new ThreadLocal<>();

    private final Budget budget;
    private final @Nullable BudgetSession session;

    private BudgetContext(Budget budget, @Nullable BudgetSession session) {
        this.budget = budget;
        this.session = session;
    }

    /**
     * Runs a task whose calls are charged to a session.
     *
     * @param session the session
     * @param task the task
     */
    public static void run(BudgetSession session, Runnable task) {
        of(session).within(task);
    }

    /**
     * Runs a task whose calls are charged to a budget, outside any session.
     *
     * @param budget the budget
     * @param task the task
     */
    public static void run(Budget budget, Runnable task) {
        of(budget).within(task);
    }

    /**
     * Runs a task whose calls are charged to a session.
     *
     * @param session the session
     * @param task the task
     * @param <T> its result
     * @return its result
     * @throws Exception if the task throws it
     */
    public static <T extends @Nullable Object> T call(BudgetSession session, Callable<T> task) throws Exception {
        return of(session).within(task);
    }

    /**
     * Runs a task whose calls are charged to a budget, outside any session.
     *
     * @param budget the budget
     * @param task the task
     * @param <T> its result
     * @return its result
     * @throws Exception if the task throws it
     */
    public static <T extends @Nullable Object> T call(Budget budget, Callable<T> task) throws Exception {
        return of(budget).within(task);
    }

    /**
     * Returns what is bound here.
     *
     * @return the binding of the innermost task of this thread
     * @throws NoBudgetBoundException if there is none
     */
    public static BudgetContext bound() {
        BudgetContext context = BOUND.get();
        if (context == null) {
            throw new NoBudgetBoundException(Thread.currentThread().getName());
        }
        return context;
    }

    /**
     * Returns what is bound here, if anything is.
     *
     * @return the binding of the innermost task of this thread
     */
    public static Optional<BudgetContext> ifBound() {
        return Optional.ofNullable(BOUND.get());
    }

    /**
     * Makes a task take along what is bound here now, to whatever thread it runs on. As a method reference it is a task
     * decorator: {@code executor.setTaskDecorator(BudgetContext::wrap)}.
     *
     * @param task the task
     * @return the task under the binding, or the task itself where nothing is bound
     */
    public static Runnable wrap(Runnable task) {
        BudgetContext context = BOUND.get();
        return context == null ? task : () -> context.within(task);
    }

    /**
     * Makes a task take along what is bound here now, to whatever thread it runs on.
     *
     * @param task the task
     * @param <T> its result
     * @return the task under the binding, or the task itself where nothing is bound
     */
    public static <T extends @Nullable Object> Callable<T> wrap(Callable<T> task) {
        BudgetContext context = BOUND.get();
        return context == null ? task : () -> context.within(task);
    }

    /**
     * Makes a supplier take along what is bound here now, for {@code CompletableFuture.supplyAsync} and the like.
     *
     * @param supplier the supplier
     * @param <T> its result
     * @return the supplier under the binding, or the supplier itself where nothing is bound
     */
    public static <T extends @Nullable Object> Supplier<T> wrapSupplier(Supplier<T> supplier) {
        BudgetContext context = BOUND.get();
        return context == null ? supplier : () -> context.supply(supplier);
    }

    /**
     * Makes an executor whose tasks take along what is bound where they are handed in.
     *
     * @param executor runs the tasks
     * @return an executor in front of it
     */
    public static Executor wrapExecutor(Executor executor) {
        return task -> executor.execute(wrap(task));
    }

    /**
     * Makes a thread factory whose threads begin with what is bound where they are made; for virtual threads, of which
     * each runs one task.
     *
     * @param threads makes the threads
     * @return a factory in front of it
     */
    public static ThreadFactory wrapThreads(ThreadFactory threads) {
        return task -> threads.newThread(wrap(task));
    }

    /**
     * Returns the budget that pays.
     *
     * @return the budget
     */
    public Budget budget() {
        return budget;
    }

    /**
     * Returns the session that pays.
     *
     * @return the session, unless only a budget was bound
     */
    public Optional<BudgetSession> session() {
        return Optional.ofNullable(session);
    }

    /**
     * Holds for a call of the session, or of the budget where no session is bound.
     *
     * @param call the call
     * @return the handle to settle it with
     * @throws BudgetExceededException if a limit has no room
     */
    public Reservation reserve(Call call) {
        return session == null ? budget.reserve(call) : session.reserve(call);
    }

    /**
     * Holds as {@link #reserve(Call)} does, with a refusal as a value and without keeping a delay.
     *
     * @param call the call
     * @return the handle to settle it with, or why not
     */
    public Decision<Reservation> tryReserve(Call call) {
        return session == null ? budget.tryReserve(call) : session.tryReserve(call);
    }

    private static BudgetContext of(BudgetSession session) {
        return new BudgetContext(session.budget(), session);
    }

    private static BudgetContext of(Budget budget) {
        return new BudgetContext(budget, null);
    }

    private void within(Runnable task) {
        BudgetContext outer = bind();
        try {
            task.run();
        } finally {
            restore(outer);
        }
    }

    private <T extends @Nullable Object> T within(Callable<T> task) throws Exception {
        BudgetContext outer = bind();
        try {
            return task.call();
        } finally {
            restore(outer);
        }
    }

    private <T extends @Nullable Object> T supply(Supplier<T> supplier) {
        BudgetContext outer = bind();
        try {
            return supplier.get();
        } finally {
            restore(outer);
        }
    }

    private @Nullable BudgetContext bind() {
        BudgetContext outer = BOUND.get();
        BOUND.set(this);
        return outer;
    }

    private static void restore(@Nullable BudgetContext outer) {
        if (outer == null) {
            BOUND.remove();
        } else {
            BOUND.set(outer);
        }
    }
}
