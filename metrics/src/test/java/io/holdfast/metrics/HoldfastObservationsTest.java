package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.HoldException;
import io.holdfast.Reservation;
import io.holdfast.UnknownScopeException;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Observations of calls")
class HoldfastObservationsTest {
    private final List<Observation.Context> stopped = new ArrayList<>();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ObservationRegistry registry = ObservationRegistry.create();

    @BeforeEach
    void collect() {
        registry.observationConfig()
                .observationHandler(new DefaultMeterObservationHandler(meters))
                .observationHandler(new ObservationHandler<Observation.Context>() {
                    @Override
                    public void onStop(Observation.Context context) {
                        stopped.add(context);
                    }

                    @Override
                    public boolean supportsContext(Observation.Context context) {
                        return true;
                    }
                });
    }

    private BudgetManager budgets() {
        BudgetManager budgets = BudgetManager.builder()
                .observer(new HoldfastObservations(registry))
                .build();
        budgets.register(BudgetScope.named("tenant-7").maxCostPerDay("1.00").build());
        return budgets;
    }

    private static Call call() {
        return Call.of("ticket", "gpt-4o").input(10).maxOutput(10).id("op-1");
    }

    @Test
    @DisplayName("tell each step of a call, below the span of the caller")
    void steps() {
        Observation caller = Observation.start("caller", registry);
        try (BudgetManager budgets = budgets()) {
            caller.scoped(() -> {
                Reservation hold = budgets.budget("tenant-7").reserve(call());
                hold.release();
                assertThatThrownBy(() -> hold.commit(Incidents.USAGE)).isInstanceOf(HoldException.class);
                assertThatThrownBy(() -> budgets.budget("nobody").reserve(call()))
                        .isInstanceOf(UnknownScopeException.class);
            });
        }
        assertThat(stopped)
                .extracting(Observation.Context::getContextualName)
                .containsExactly("holdfast reserve", "holdfast release", "holdfast commit", "holdfast reserve");
        assertThat(stopped)
                .extracting(context ->
                        context.getLowCardinalityKeyValue("holdfast.outcome").getValue())
                .containsExactly("held", "settled", "rejected", "rejected");
        assertThat(stopped)
                .allMatch(context -> context.getParentObservation() != null
                        && context.getParentObservation()
                                .getContextView()
                                .getName()
                                .equals("caller"));
        assertThat(stopped.get(0).getHighCardinalityKeyValues())
                .extracting(KeyValue::getKey, KeyValue::getValue)
                .map(Object::toString)
                .containsExactlyInAnyOrder(
                        "(\"holdfast.scope\", \"tenant-7\")",
                        "(\"holdfast.session\", \"ticket\")",
                        "(\"holdfast.model\", \"openai:gpt-4o\")",
                        "(\"holdfast.operation.id\", \"op-1\")");
    }

    @Test
    @DisplayName("keep the tenant, and all else that has many values, out of the meters made of them")
    void cardinality() {
        try (BudgetManager budgets = budgets()) {
            budgets.budget("tenant-7").reserve(call()).commit(Incidents.USAGE);
        }
        String all = meters.getMeters().stream()
                .map(meter -> meter.getId().toString())
                .collect(Collectors.joining("\n"));
        assertThat(all).contains("holdfast.operation").doesNotContain("tenant-7", "ticket", "gpt-4o", "op-1");
    }
}
