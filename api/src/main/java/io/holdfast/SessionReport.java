package io.holdfast;

import io.holdfast.event.BudgetEvent;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * What a session came to, on all nodes, as the ledger's journal tells it.
 *
 * @param session the session's id
 * @param total what it has spent
 * @param remaining what is left to it under the tightest hard limit on cost, if it has one; of a child session, of its
 *     own budget
 * @param calls how many charges it had
 * @param tokens the tokens of those
 * @param byModel what it spent by model, the dearest first; tools are not models
 * @param byTool what it spent by the tag {@code tool}, the dearest first
 * @param began when it was first charged, if it was
 * @param latest when it was last charged, if it was
 * @param ended why it can go on no longer, if this node has seen that: that it was closed, or what refused it last
 * @param events what befell it on this node, oldest first, as far as it is among the newest 1,000 events of all; of a
 *     child session, what its calls were refused for, came to beyond their holds, or were settled late at
 */
public record SessionReport(
        String session,
        Usd total,
        Optional<Usd> remaining,
        long calls,
        long tokens,
        Map<String, Usd> byModel,
        Map<String, Usd> byTool,
        Optional<Instant> began,
        Optional<Instant> latest,
        Optional<String> ended,
        List<BudgetEvent> events) {
    /**
     * Returns how long the session has lasted.
     *
     * @return from its first charge to its last, zero without any
     */
    public Duration duration() {
        return began.isPresent() && latest.isPresent() ? Duration.between(began.get(), latest.get()) : Duration.ZERO;
    }

    /**
     * Says it all in a few lines.
     *
     * @return for people
     */
    @Override
    public String toString() {
        StringJoiner lines = new StringJoiner(System.lineSeparator());
        lines.add("session '" + session + "': " + total + " USD in " + calls + " calls, " + tokens + " tokens, "
                + duration().toSeconds() + " s"
                + remaining.map(left -> ", " + left + " USD left").orElse(""));
        byModel.forEach((model, spent) -> lines.add("  " + model + ": " + spent + " USD"));
        byTool.forEach((tool, spent) -> lines.add("  tool " + tool + ": " + spent + " USD"));
        ended.ifPresent(why -> lines.add("  ended: " + why));
        return lines.toString();
    }
}
