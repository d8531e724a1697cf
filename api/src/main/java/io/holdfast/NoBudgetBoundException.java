package io.holdfast;

import io.holdfast.error.HoldfastException;

/** Thrown where a bound budget is asked for and the thread has none: its task was not wrapped, or nobody bound one. */
public final class NoBudgetBoundException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    NoBudgetBoundException(String thread) {
        super("no budget is bound in thread '" + thread + "'; see BudgetContext.run and BudgetContext.wrap", null);
    }
}
