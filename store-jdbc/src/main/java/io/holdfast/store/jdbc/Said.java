package io.holdfast.store.jdbc;

import io.holdfast.spi.EntryKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.unit.Amounts;
import org.jspecify.annotations.Nullable;

/**
 * What the changes of a row of the journal have said so far. Most calls of a batch are much alike: a change that says the
 * same as the one that said it last leaves it out.
 */
final class Said {
    String kind = "";

    @Nullable
    Long at;

    @Nullable
    Long expires;

    @Nullable
    Call call;

    @Nullable
    Amounts amounts;

    @Nullable
    OnExpiry onExpiry;

    @Nullable
    EntryKind entry;

    /** Who pays for what: said together, or not at all. */
    record Call(String scope, @Nullable String session, String model) {}
}
