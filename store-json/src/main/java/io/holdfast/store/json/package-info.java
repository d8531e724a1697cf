/**
 * A ledger in JSON files, opened by a {@code json:} URL. The directory holds the journal in segments
 * ({@code journal-00000001.jsonl} and so on, one change a line, never rewritten), at most two snapshots that make
 * opening faster, the file {@code lock} that processes lock, and the file {@code synced} that tells how much of the
 * journal is known to be on the disk.
 */
@NullMarked
package io.holdfast.store.json;

import org.jspecify.annotations.NullMarked;
