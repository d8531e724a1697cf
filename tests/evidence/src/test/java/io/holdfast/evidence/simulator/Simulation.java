package io.holdfast.evidence.simulator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Runs worlds, and of one that goes wrong finds the few steps that matter. */
public final class Simulation {
    private static final int MOST_RUNS_TO_SHRINK = 400;

    private final long seed;
    private final boolean durable;
    private final Tampering tampering;

    /**
     * What went wrong.
     *
     * @param steps the numbers of the steps that lead there
     * @param what the first thing that was not as it should be
     * @param log what happened last
     */
    public record Failure(List<Integer> steps, Throwable what, String log) {}

    /**
     * Makes a simulation.
     *
     * @param seed decides everything
     * @param durable whether the ledger is in files, or in memory
     * @param tampering what is broken, mostly nothing
     */
    public Simulation(long seed, boolean durable, Tampering tampering) {
        this.seed = seed;
        this.durable = durable;
        this.tampering = tampering;
    }

    /**
     * Runs so many steps.
     *
     * @param steps how many
     * @throws AssertionError with the few that matter, where anything is not as the oracle says
     */
    public void run(int steps) {
        List<Integer> all = IntStream.range(0, steps).boxed().toList();
        Failure failure = attempt(all);
        if (failure != null) {
            Failure least = shrunk(failure);
            throw new AssertionError(
                    "seed " + seed + (durable ? " in files" : " in memory") + ", commit " + commit() + ", steps "
                            + least.steps + "\n" + least.what.getMessage() + "\n" + least.log,
                    least.what);
        }
    }

    /**
     * Runs some steps.
     *
     * @param steps their numbers
     * @return what went wrong, or nothing
     */
    public Failure attempt(List<Integer> steps) {
        int done = 0;
        World world = null;
        try {
            world = new World(seed, durable, tampering);
            for (int step : steps) {
                done++;
                world.step(step);
            }
            world.finish();
            return null;
        } catch (AssertionError | RuntimeException failure) {
            return new Failure(steps.subList(0, done), failure, world == null ? "" : world.latest());
        } finally {
            if (world != null) {
                world.close();
            }
        }
    }

    /**
     * Leaves out steps, many at once and then fewer, for as long as something still goes wrong.
     *
     * @param failure what went wrong
     * @return what goes wrong with the least of steps that was found
     */
    public Failure shrunk(Failure failure) {
        Failure least = failure;
        int runs = 0;
        for (int part = Math.max(1, least.steps.size() / 2); part >= 1; part /= 2) {
            int from = 0;
            while (from < least.steps.size() && runs < MOST_RUNS_TO_SHRINK) {
                List<Integer> fewer = new ArrayList<>(least.steps);
                fewer.subList(from, Math.min(fewer.size(), from + part)).clear();
                Failure again = attempt(fewer);
                runs++;
                if (again == null) {
                    from += part;
                } else {
                    least = again;
                }
            }
        }
        return least;
    }

    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "rev-parse", "--short", "HEAD").start();
            return new String(git.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).trim();
        } catch (IOException none) {
            return "unknown";
        }
    }
}
