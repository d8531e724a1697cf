/** What becomes of a ledger whose clock jumps, runs apart from another's, or tells nonsense. */
@NullMarked
package io.holdfast.evidence.time;

import org.jspecify.annotations.NullMarked;
