package io.holdfast.spi;

import io.holdfast.unit.Amounts;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One charge in the journal. Entries are never changed; the spend of a time is the sum of its entries, those of kind
 * {@link EntryKind#REVERSED} taken away.
 *
 * @param operationId the operation that asked for the charge: the reserve of a hold, or the record
 * @param time when it was booked, on the store's clock
 * @param kind how it came to be
 * @param scope the scope charged; its ancestors are charged with it
 * @param session the session, if the call had one
 * @param model what was used; a ledger only compares it
 * @param amounts what was booked, never negative
 * @param detail what else is known
 */
public record Entry(
        String operationId,
        Instant time,
        EntryKind kind,
        String scope,
        @Nullable String session,
        String model,
        Amounts amounts,
        Detail detail) {}
