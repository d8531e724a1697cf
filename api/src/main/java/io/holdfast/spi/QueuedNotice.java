package io.holdfast.spi;

/**
 * A notice that waits in a subscription's queue to be delivered.
 *
 * @param id names the message wherever and however often it is delivered: {@code msg_} and 26 letters and digits
 * @param at when it came about, in milliseconds since the epoch
 * @param notice what there is to tell
 */
public record QueuedNotice(String id, long at, Notice notice) {}
