package io.holdfast.tck;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is told to move, also backwards. May be used from any thread. */
public final class ManualClock implements InstantSource {
    private final AtomicLong millis;

    /**
     * Makes a clock.
     *
     * @param start the time it stands at, to the millisecond
     */
    public ManualClock(Instant start) {
        this.millis = new AtomicLong(start.toEpochMilli());
    }

    /**
     * Moves the clock.
     *
     * @param time by how much; negative to move it back
     */
    public void advance(Duration time) {
        millis.addAndGet(time.toMillis());
    }

    /**
     * Sets the clock.
     *
     * @param time what it tells from now on, to the millisecond
     */
    public void set(Instant time) {
        millis.set(time.toEpochMilli());
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis.get());
    }

    @Override
    public long millis() {
        return millis.get();
    }
}
