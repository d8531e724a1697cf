/**
 * The engine behind the API, for this project's own modules only: the state of a ledger, the rules that change it, the
 * gathering of callers into batches, the clock, and the ledger in memory. May change at any time.
 */
@NullMarked
package io.holdfast.internal;

import org.jspecify.annotations.NullMarked;
