package io.holdfast.spi;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Names;
import io.holdfast.unit.Usage;
import java.util.Map;

/**
 * What an entry tells beside its amounts. A ledger keeps it and reads nothing out of it.
 *
 * @param usage the tokens by kind
 * @param tags the caller's own names and values, at most 32
 */
public record Detail(Usage usage, Map<String, String> tags) {
    /** Nothing to tell. */
    public static final Detail NONE = new Detail(Usage.NONE, Map.of());

    /** The most characters that the value of a tag may have. */
    public static final int LONGEST_TAG = 1_024;

    /** The tag that keeps the key that a call's caller chose for loop guards. */
    public static final String LOOP_KEY = "holdfast.loop";

    /** The tag of a final call, whatever its value. */
    public static final String FINAL_CALL = "holdfast.final";

    private static final int MOST_TAGS = 32;

    /** Checks the tags. */
    public Detail {
        tags = Map.copyOf(tags);
        if (!tags.isEmpty()) {
            check(tags);
        }
    }

    /** Tells whether a text has an unpaired surrogate, which no file or database can keep as it is. */
    private static boolean unpaired(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private static void check(Map<String, String> tags) {
        if (tags.size() > MOST_TAGS) {
            throw new InvalidInputException("tags", tags.size() + " tags", "must be at most " + MOST_TAGS);
        }
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            Names.check("tag", tag.getKey());
            if (tag.getValue().length() > LONGEST_TAG) {
                throw new InvalidInputException(
                        "tag '" + tag.getKey() + "'",
                        tag.getValue(),
                        "must have at most " + LONGEST_TAG + " characters");
            }
            if (unpaired(tag.getValue())) {
                throw new InvalidInputException(
                        "tag '" + tag.getKey() + "'", tag.getValue(), "must not have half of a character in it");
            }
        }
    }
}
