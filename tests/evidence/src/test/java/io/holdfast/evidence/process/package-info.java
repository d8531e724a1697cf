/** What only real processes can show: kills, shared ledgers, heaps. */
@NullMarked
package io.holdfast.evidence.process;

import org.jspecify.annotations.NullMarked;
