package io.holdfast;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

    /** Hands a value to the consumer, or a failure on to another future. */
    static <T> void forward(CompletableFuture<T> from, CompletableFuture<?> to, Consumer<? super T> value) {
        whenDone(from, (got, failure) -> {
            if (failure == null) {
                value.accept(got);
            } else {
                to.completeExceptionally(unwrapped(failure));
            }
        });
    }

    /** Returns a future that completes as another does, with failures as they are. */
    static <T> CompletableFuture<T> plain(CompletableFuture<T> future) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        forward(future, answer, answer::complete);
        return answer;
    }

    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
        return cause == null ? failure : cause;
    }
}
