/** What a node does while its ledger cannot be reached. */
@NullMarked
package io.holdfast.internal.outage;

import org.jspecify.annotations.NullMarked;
