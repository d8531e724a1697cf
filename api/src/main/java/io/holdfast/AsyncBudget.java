package io.holdfast;

import io.holdfast.error.HoldfastException;
import io.holdfast.spi.Operation;
import io.holdfast.unit.Usage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A budget, or one of its sessions, for callers that do not wait: no thread is parked for a call, whatever the store. Its
 * futures complete exceptionally with what the methods of {@link Budget} throw. A future that is cancelled before it
 * completes leaves nothing held.
 */
public final class AsyncBudget {
    private static final System.Logger LOG = System.getLogger(AsyncBudget.class.getName());

    private final Budget budget;
    private final @Nullable BudgetSession session;
    private final BudgetManager manager;

    /** Makes the handle of a budget, or of one of its sessions. */
    AsyncBudget(Budget budget, @Nullable BudgetSession session) {
        this.budget = budget;
        this.session = session;
        this.manager = budget.manager();
    }

    /**
     * Returns the scope that pays.
     *
     * @return its name
     */
    public String scope() {
        return budget.scope();
    }

    /**
     * Holds the most that a call can come to. Where the call is delayed, the future completes when the delay is over.
     *
     * @param call the call
     * @return completes with the handle to settle it with, or with {@link BudgetExceededException} and the other
     *     exceptions of {@link Budget#reserve}
     */
    public CompletableFuture<Reservation> reserve(Call call) {
        CompletableFuture<Reservation> answer = new CompletableFuture<>();
        CompletableFuture<Decision<Reservation>> asked = tryReserve(call);
        Futures.whenCancelled(answer, () -> asked.cancel(false));
        Futures.forward(asked, answer, decision -> {
            try {
                deliver(decision.orThrow(), answer);
            } catch (HoldfastException refused) {
                answer.completeExceptionally(refused);
            }
        });
        return answer;
    }

    /**
     * Holds as {@link #reserve(Call)} does, with a refusal as a value and without keeping the delay.
     *
     * @param call the call
     * @return completes with the handle to settle it with, or with why not
     */
    public CompletableFuture<Decision<Reservation>> tryReserve(Call call) {
        CompletableFuture<Decision<Reservation>> answer = new CompletableFuture<>();
        Asking asking;
        Function<Operation.Request, Operation> reserve;
        Call own;
        try {
            own = own(call);
            asking = new Asking(manager, budget.scope(), own);
            reserve = budget.reserve(own, asking);
        } catch (HoldfastException badInput) {
            return CompletableFuture.failedFuture(badInput);
        }
        Futures.forward(
                asking.submit(reserve).thenApply(outcome -> budget.reserved(own, asking, outcome)),
                answer,
                decision -> {
                    if (!answer.complete(decision) && decision instanceof Decision.Allowed<Reservation> allowed) {
                        giveBack(allowed.value());
                    }
                });
        return answer;
    }

    /**
     * Tells whether a call would be admitted now, as {@link Budget#check} does.
     *
     * @param call the call
     * @return completes with what it would meet, or why it would be refused
     */
    public CompletableFuture<Decision<Explanation>> check(Call call) {
        Asking asking;
        Call own;
        try {
            own = own(call);
            asking = new Asking(manager, budget.scope(), own);
        } catch (HoldfastException badInput) {
            return CompletableFuture.failedFuture(badInput);
        }
        return Futures.plain(asking.submit(Operation.Check::new)
                .thenApply(outcome -> budget.decided(own, budget.explained(asking, outcome))));
    }

    /**
     * Books a call that was made without a hold, as {@link Budget#record} does. Cancelling the future does not take the
     * booking back.
     *
     * @param call the call; its bounds do not matter
     * @param usage what it used
     * @return completes with what was booked, or which limits are now passed
     */
    public CompletableFuture<Decision<Charge>> record(Call call, Usage usage) {
        Operation.Book booking;
        try {
            booking = budget.booking(own(call), usage);
        } catch (HoldfastException badInput) {
            return CompletableFuture.failedFuture(badInput);
        }
        return Futures.plain(manager.submit(booking).thenApply(outcome -> budget.recorded(booking, outcome)));
    }

    /**
     * Returns how the scope stands, or the session and its scope.
     *
     * @return completes with every limit of the scope and its ancestors, as {@link Budget#summary()} or
     *     {@link BudgetSession#summary()} returns them
     */
    public CompletableFuture<BudgetSummary> summary() {
        Operation.Inspect inspect =
                session == null ? new Operation.Inspect(budget.scope(), null) : session.inspection();
        return Futures.plain(manager.submit(inspect).thenApply(budget::inspected));
    }

