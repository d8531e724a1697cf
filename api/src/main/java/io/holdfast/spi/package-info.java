/**
 * For authors of stores: what a ledger is asked ({@link io.holdfast.spi.Operation}), what it answers
 * ({@link io.holdfast.spi.Outcome}), what it has to keep ({@link io.holdfast.spi.Change}) and what it promises
 * ({@link io.holdfast.spi.StoreTraits}). Users of budgets need none of it but {@link io.holdfast.spi.LedgerStores}.
 */
@NullMarked
package io.holdfast.spi;

import org.jspecify.annotations.NullMarked;
