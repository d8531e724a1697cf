package io.holdfast.limit;

import io.holdfast.error.InvalidInputException;
import java.util.HashSet;
import java.util.List;

/**
 * Models from the one that is wanted to the cheapest one that will do. Above a soft step of a limit a call goes one rung
 * down.
 *
 * @param rungs 2 to 16 models, no two the same; the first may be a pattern
 */
public record Ladder(List<ModelPattern> rungs) {
    private static final int MOST_RUNGS = 16;

    /** Checks the rungs. */
    public Ladder {
        rungs = List.copyOf(rungs);
        if (rungs.size() < 2 || rungs.size() > MOST_RUNGS) {
            throw new InvalidInputException("ladder", rungs.toString(), "must have 2 to " + MOST_RUNGS + " models");
        }
        for (ModelPattern rung : rungs.subList(1, rungs.size())) {
            if (!rung.exact()) {
                throw new InvalidInputException("ladder", rung.text(), "may have a pattern as its first model only");
            }
        }
        if (new HashSet<>(rungs).size() < rungs.size()) {
            throw new InvalidInputException("ladder", rungs.toString(), "must not have a model twice");
        }
    }

    /**
     * Returns a ladder.
     *
     * @param models 2 to 16 models, the dearest first; the first may be a pattern such as {@code claude-sonnet-*}
     * @return the ladder
     * @throws InvalidInputException if there are too few or too many, one stands twice, or one is no model
     */
    public static Ladder of(String... models) {
        return new Ladder(java.util.Arrays.stream(models).map(ModelPattern::of).toList());
    }

    /**
     * Tells whether a call to a model goes by this ladder.
     *
     * @param model the name that the call is priced by
     * @return true if one of the rungs is that model
     */
    public boolean has(String model) {
        return place(model) >= 0;
    }

    /**
     * Returns the models below one.
     *
     * @param model a model that this ladder {@linkplain #has has}
     * @return the rungs below it, the next first; none below the last
     */
    public List<String> below(String model) {
        return rungs.subList(place(model) + 1, rungs.size()).stream()
                .map(ModelPattern::text)
                .toList();
    }

    /** A rung that names the model counts before a pattern that covers it too, so that nothing goes up its ladder. */
    private int place(String model) {
        int covered = -1;
        for (int i = 0; i < rungs.size(); i++) {
            if (rungs.get(i).matches(model)) {
                if (rungs.get(i).exact()) {
                    return i;
                }
                covered = i;
            }
        }
        return covered;
    }

    @Override
    public String toString() {
        return String.join(" → ", rungs.stream().map(ModelPattern::text).toList());
    }
}
