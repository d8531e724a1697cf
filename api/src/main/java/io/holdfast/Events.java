package io.holdfast;

import io.holdfast.event.BudgetEvent;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import java.math.BigDecimal;

/** Turns the ledger's notices into events. */
final class Events {
    private static final int ALERT_DECIMALS = 6;

    private Events() {}

    static BudgetEvent of(Notice notice) {
        if (notice instanceof Notice.Crossed crossed) {
            int millionths = crossed.state().limit().alerts().get(crossed.alert());
            return new BudgetEvent.AlertReached(
                    crossed.state(),
                    BigDecimal.valueOf(millionths, ALERT_DECIMALS).stripTrailingZeros());
        } else if (notice instanceof Notice.Refused refused) {
            return new BudgetEvent.CallRefused(refused.scope(), refused.session(), refused.model(), refused.limits());
        } else if (notice instanceof Notice.Looped looped) {
            return new BudgetEvent.LoopDetected(looped.scope(), looped.session(), looped.model(), looped.guard());
        } else if (notice instanceof Notice.Overshot overshot) {
            return new BudgetEvent.CallOvershot(
                    overshot.scope(),
                    overshot.session(),
                    overshot.holdId(),
                    overshot.estimate(),
                    overshot.actual(),
                    overshot.limits());
        } else if (notice instanceof Notice.CommittedLate late) {
            return new BudgetEvent.CommittedLate(
                    late.scope(), late.session(), late.holdId(), late.estimate(), late.actual(), late.limits());
        } else if (notice instanceof Notice.Expired expired) {
            return new BudgetEvent.HoldExpired(
                    expired.scope(),
                    expired.session(),
                    expired.holdId(),
                    expired.estimate(),
                    expired.onExpiry() == OnExpiry.CHARGE,
                    expired.limits());
        }
        throw new IllegalStateException("a notice of an unknown kind: " + notice);
    }
}
