package io.holdfast;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What futures are joined with here, so that nobody is handed a failure wrapped in another. */
final class Futures {
    private Futures() {}

    static <T> void whenDone(CompletableFuture<T> future, BiConsumer<? super T, ? super @Nullable Throwable> action) {
        CompletableFuture<T> unused = future.whenComplete(action);
    }

    static void whenCancelled(CompletableFuture<?> future, Runnable action) {
        whenDone(future, (value, failure) -> {
            if (future.isCancelled()) {
                action.run();
            }
        });
    }

    /** Hands a value to the consumer, or a failure of either on to another future, which so completes in any case. */
    static <T> void forward(CompletableFuture<T> from, CompletableFuture<?> to, Consumer<? super T> value) {
        whenDone(from, (got, failure) -> {
            try {
                if (failure == null) {
                    value.accept(got);
                } else {
                    to.completeExceptionally(unwrapped(failure));
                }
            } catch (Throwable unexpected) {
                to.completeExceptionally(unexpected);
            }
        });
    }

    /** Returns a future that completes as another does, with failures as they are. */
    static <T> CompletableFuture<T> plain(CompletableFuture<T> future) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        forward(future, answer, answer::complete);
        return answer;
    }

    /**
     * Returns an executor that runs in the common pool what another refuses because it is full or was shut down: what is
     * not run is an answer that nobody ever gets, and perhaps a hold that nobody settles.
     */
    static Executor neverRefusing(Executor executor) {
        return task -> {
            try {
                executor.execute(task);
            } catch (RejectedExecutionException refused) {
                ForkJoinPool.commonPool().execute(task);
            }
        };
    }

    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
        return cause == null ? failure : cause;
    }
}
