package io.holdfast.spi;

import io.holdfast.limit.LimitState;
import io.holdfast.unit.Amounts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something worth telling that an operation brought about. Each happens in one operation and is told by its outcome. */
public sealed interface Notice {
    /**
     * Returns what kind of notice this is.
     *
     * @return one for each type of notice
     */
    NoticeKind kind();

    /**
     * Returns the scope it concerns.
     *
     * @return the scope's name
     */
    String scope();

    /**
     * Committed amounts reached an alert of a limit.
     *
     * @param state the limit after the operation
     * @param alert the alert's place in the limit's alerts
     */
    record Crossed(LimitState state, int alert) implements Notice {
        @Override
        public NoticeKind kind() {
            return NoticeKind.ALERT_REACHED;
        }

        @Override
        public String scope() {
            return state.scope();
        }
    }

    /**
     * A call was refused for lack of budget. Told to subscriptions only, at most once an hour for each limit: the outcome of
     * the call itself is {@link Outcome.Denied}.
     *
     * @param scope the scope that was to pay
     * @param session the session, if any
     * @param model the model asked for
     * @param limits the limits that had no room
     */
    record Refused(String scope, @Nullable String session, String model, List<LimitState> limits) implements Notice {
        @Override
        public NoticeKind kind() {
            return NoticeKind.CALL_REFUSED;
        }
    }

    /**
     * A loop guard refused a call. Told to subscriptions only, at most once an hour for each key, as {@link Refused} is.
     *
     * @param scope the scope that was to pay
     * @param session the session, if any
     * @param model the model asked for
     * @param guard the loop guard
     */
    record Looped(String scope, @Nullable String session, String model, LimitState guard) implements Notice {
        @Override
        public NoticeKind kind() {
            return NoticeKind.LOOP_DETECTED;
        }
    }

    /**
     * A hold was settled for more than it held.
     *
     * @param holdId the hold
     * @param scope its scope
     * @param session its session, if any
     * @param estimate what was held
     * @param actual what was booked
     * @param limits every limit that counts it, after the operation
     */
    record Overshot(
            String holdId,
            String scope,
            @Nullable String session,
            Amounts estimate,
            Amounts actual,
            List<LimitState> limits)
            implements Notice {
        @Override
        public NoticeKind kind() {
            return NoticeKind.CALL_OVERSHOT;
        }
    }

    /**
     * A hold ran out of time.
     *
     * @param holdId the hold
     * @param scope its scope
     * @param session its session, if any
     * @param model what it was for
     * @param estimate what was held
     * @param onExpiry whether that was booked or given back
     * @param limits every limit that counts it, after the operation
     */
    record Expired(
            String holdId,
            String scope,
            @Nullable String session,
            String model,
            Amounts estimate,
            OnExpiry onExpiry,
            List<LimitState> limits)
            implements Notice {
        @Override
        public NoticeKind kind() {
            return NoticeKind.HOLD_EXPIRED;
        }
    }

    /**
     * A hold was committed after it had run out of time.
     *
     * @param holdId the hold
     * @param scope its scope
     * @param session its session, if any
     * @param estimate what was held
     * @param actual what was booked in its place
     * @param limits every limit that counts it, after the operation
     */
    record CommittedLate(
            String holdId,
            String scope,
            @Nullable String session,
            Amounts estimate,
            Amounts actual,
            List<LimitState> limits)
            implements Notice {
        @Override
        public NoticeKind kind() {
            return NoticeKind.COMMITTED_LATE;
        }
    }
}
