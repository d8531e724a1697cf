/**
 * The contract that every ledger store passes, for authors of stores: extend {@link io.holdfast.tck.LedgerStoreContract}
 * in a test of the store. The names of the tests are the specification.
 */
@NullMarked
package io.holdfast.tck;

import org.jspecify.annotations.NullMarked;
