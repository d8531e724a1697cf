package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.unit.Amounts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A notice of any kind with its parts side by side, as stores write it down. What a kind does not have is null or zero.
 *
 * @param kind the kind
 * @param scope the scope it concerns
 * @param session the session, if any
 * @param model the model
 * @param holdId the hold
 * @param estimate what was held
 * @param actual what was booked
 * @param onExpiry what became of the hold
 * @param alert the alert's place in its limit's alerts
 * @param limits the limits it concerns
 */
public record NoticeFields(
        NoticeKind kind,
        String scope,
        @Nullable String session,
        @Nullable String model,
        @Nullable String holdId,
        @Nullable Amounts estimate,
        @Nullable Amounts actual,
        @Nullable OnExpiry onExpiry,
        int alert,
        List<LimitState> limits) {
    /**
     * Returns the parts of a notice.
     *
     * @param notice the notice
     * @return its parts
     */
    public static NoticeFields of(Notice notice) {
        if (notice instanceof Notice.Crossed crossed) {
            return new NoticeFields(
                    crossed.kind(),
                    crossed.scope(),
                    crossed.state().session(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    crossed.alert(),
                    List.of(crossed.state()));
        } else if (notice instanceof Notice.Refused refused) {
            return new NoticeFields(
                    refused.kind(),
                    refused.scope(),
                    refused.session(),
                    refused.model(),
                    null,
                    null,
                    null,
                    null,
                    0,
                    refused.limits());
        } else if (notice instanceof Notice.Looped looped) {
            return new NoticeFields(
                    looped.kind(),
                    looped.scope(),
                    looped.session(),
                    looped.model(),
                    null,
                    null,
                    null,
                    null,
                    0,
                    List.of(looped.guard()));
        } else if (notice instanceof Notice.Overshot overshot) {
            return ofHold(
                    overshot,
                    overshot.session(),
                    overshot.holdId(),
                    overshot.estimate(),
                    overshot.actual(),
                    overshot.limits());
        } else if (notice instanceof Notice.CommittedLate late) {
            return ofHold(late, late.session(), late.holdId(), late.estimate(), late.actual(), late.limits());
        } else if (notice instanceof Notice.Expired expired) {
            return new NoticeFields(
                    expired.kind(),
                    expired.scope(),
                    expired.session(),
                    expired.model(),
                    expired.holdId(),
                    expired.estimate(),
                    null,
                    expired.onExpiry(),
                    0,
                    expired.limits());
        }
        throw new IllegalStateException("a notice of an unknown kind: " + notice);
    }

    private static NoticeFields ofHold(
            Notice notice,
            @Nullable String session,
            String holdId,
            Amounts estimate,
            Amounts actual,
            List<LimitState> limits) {
        return new NoticeFields(
                notice.kind(), notice.scope(), session, null, holdId, estimate, actual, null, 0, limits);
    }

    /**
     * Puts the parts together again.
     *
     * @return the notice
     * @throws IllegalArgumentException if a part is missing
     */
    public Notice notice() {
        return switch (kind) {
            case ALERT_REACHED -> crossed();
            case CALL_REFUSED -> new Notice.Refused(scope, session, present("model", model), limits);
            case LOOP_DETECTED -> new Notice.Looped(scope, session, present("model", model), only(limits));
            case CALL_OVERSHOT ->
                new Notice.Overshot(
                        present("hold", holdId),
                        scope,
                        session,
                        present("estimate", estimate),
                        present("actual", actual),
                        limits);
            case HOLD_EXPIRED ->
                new Notice.Expired(
                        present("hold", holdId),
                        scope,
                        session,
                        present("model", model),
                        present("estimate", estimate),
                        present("on_expiry", onExpiry),
                        limits);
            case COMMITTED_LATE ->
                new Notice.CommittedLate(
                        present("hold", holdId),
                        scope,
                        session,
                        present("estimate", estimate),
                        present("actual", actual),
                        limits);
        };
    }

    private Notice crossed() {
        LimitState state = only(limits);
        if (alert < 0 || alert >= state.limit().alerts().size()) {
            throw new IllegalArgumentException("alert " + alert + " of limit " + state.limit() + " cannot be");
        }
        return new Notice.Crossed(state, alert);
    }

    private static LimitState only(List<LimitState> limits) {
        if (limits.size() != 1) {
            throw new IllegalArgumentException("a notice has " + limits.size() + " limits where it can have one");
        }
        return limits.get(0);
    }

    private static <T> T present(String name, @Nullable T part) {
        if (part == null) {
            throw new IllegalArgumentException("a notice has no " + name);
        }
        return part;
    }
}
