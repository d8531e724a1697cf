package io.holdfast.spi;

import java.util.List;

/**
 * What came of replaying a journal and comparing every counter with it.
 *
 * @param replayed how many changes were replayed
 * @param compared how many counters, holds and definitions were compared
 * @param differences where they disagree, for people; empty if all is well
 */
public record Verification(long replayed, long compared, List<String> differences) {
    /**
     * Tells whether journal and counters agree.
     *
     * @return true if there are no differences
     */
    public boolean clean() {
        return differences.isEmpty();
    }
}
