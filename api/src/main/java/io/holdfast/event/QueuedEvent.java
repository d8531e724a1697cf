package io.holdfast.event;

import java.time.Instant;

/**
 * An event that waits in the ledger to be delivered.
 *
 * @param id names the message wherever and however often it is delivered: {@code msg_} and 26 letters and digits
 * @param at when it came about, by the ledger's clock
 * @param event what happened
 */
public record QueuedEvent(String id, Instant at, BudgetEvent event) {}
