package io.holdfast.metrics;

import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An observation, and so a span where a tracer listens, for each step that a call takes in the ledger: reserve, commit,
 * release, extend and record. Of what has many values (scope, session, operation, model) there are only high-cardinality
 * keys, which go into spans and never into meters. The span of the caller is its parent.
 *
 * <pre>{@code
 * BudgetManager.builder().observer(new HoldfastObservations(registry))
 * }</pre>
 */
public final class HoldfastObservations implements LedgerObserver {
    /** The name of every observation. */
    public static final String NAME = "holdfast.operation";

    private final ObservationRegistry registry;

    /**
     * Makes observations.
     *
     * @param registry is given each
     */
    public HoldfastObservations(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public @Nullable Object asked(Operation operation) {
        OperationType type = OperationType.of(operation);
        if (!type.ofACall() || !(operation instanceof Operation.OnScope onScope)) {
            return null;
        }
        String name = type.name().toLowerCase(Locale.ROOT);
        Observation observation = Observation.createNotStarted(NAME, registry)
                .contextualName("holdfast " + name)
                .lowCardinalityKeyValue("holdfast.operation", name)
                .highCardinalityKeyValue("holdfast.scope", onScope.scope());
        if (operation instanceof Operation.Reserve reserve) {
            describe(
                    observation,
                    reserve.session(),
                    reserve.model(),
                    reserve.id().value());
        } else if (operation instanceof Operation.Book book) {
            describe(observation, book.session(), book.model(), book.id().value());
        } else if (operation instanceof Operation.Commit commit) {
            observation.highCardinalityKeyValue("holdfast.operation.id", commit.holdId());
        } else if (operation instanceof Operation.Release release) {
            observation.highCardinalityKeyValue("holdfast.operation.id", release.holdId());
        } else if (operation instanceof Operation.Extend extend) {
            observation.highCardinalityKeyValue("holdfast.operation.id", extend.holdId());
        }
        return observation.start();
    }

    @Override
    public void answered(Operation operation, Outcome outcome, @Nullable Object mark) {
        if (mark instanceof Observation observation) {
            observation
                    .lowCardinalityKeyValue(
                            "holdfast.outcome",
                            outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT))
                    .stop();
        }
    }

    @Override
    public void failed(Operation operation, Throwable failure, @Nullable Object mark) {
        if (mark instanceof Observation observation) {
            observation
                    .lowCardinalityKeyValue("holdfast.outcome", "failed")
                    .error(failure)
                    .stop();
        }
    }

    private static void describe(Observation observation, @Nullable String session, String model, String id) {
        observation.highCardinalityKeyValue("holdfast.model", model);
        observation.highCardinalityKeyValue("holdfast.operation.id", id);
        if (session != null) {
            observation.highCardinalityKeyValue("holdfast.session", session);
        }
    }
}
