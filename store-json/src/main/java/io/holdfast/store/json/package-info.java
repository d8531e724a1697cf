/**
 * A ledger in JSON files, opened by a {@code json:} URL.
 *
 * <p>The directory holds the journal in segments, {@code journal-00000001.jsonl} and so on, of which only the newest is
 * appended to and none is ever rewritten or deleted; at most two snapshots, {@code snapshot-00000002.jsonl} being the
 * state at the start of segment 2; the file {@code lock} that processes lock, which is always empty; the file
 * {@code synced} that tells how much of the journal is known to be on the disk; and, where a writer was killed, what it
 * left unfinished, {@code journal-00000001.cut-4711} being what was cut off segment 1 at byte 4711.
 *
 * <p>Every line of journals and snapshots is a JSON object. Its first member, {@code type}, says what it is; its last,
 * {@code crc}, is the CRC-32C of the checksum of the line before (four bytes, the lowest first; 0 for the first line of a
 * file) and the bytes of the line up to that member. The first line is a header with the version of the format. The first
 * line of each batch has {@code synced}, the length of the file known to be on the disk then, and, where the batch has
 * several lines, {@code batch}, their number: a batch counts when all its lines are there. A segment that has a successor
 * ends with a line of type {@code closed}, whose checksum the header of the successor repeats.
 */
@NullMarked
package io.holdfast.store.json;

import org.jspecify.annotations.NullMarked;
