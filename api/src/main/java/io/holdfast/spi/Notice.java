package io.holdfast.spi;

import io.holdfast.limit.LimitState;
import io.holdfast.unit.Amounts;
import org.jspecify.annotations.Nullable;

/** Something worth telling that an operation brought about. Each happens in one operation and is told by its outcome. */
public sealed interface Notice {
    /**
     * Committed amounts reached an alert of a limit.
     *
     * @param state the limit after the operation
     * @param alert the alert's place in the limit's alerts
     */
    record Crossed(LimitState state, int alert) implements Notice {}

    /**
     * A hold was settled for more than it held.
     *
     * @param holdId the hold
     * @param scope its scope
     * @param session its session, if any
     * @param estimate what was held
     * @param actual what was booked
     */
    record Overshot(String holdId, String scope, @Nullable String session, Amounts estimate, Amounts actual)
            implements Notice {}

    /**
     * A hold ran out of time.
     *
     * @param holdId the hold
     * @param scope its scope
     * @param session its session, if any
     * @param estimate what was held
     * @param onExpiry whether that was booked or given back
     */
    record Expired(String holdId, String scope, @Nullable String session, Amounts estimate, OnExpiry onExpiry)
            implements Notice {}

    /**
     * A hold was committed after it had run out of time.
     *
     * @param holdId the hold
     * @param scope its scope
     * @param session its session, if any
     * @param estimate what was held
     * @param actual what was booked in its place
     */
    record CommittedLate(
            String holdId, String scope, @Nullable String session, Amounts estimate, Amounts actual)
            implements Notice {}
}
