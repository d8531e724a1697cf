package io.holdfast.benchmark;

import io.holdfast.Call;
import io.holdfast.Charge;
import io.holdfast.Decision;
import io.holdfast.Explanation;
import io.holdfast.unit.Usage;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The steps of a call in memory, by JMH; {@code -prof gc} tells what they allocate. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class MemoryPath {
    private final MemoryScopes scopes = new MemoryScopes(1);
    private final Call call = Call.of("session", "gpt-4o").input(812).maxOutput(1024);
    private final Usage usage = Usage.of(812, 143);

    /** A hold and its settlement. */
    @Benchmark
    public Charge pair() {
        return scopes.budget(0).reserve(call).commit(usage);
    }

    /** A hold that is given back. */
    @Benchmark
    public void reserveAndRelease() {
        scopes.budget(0).reserve(call).release();
    }

    /** A look at whether a call would be admitted. */
    @Benchmark
    public Decision<Explanation> check() {
        return scopes.budget(0).check(call);
    }

    /** Ends the ledger. */
    @TearDown
    public void close() {
        scopes.close();
    }
}
