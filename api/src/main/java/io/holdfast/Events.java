package io.holdfast;

import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.math.BigDecimal;
import java.util.List;

/** Turns the ledger's notices, and what an outage led to, into events. */
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

    static BudgetEvent of(Operation settlement, Outcome.Rejected rejected, List<LimitState> limits) {
        if (settlement instanceof Operation.Commit commit) {
            return new BudgetEvent.SettlementRefused(
                    commit.scope(), null, commit.holdId(), commit.amounts(), rejected.detail(), limits);
        } else if (settlement instanceof Operation.Book book) {
            return new BudgetEvent.SettlementRefused(
                    book.scope(), book.session(), book.id().value(), book.amounts(), rejected.detail(), limits);
        }
        throw new IllegalStateException("nothing that books: " + settlement);
    }
}
