package io.holdfast.spi;

/**
 * How a ledger stands as a whole.
 *
 * @param at when, in milliseconds since the epoch on the store's clock
 * @param openHolds how many holds are open
 * @param oldestHold when the oldest of them was made, in milliseconds since the epoch, or {@code at} if none is open
 */
public record Survey(long at, long openHolds, long oldestHold) {}
