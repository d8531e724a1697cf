package io.holdfast.event;

/**
 * Is told what happens to budgets. Called on a thread of its own, one event at a time; a listener that throws is logged
 * and changes nothing, one that hangs keeps neither a call nor another listener waiting, and one that falls more than 10,000
 * events behind misses the newest.
 */
@FunctionalInterface
public interface BudgetListener {
    /**
     * Takes note of an event.
     *
     * @param event what happened
     */
    void on(BudgetEvent event);
}
