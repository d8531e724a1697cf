package io.holdfast.spi;

/**
 * What a store declares of itself.
 *
 * @param name for people, such as {@code "json"}
 * @param durability what an acknowledged operation survives
 * @param shared whether several processes may use one ledger at once
 * @param storeClock whether the store's own clock decides, rather than the clock of this process
 * @param gathers whether callers are best gathered into batches, because each batch has a cost of its own
 */
public record StoreTraits(String name, Durability durability, boolean shared, boolean storeClock, boolean gathers) {}
