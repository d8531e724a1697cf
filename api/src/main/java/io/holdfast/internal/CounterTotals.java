package io.holdfast.internal;

import io.holdfast.limit.Limit;
import org.jspecify.annotations.Nullable;

/**
 * How a counter stands, as stores keep it for people to query.
 *
 * @param scope the scope whose limit it counts
 * @param owner the scope of the session, for a counter of a session
 * @param session the session
 * @param limit the limit
 * @param committed what was booked and still counts
 * @param held what open holds set aside
 * @param nextChange when that next falls by itself, or {@link io.holdfast.limit.Window#NEVER}
 */
public record CounterTotals(
        String scope,
        @Nullable String owner,
        @Nullable String session,
        Limit limit,
        long committed,
        long held,
        long nextChange) {}
