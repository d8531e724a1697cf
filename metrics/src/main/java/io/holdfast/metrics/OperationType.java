package io.holdfast.metrics;

import io.holdfast.spi.Operation;

/** The kinds of operation that are timed apart. */
enum OperationType {
    RESERVE,
    COMMIT,
    RELEASE,
    EXTEND,
    RECORD,
    CHECK,
    INSPECT,
    DEFINE,
    SWEEP;

    /** Tells whether it is a step of a call, and not a look or a change at the budgets. */
    boolean ofACall() {
        return compareTo(RECORD) <= 0;
    }

    static OperationType of(Operation operation) {
        if (operation instanceof Operation.Reserve) {
            return RESERVE;
        } else if (operation instanceof Operation.Commit) {
            return COMMIT;
        } else if (operation instanceof Operation.Release) {
            return RELEASE;
        } else if (operation instanceof Operation.Extend) {
            return EXTEND;
        } else if (operation instanceof Operation.Book) {
            return RECORD;
        } else if (operation instanceof Operation.Check) {
            return CHECK;
        } else if (operation instanceof Operation.Inspect) {
            return INSPECT;
        }
        return operation instanceof Operation.Sweep ? SWEEP : DEFINE;
    }
}
