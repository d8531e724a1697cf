package io.holdfast.internal.outage;

import java.nio.file.Path;

/**
 * What a node may do while its ledger cannot be reached.
 *
 * @param spool the directory of what it owes the ledger meanwhile
 * @param allowance what it may let go ahead unchecked, in nano-dollars; zero for nothing
 * @param longestNanos for how long after an outage was first seen
 * @param probeEveryNanos how often the ledger is tried again
 * @param mostRecords how many records may wait for the ledger
 */
public record OutageTerms(Path spool, long allowance, long longestNanos, long probeEveryNanos, int mostRecords) {}
