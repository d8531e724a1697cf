package io.holdfast.pricing;

import io.holdfast.error.HoldfastException;
import org.jspecify.annotations.Nullable;

/** Thrown when a price file cannot be read as a whole; nothing of it was taken over. The message names the place. */
public final class PriceFileException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final int line;
    private final String rule;

    PriceFileException(String file, int line, String rule, @Nullable Throwable cause) {
        super(file + (line > 0 ? ":" + line : "") + ": " + rule, cause);
        this.file = file;
        this.line = line;
        this.rule = rule;
    }

    /**
     * The file.
     *
     * @return its path as given
     */
    public String file() {
        return file;
    }

    /**
     * The line of the first mistake, where the header is line 1.
     *
     * @return 1 or more, or 0 where the file could not be read at all
     */
    public int line() {
        return line;
    }

    /**
     * What is wrong.
     *
     * @return the offending value and the rule it breaks
     */
    public String rule() {
        return rule;
    }
}
