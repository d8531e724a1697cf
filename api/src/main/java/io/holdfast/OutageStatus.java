package io.holdfast;

import io.holdfast.unit.Usd;

/**
 * How a node stands with its ledger.
 *
 * @param available whether the ledger could be reached when it was last tried
 * @param spooled how many records wait in the spool
 * @param unchecked what calls come to that went ahead during an outage and are not in the ledger yet
 */
public record OutageStatus(boolean available, int spooled, Usd unchecked) {}
