package io.holdfast.pricing;

import io.holdfast.error.HoldfastException;
import java.util.List;

/** Thrown when a price book has no price for a model name. Names close to it are suggested, and never used instead. */
public final class UnknownModelException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final List<String> suggestions;

    /**
     * Makes the exception.
     *
     * @param name the name that has no price
     * @param suggestions names near it that have one
     */
    public UnknownModelException(String name, List<String> suggestions) {
        super("model '" + name + "' has no price"
                + (suggestions.isEmpty() ? "." : "; did you mean " + String.join(", ", suggestions) + "?")
                + " Register a price, set a fallback price, or declare the model free");
        this.name = name;
        this.suggestions = List.copyOf(suggestions);
    }

    /**
     * The name without a price.
     *
     * @return the name as it was given
     */
    public String name() {
        return name;
    }

    /**
     * Known names that are spelled almost like it.
     *
     * @return at most three names, nearest first; may be empty
     */
    public List<String> suggestions() {
        return suggestions;
    }
}
