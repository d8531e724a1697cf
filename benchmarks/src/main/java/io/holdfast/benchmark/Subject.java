package io.holdfast.benchmark;

import java.io.IOException;
import java.time.Duration;

/** One side of a comparison: does its work for a while, and can then show that its books are right. */
interface Subject extends AutoCloseable {
    /**
     * Works for about this long.
     *
     * @return operations per second
     */
    double run(Duration time) throws Exception;

    /** Throws if a counter is not the sum of what was booked, or a cap was passed. */
    void audit() throws Exception;

    @Override
    void close() throws IOException;
}
