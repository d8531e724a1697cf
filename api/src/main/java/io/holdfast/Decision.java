package io.holdfast;

/**
 * Whether a call may go ahead. A refusal is a value, not an exception, for those who expect it.
 *
 * @param <T> what a call that may go ahead is given
 */
public sealed interface Decision<T> {
    /**
     * Returns what was allowed.
     *
     * @return the value
     * @throws BudgetExceededException if it was refused
     */
    T orThrow();

    /**
     * Tells whether the call may go ahead.
     *
     * @return false if it was refused
     */
    boolean allowed();

    /**
     * The call may go ahead.
     *
     * @param value what it is given
     * @param <T> the type of that
     */
    record Allowed<T>(T value) implements Decision<T> {
        @Override
        public T orThrow() {
            return value;
        }

        @Override
        public boolean allowed() {
            return true;
        }
    }

    /**
     * The call may not go ahead.
     *
     * @param refusal why
     * @param <T> the type of what it would have been given
     */
    record Refused<T>(Refusal refusal) implements Decision<T> {
        @Override
        public T orThrow() {
            throw BudgetExceededException.of(refusal);
        }

        @Override
        public boolean allowed() {
            return false;
        }
    }
}