    /**
     * Reserves, makes the call, and commits what it used. A call that fails once it was begun is booked at its estimate,
     * because it may have been paid for. So is one that is given up meanwhile: cancelled, or completed by its caller in
     * another way, such as {@link CompletableFuture#orTimeout}. One that is given up before it is begun is not booked.
     *
     * @param call the call
     * @param work begins the call with the reservation, whose model and bounds it has to keep
     * @param usage reads from the answer what was used
     * @param <T> the answer
     * @return completes with the answer once its usage is booked
     */
    public <T> CompletableFuture<T> call(
            Call call, Function<Reservation, ? extends CompletionStage<T>> work, Function<? super T, Usage> usage) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        CompletableFuture<Reservation> reserving = reserve(call);
        Futures.whenCancelled(answer, () -> reserving.cancel(false));
        Futures.forward(reserving, answer, reservation -> begin(reservation, work, usage, answer));
        return answer;
    }

    /** Whoever comes first settles the call: the work that ends, or the caller who gives it up. */
    private static <T> void begin(
            Reservation reservation,
            Function<Reservation, ? extends CompletionStage<T>> work,
            Function<? super T, Usage> usage,
            CompletableFuture<T> answer) {
        if (answer.isDone()) {
            giveBack(reservation);
            return;
        }
        CompletableFuture<T> working = begun(reservation, work);
        AtomicBoolean settling = new AtomicBoolean();
        Futures.whenDone(answer, (value, givenUp) -> {
            if (settling.compareAndSet(false, true)) {
                working.cancel(true);
                bookEstimate(reservation);
            }
        });
        Futures.whenDone(working, (value, failure) -> {
            if (settling.compareAndSet(false, true)) {
                if (failure == null) {
                    commit(reservation, value, usage, answer);
                } else {
                    fail(reservation, Futures.unwrapped(failure), answer);
                }
            }
        });
    }

    private static <T> CompletableFuture<T> begun(
            Reservation reservation, Function<Reservation, ? extends CompletionStage<T>> work) {
        try {
            return work.apply(reservation).toCompletableFuture();
        } catch (Throwable failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    private static <T> void commit(
            Reservation reservation, T value, Function<? super T, Usage> usage, CompletableFuture<T> answer) {
        CompletableFuture<Charge> booking;
        try {
            booking = reservation.commitAsync(usage.apply(value));
        } catch (Throwable unreadable) {
            fail(reservation, unreadable, answer);
            return;
        }
        Futures.forward(booking, answer, booked -> answer.complete(value));
    }

    /** Books the estimate and then tells the caller what went wrong. */
    private static void fail(Reservation reservation, Throwable cause, CompletableFuture<?> answer) {
        Futures.whenDone(reservation.closeAsync(), (done, notBooked) -> {
            if (notBooked != null) {
                cause.addSuppressed(Futures.unwrapped(notBooked));
            }
            answer.completeExceptionally(cause);
        });
    }

    private Call own(Call call) {
        return session == null ? call : session.own(call);
    }

    private void deliver(Reservation reservation, CompletableFuture<Reservation> answer) {
        Duration delay = reservation.delay();
        Futures.whenDone(answer, (delivered, givenUp) -> {
            if (givenUp != null) {
                giveBack(reservation);
            }
        });
        if (delay.isZero()) {
            answer.complete(reservation);
            return;
        }
        // What is given up is taken off the timer, which would keep it for the whole delay.
        CompletableFuture<Reservation> timer = new CompletableFuture<Reservation>()
                .completeOnTimeout(reservation, delay.toNanos(), TimeUnit.NANOSECONDS);
        Futures.whenCancelled(answer, () -> timer.cancel(false));
        Futures.forward(timer.thenApplyAsync(Function.identity(), manager.executor()), answer, answer::complete);
    }

    /** A hold that stays where even that fails runs out by itself. */
    private static void giveBack(Reservation reservation) {
        Futures.whenDone(reservation.releaseAsync(), (done, failure) -> {
            if (failure != null) {
                LOG.log(System.Logger.Level.WARNING, "a hold that nobody waits for could not be given back", failure);
            }
        });
    }

    private static void bookEstimate(Reservation reservation) {
        Futures.whenDone(reservation.closeAsync(), (done, failure) -> {
            if (failure != null) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a cancelled call could not be booked before it runs out",
                        failure);
            }
        });
    }
}
