/** The contract of a ledger store, as tests to extend. For authors of stores. */
@NullMarked
package io.holdfast.contract;

import org.jspecify.annotations.NullMarked;
