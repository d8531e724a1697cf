package io.holdfast.benchmark;

import java.time.Duration;

/** A figure that others have published, taken as it is: it was measured elsewhere. */
record Published(double perSecond) implements Subject {
    @Override
    public double run(Duration time) {
        return perSecond;
    }

    @Override
    public void audit() {
        // Nothing was done here.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
