package io.holdfast.error;

/** Thrown when a value given by the caller breaks a rule; nothing was changed. The message names both. */
public final class InvalidInputException extends HoldfastException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_VALUE_SHOWN = 80;

    private final String field;
    private final String value;
    private final String rule;

    /**
     * Makes the exception for one offending value.
     *
     * @param field what the value was meant to be, such as {@code "amount"}
     * @param value the offending value as given; long values and control characters are made safe to print
     * @param rule the rule it breaks, such as {@code "must not be negative"}
     */
    public InvalidInputException(String field, String value, String rule) {
        super(field + " '" + printable(value) + "' " + rule);
        this.field = field;
        this.value = printable(value);
        this.rule = rule;
    }

    /**
     * What the value was meant to be.
     *
     * @return the name of the field
     */
    public String field() {
        return field;
    }

    /**
     * The offending value, shortened and without control characters.
     *
     * @return at most 80 characters of the value and a note of its length
     */
    public String value() {
        return value;
    }

    /**
     * The rule that the value breaks.
     *
     * @return the rule as a phrase that follows the value
     */
    public String rule() {
        return rule;
    }

    private static String printable(String value) {
        StringBuilder safe = new StringBuilder();
        int shown = Math.min(value.length(), LONGEST_VALUE_SHOWN);
        for (int i = 0; i < shown; i++) {
            char c = value.charAt(i);
            if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                safe.append(String.format("\\u%04x", (int) c));
            } else {
                safe.append(c);
            }
        }
        if (shown < value.length()) {
            safe.append("… (").append(value.length()).append(" characters)");
        }
        return safe.toString();
    }
}
