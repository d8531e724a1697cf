package io.holdfast.benchmark;

import java.time.Duration;
import java.util.concurrent.Callable;

/** What is told of a crew; more is better with each. */
enum Figure {
    /** Operations per second. */
    RATE {
        @Override
        double of(int threads, Duration time, Callable<Crew.Work> maker) throws Exception {
            return Crew.run(threads, time, maker);
        }
    },
    /** How often the time fits in a second that 99 of 100 operations do not exceed. */
    P99 {
        @Override
        double of(int threads, Duration time, Callable<Crew.Work> maker) throws Exception {
            return 1e9 / Crew.percentile(threads, time, maker, 0.99);
        }
    };

    abstract double of(int threads, Duration time, Callable<Crew.Work> maker) throws Exception;
}
