package io.holdfast.internal;

import io.holdfast.limit.Ladder;
import io.holdfast.spi.Operation;
import io.holdfast.spi.PassedStep;
import io.holdfast.spi.Rejection;
import io.holdfast.unit.Amounts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which of a call's offers is taken. Each limit whose soft step the call passes takes it one rung down its ladder, once; a
 * lower rung that a hard limit refuses is passed over, and the last one stays the last. Decides and changes nothing.
 *
 * @param offer the offer that is taken, or the last that was tried
 * @param plan the counters of that offer
 * @param admitted whether every limit has room for it
 * @param objection why it cannot even be asked for, or nothing
 * @param wanted the rungs that must be offered before anything can be decided, mostly none
 * @param delayMillis how long the call has to wait
 * @param steps the steps that the call passed, and the limits that had no room for a rung before the one taken
 */
record Choice(
        Operation.Offer offer,
        Plan plan,
        boolean admitted,
        @Nullable Rejection objection,
        List<String> wanted,
        long delayMillis,
        List<PassedStep> steps) {

    static Choice of(
            LedgerState state, ScopeState scope, Operation.Request request, @Nullable Allotment from, long now) {
        Operation.Offer asked = request.asked();
        Plan plan = state.plan(
                scope, request.session(), asked.model(), request.policy().loopKey(), now);
        if (plan.objection(asked.amounts(), from) != null || !plan.passesSoftStep(asked.amounts(), from)) {
            return taken(asked, plan, request, from, List.of());
        }
        List<String> below = below(scope, asked.model());
        if (below.isEmpty()) {
            return taken(asked, plan, request, from, List.of());
        }
        for (String rung : below) {
            if (offered(request, rung) == null) {
                return new Choice(asked, plan, false, null, below, 0, List.of());
            }
        }
        return new Descent(state, plan, request, from, below, now).choose(asked, plan);
    }

    /** Returns the rungs below a model on the first ladder that has it, the scope's own before its ancestors'. */
    private static List<String> below(ScopeState scope, String model) {
        for (ScopeState at = scope; at != null; at = at.parent) {
            for (Ladder ladder : at.definition().source.ladders()) {
                if (ladder.has(model)) {
                    return ladder.below(model);
                }
            }
        }
        return List.of();
    }

    private static Operation.@Nullable Offer offered(Operation.Request request, String rung) {
        for (int i = 1; i < request.offers().size(); i++) {
            if (request.offers().get(i).rung().equals(rung)) {
                return request.offers().get(i);
            }
        }
        return null;
    }

    /** Takes an offer if there is room for it, or else its shorter form if there is room for that. */
    private static Choice taken(
            Operation.Offer offer,
            Plan plan,
            Operation.Request request,
            @Nullable Allotment from,
            List<PassedStep> downgrades) {
        Rejection objection = plan.objection(offer.amounts(), from);
        if (objection != null) {
            return new Choice(offer, plan, false, objection, List.of(), 0, List.of());
        }
        boolean last = request.policy().finalCall();
        if (room(plan, offer.amounts(), from, last)) {
            return admitted(offer, plan, from, downgrades);
        }
        Operation.Offer shortened = request.shortened();
        if (shortened != null
                && shortened.model().equals(offer.model())
                && room(plan, shortened.amounts(), from, last)) {
            return admitted(shortened, plan, from, downgrades);
        }
        return new Choice(offer, plan, false, null, List.of(), 0, downgrades);
    }

    private static boolean room(Plan plan, Amounts amounts, @Nullable Allotment from, boolean finalCall) {
        return (from == null || from.affords(amounts)) && plan.admits(amounts, from, finalCall);
    }

    private static Choice admitted(
            Operation.Offer offer, Plan plan, @Nullable Allotment from, List<PassedStep> downgrades) {
        long delay = plan.delay(offer.amounts(), from);
        if (delay == 0) {
            return new Choice(offer, plan, true, null, List.of(), 0, downgrades);
        }
        List<PassedStep> steps = new ArrayList<>(downgrades);
        plan.throttleSteps(offer.amounts(), from, steps);
        return new Choice(offer, plan, true, null, List.of(), delay, steps);
    }

    /** The way down a ladder. */
    private static final class Descent {
        private final LedgerState state;
        private final ScopeState scope;
        private final @Nullable SessionState session;
        private final Operation.Request request;
        private final @Nullable Allotment from;
        private final List<String> below;
        private final long now;
        private final Set<Counter> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        private final List<PassedStep> steps = new ArrayList<>();

        Descent(
                LedgerState state,
                Plan asked,
                Operation.Request request,
                @Nullable Allotment from,
                List<String> below,
                long now) {
            this.state = state;
            this.scope = asked.scope;
            this.session = asked.session;
            this.request = request;
            this.from = from;
            this.below = below;
            this.now = now;
        }

        Choice choose(Operation.Offer asked, Plan askedPlan) {
            int depth = Math.min(stepsOf(asked, askedPlan), below.size());
            while (true) {
                String rung = below.get(depth - 1);
                Operation.Offer offer = offered(request, rung);
                if (offer == null) {
                    throw new IllegalStateException("rung '" + rung + "' was not offered");
                }
                Plan plan = state.plan(
                        scope, session, offer.model(), request.policy().loopKey(), now);
                if (depth == below.size()) {
                    return taken(offer, plan, request, from, steps);
                }
                int further = stepsOf(offer, plan);
                boolean usable = plan.objection(offer.amounts(), from) == null
                        && room(plan, offer.amounts(), from, request.policy().finalCall());
                if (further == 0 && usable) {
                    return taken(offer, plan, request, from, steps);
                }
                if (!usable) {
                    plan.refusals(offer.amounts(), from, request.policy().finalCall(), steps);
                }
                depth = Math.min(depth + Math.max(further, 1), below.size());
            }
        }

        /** Counts the limits whose soft step the offer passes and that have not been counted yet. */
        private int stepsOf(Operation.Offer offer, Plan plan) {
            int before = steps.size();
            plan.softSteps(offer.amounts(), from, counted, steps);
            return steps.size() - before;
        }
    }
}
