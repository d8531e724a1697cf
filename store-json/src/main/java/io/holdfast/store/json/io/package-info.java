/**
 * Where the JSON store meets the disk: everything it does to files goes through {@link
 * io.holdfast.store.json.io.StorageIo}, so that tests can let any of it fail.
 */
@NullMarked
package io.holdfast.store.json.io;

import org.jspecify.annotations.NullMarked;
