/** A ledger in JSON files, opened by a {@code json:} URL. */
@NullMarked
package io.holdfast.store.json;

import org.jspecify.annotations.NullMarked;
