package io.holdfast.metrics;

import io.holdfast.spi.HoldState;
import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.unit.Usage;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The meters that OpenTelemetry names for generative AI, out of what calls are settled with: {@code
 * gen_ai.client.token.usage} and {@code gen_ai.client.operation.duration}. For applications whose client library does not
 * record them; beside one that does, calls would be counted twice, so this is never on by itself.
 *
 * <pre>{@code
 * BudgetManager.builder().observer(new GenAiMetrics(registry))
 * }</pre>
 *
 * <p>A call lasts from its reserve to its commit. A call left unsettled or never settled is not recorded, since what it used
 * is not known. The names are those of the conventions in development as of November 2026.
 */
public final class GenAiMetrics implements LedgerObserver {
    private static final int MOST_MODELS = 100;
    private static final double[] TOKENS = {
        1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864
    };
    private static final Duration[] DURATIONS = DoubleStream.iterate(
                    10, millis -> millis < 100_000, millis -> millis * 2)
            .mapToObj(millis -> Duration.ofMillis((long) millis))
            .toArray(Duration[]::new);

    /** What the conventions call a provider that the price book calls otherwise. */
    private static final Map<String, String> PROVIDERS = Map.of(
            "google", "gcp.gemini",
            "vertex", "gcp.vertex_ai",
            "bedrock", "aws.bedrock",
            "azure", "azure.ai.openai",
            "mistral", "mistral_ai",
            "moonshot", "moonshot_ai",
            "xai", "x_ai");

    private final MeterRegistry registry;
    private final Map<String, Meters> models = new ConcurrentHashMap<>();

    /** The meters of one model. */
    private record Meters(DistributionSummary input, DistributionSummary output, Timer duration) {}

    /**
     * Makes the meters; those of a model come with its first call.
     *
     * @param registry where
     */
    public GenAiMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void answered(Operation operation, Outcome outcome, @Nullable Object mark) {
        if (operation instanceof Operation.Commit commit
                && outcome instanceof Outcome.Settled settled
                && !settled.repeated()
                && !commit.estimated()
                && settled.model() != null) {
            Meters meters = of(settled.model());
            used(meters, commit.detail().usage());
            if (settled.state() == HoldState.COMMITTED || settled.state() == HoldState.LATE_COMMITTED) {
                meters.duration().record(settled.settledAt() - settled.admittedAt(), TimeUnit.MILLISECONDS);
            }
        } else if (operation instanceof Operation.Book book
                && outcome instanceof Outcome.Booked booked
                && !booked.repeated()) {
            used(of(book.model()), book.detail().usage());
        }
    }

    private static void used(Meters meters, Usage usage) {
        meters.input().record((double) usage.inputTotal());
        meters.output().record((double) usage.output());
    }

    private Meters of(String model) {
        Meters known = models.get(model);
        if (known != null) {
            return known;
        }
        return models.computeIfAbsent(models.size() < MOST_MODELS ? model : "other:other", this::made);
    }

    private Meters made(String model) {
        int colon = model.indexOf(':');
        String provider = colon < 0 ? "unknown" : model.substring(0, colon);
        String name = model.substring(colon + 1);
        Tags tags = Tags.of(
                "gen_ai.operation.name",
                name.contains("embed") ? "embeddings" : "chat",
                "gen_ai.provider.name",
                PROVIDERS.getOrDefault(provider, provider),
                "gen_ai.request.model",
                name);
        return new Meters(
                tokens(tags, "input"),
                tokens(tags, "output"),
                Timer.builder("gen_ai.client.operation.duration")
                        .description("GenAI operation duration.")
                        .tags(tags)
                        .serviceLevelObjectives(DURATIONS)
                        .register(registry));
    }

    private DistributionSummary tokens(Tags tags, String type) {
        return DistributionSummary.builder("gen_ai.client.token.usage")
                .description("Number of input and output tokens used.")
                .tags(tags.and("gen_ai.token.type", type))
                .serviceLevelObjectives(TOKENS)
                .register(registry);
    }
}
