package io.holdfast.benchmark;

import java.util.SplittableRandom;

/**
 * What all rows of one run share.
 *
 * @param seed where every random choice begins
 * @param part how large ledgers are made: 1 for as large as a row says, 100 for a hundredth of that
 */
record Plan(long seed, int part) {
    /** The whole sizes. */
    static Plan whole(long seed) {
        return new Plan(seed, 1);
    }

    /** Sizes that take moments, to see that every row works. */
    static Plan smoke(long seed) {
        return new Plan(seed, 1_000);
    }

    /** Returns how many scopes or entries a row makes that says it has so many. */
    int size(int whole) {
        return part == 1 ? whole : Math.max(Math.min(whole, 10), whole / part);
    }

    /** Returns how many processes a row starts that says it has so many. */
    int processes(int whole) {
        return part == 1 ? whole : Math.min(whole, 2);
    }

    /** Returns random choices for one side of a row. */
    SplittableRandom random() {
        return new SplittableRandom(seed);
    }
}
