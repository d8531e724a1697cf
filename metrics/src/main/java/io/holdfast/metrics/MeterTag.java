package io.holdfast.metrics;

/** Every tag that a meter of this library has. */
public enum MeterTag {
    /** The scope whose limit it is. */
    SCOPE("scope", "the scope, or `other`"),
    /** What the limit counts. */
    METER("meter", "`cost`, `tokens`, `input_tokens`, `output_tokens`, `calls`"),
    /** Over what time. */
    WINDOW("window", "the limit's window, such as `rolling(PT24H)`, or `other`"),
    /** Over what kind of time. */
    WINDOW_TYPE("window.type", "`session`, `rolling`, `calendar`, `lifetime`"),
    /** For which models. */
    MODELS("models", "the limit's model selector: `*`, a name or a pattern; or `other`"),
    /** Whether the limit refuses. */
    ENFORCEMENT("enforcement", "`hard` or `alert_only`; `other`"),
    /** What came of a call. */
    OUTCOME(
            "outcome",
            "`admitted`, `downgraded`, `throttled`, `clamped` (of several, the last of these), `denied`, `failed`"),
    /** What kind of charge or token. */
    KIND("kind", "see the meter"),
    /** Who bills. */
    PROVIDER("provider", "who bills, such as `openai`; `other`"),
    /** The model's family. */
    MODEL("model", "the family of the model: its name without its version, such as `claude-sonnet`; `other`"),
    /** How far an alert is. */
    THRESHOLD("threshold", "`below` the limit, or the `limit` itself and above"),
    /** What was asked of the store. */
    OPERATION(
            "operation",
            "`reserve`, `commit`, `release`, `extend`, `record`, `check`, `inspect`, `define` (and remove, reset), `sweep`");

    private final String key;
    private final String meaning;

    MeterTag(String key, String meaning) {
        this.key = key;
        this.meaning = meaning;
    }

    /**
     * Returns the tag's key as Micrometer has it.
     *
     * @return lower case, with dots
     */
    public String key() {
        return key;
    }

    /**
     * Returns what values it takes, for people.
     *
     * @return Markdown
     */
    public String meaning() {
        return meaning;
    }
}
