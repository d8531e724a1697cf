package io.holdfast;

import java.time.Duration;

/** Waits where a call has to be delayed. */
@FunctionalInterface
public interface Sleeper {
    /**
     * Waits on the caller's own thread.
     *
     * @param time how long, above zero
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    void sleep(Duration time) throws InterruptedException;
}
