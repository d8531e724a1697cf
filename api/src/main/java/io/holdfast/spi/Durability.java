package io.holdfast.spi;

/** What an acknowledged operation survives. Each level includes those before it. */
public enum Durability {
    /** Nothing: the ledger goes with the process. */
    NONE,
    /** The death of the process, also by {@code kill -9}. */
    PROCESS,
    /** The loss of power, as far as the disk keeps what it has acknowledged. */
    POWER
}
