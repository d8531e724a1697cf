package io.holdfast.limit;

import io.holdfast.error.InvalidInputException;

/**
 * Which models a limit counts: all, one, or a family that shares one counter. A star stands for any run of characters.
 * The pattern is matched, without regard to case, against the whole name ({@code openai:gpt-4o}) and against the part
 * after the provider ({@code gpt-4o}).
 *
 * @param text the pattern in lower case, 1 to 256 characters without control characters
 */
public record ModelPattern(String text) {
    /** Every model. */
    public static final ModelPattern ANY = new ModelPattern("*");

    /** Checks the text and lowers its case. */
    public ModelPattern {
        text = Names.check("model pattern", text.toLowerCase(java.util.Locale.ROOT));
    }

    /**
     * Tells whether the pattern names one model and no family.
     *
     * @return true if it holds no star
     */
    public boolean exact() {
        return text.indexOf('*') < 0;
    }

    /**
     * Tells whether the pattern covers a model.
     *
     * @param model the name that the call is priced by, in any case
     * @return true if it does
     */
    public boolean matches(String model) {
        if (text.equals("*")) {
            return true;
        }
        String name = model.toLowerCase(java.util.Locale.ROOT);
        int provider = name.indexOf(':');
        return matches(name, 0) || (provider >= 0 && matches(name, provider + 1));
    }

    /** Glob matching with one point of return: linear in practice, at most pattern × name, never exponential. */
    private boolean matches(String name, int start) {
        int p = 0;
        int n = start;
        int starAt = -1;
        int nameAtStar = -1;
        while (n < name.length()) {
            if (p < text.length() && text.charAt(p) == '*') {
                starAt = p++;
                nameAtStar = n;
            } else if (p < text.length() && text.charAt(p) == name.charAt(n)) {
                p++;
                n++;
            } else if (starAt >= 0) {
                p = starAt + 1;
                n = ++nameAtStar;
            } else {
                return false;
            }
        }
        while (p < text.length() && text.charAt(p) == '*') {
            p++;
        }
        return p == text.length();
    }

    @Override
    public String toString() {
        return text;
    }

    /**
     * Reads a pattern.
     *
     * @param text 1 to 256 characters
     * @return the pattern
     * @throws InvalidInputException if the text is empty, too long or has control characters
     */
    public static ModelPattern of(String text) {
        return new ModelPattern(text);
    }
}
