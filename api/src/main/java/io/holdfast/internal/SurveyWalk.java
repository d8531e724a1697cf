package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Survey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A walk over all scopes that takes some at a time, so that whoever wants the state meanwhile waits for a few of them and
 * never for all. A store calls {@link #step} while nobody changes the state, and {@link #deliver} when others may. The
 * state may be another object at each step, as long as it is one of the same ledger.
 */
public final class SurveyWalk {
    private static final int SCOPES_AT_ONCE = 256;

    private final List<LimitState> found = new ArrayList<>();
    private @Nullable List<String> names;
    private int next;
    private int end;
    private @Nullable Survey survey;

    /**
     * Takes the next scopes.
     *
     * @param state the state, which nobody changes meanwhile
     * @param now the time by the store's clock, in milliseconds since the epoch
     */
    public void step(LedgerState state, long now) {
        state.observe(now);
        if (names == null) {
            names = state.names();
            end = names.size();
            survey = new Survey(state.lastTime(), state.openHolds(), state.oldestHold());
        }
        for (int most = Math.min(end, next + SCOPES_AT_ONCE); next < most; next++) {
            state.limits(names.get(next), found::add);
        }
    }

    /**
     * Hands on what the last step has taken.
     *
     * @param reader is given each limit
     */
    public void deliver(Consumer<LimitState> reader) {
        found.forEach(reader);
        found.clear();
    }

    /**
     * Returns how the ledger stood at the first step.
     *
     * @return null until every scope was taken
     */
    public @Nullable Survey result() {
        return next < end ? null : survey;
    }

    /** One step of a walk. */
    public interface Step {
        /**
         * Takes one step while nobody changes the state.
         *
         * @param walk whose step
         */
        void take(SurveyWalk walk);
    }

    /**
     * Walks over a whole ledger.
     *
     * @param step takes each step
     * @param reader is given each limit, while nothing is locked
     * @return how the ledger stood
     */
    public static Survey survey(Step step, Consumer<LimitState> reader) {
        SurveyWalk walk = new SurveyWalk();
        Survey survey = null;
        while (survey == null) {
            step.take(walk);
            survey = walk.result();
            walk.deliver(reader);
        }
        return survey;
    }
}
