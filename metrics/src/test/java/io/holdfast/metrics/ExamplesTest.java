package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.unit.Usage;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** Compiles the examples of the page as they stand, but for the ledger, which is in memory here, and runs them. */
@DisplayName("The examples of the page")
class ExamplesTest {
    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path classes;

    @Test
    @DisplayName("for a plain application show its budgets in its registry")
    void plain() throws Exception {
        Class<?> example = compiled(
                "Plain",
                "static BudgetManager budgets(io.micrometer.core.instrument.MeterRegistry registry) {\n%s return budgets; }",
                example(0));
        MeterRegistry registry = new SimpleMeterRegistry();
        try (BudgetManager budgets =
                (BudgetManager) invoke(example, "budgets", new Class<?>[] {MeterRegistry.class}, registry)) {
            requireCounted(budgets, registry);
        }
    }

    @Test
    @DisplayName("for Spring Boot do so by being there, and end with the application")
    void springBoot() throws Exception {
        Class<?> example = compiled("Application", "%s", example(1));
        BudgetManager budgets;
        try (AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext(
                example,
                MetricsAutoConfiguration.class,
                SimpleMetricsExportAutoConfiguration.class,
                CompositeMeterRegistryAutoConfiguration.class)) {
            budgets = application.getBean(BudgetManager.class);
            requireCounted(budgets, application.getBean(MeterRegistry.class));
        }
        BudgetManager closed = budgets;
        assertThatThrownBy(() -> closed.budget("alice").summary()).hasMessageContaining("closed");
    }

    @Test
    @DisplayName("for spans and the names of OpenTelemetry do what they say")
    void more() throws Exception {
        Class<?> example = compiled(
                "More",
                "static BudgetManager.Builder builder(HoldfastMetrics metrics,"
                        + " io.micrometer.core.instrument.MeterRegistry registry,"
                        + " io.micrometer.observation.ObservationRegistry observationRegistry) {\nreturn %s }",
                example(2));
        MeterRegistry registry = new SimpleMeterRegistry();
        try (HoldfastMetrics metrics = HoldfastMetrics.create()) {
            metrics.bindTo(registry);
            BudgetManager.Builder builder = (BudgetManager.Builder) invoke(
                    example,
                    "builder",
                    new Class<?>[] {HoldfastMetrics.class, MeterRegistry.class, ObservationRegistry.class},
                    metrics,
                    registry,
                    ObservationRegistry.create());
            try (BudgetManager budgets = builder.build()) {
                requireCounted(budgets, registry);
                assertThat(registry.get("gen_ai.client.token.usage").summaries())
                        .isNotEmpty();
            }
        }
    }

    private static void requireCounted(BudgetManager budgets, MeterRegistry registry) {
        budgets.register(BudgetScope.named("alice").maxCostPerDay("1.00").build());
        budgets.budget("alice").record(Call.of("session", "gpt-4o"), Usage.of(10, 10));
        assertThat(registry.get("holdfast.calls")
                        .tag("outcome", "admitted")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
    }

    private static String example(int index) throws IOException {
        Matcher examples = EXAMPLE.matcher(Files.readString(Path.of("../docs/metrics.md")));
        for (int i = 0; i <= index; i++) {
            assertThat(examples.find()).isTrue();
        }
        return examples.group(1).replace("json:./ledger", "memory:");
    }

    private static Object invoke(Class<?> type, String method, Class<?>[] types, Object... arguments)
            throws ReflectiveOperationException {
        var found = type.getDeclaredMethod(method, types);
        found.setAccessible(true);
        return Objects.requireNonNull(found.invoke(null, arguments));
    }

    private Class<?> compiled(String name, String body, String example) throws Exception {
        String source = """
                import io.holdfast.*;
                import io.holdfast.metrics.*;
                import org.springframework.context.annotation.Bean;

                public class %s {
                %s
                }
                """.formatted(name, body.formatted(example));
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        StringWriter messages = new StringWriter();
        List<String> options =
                List.of("-d", classes.toString(), "-proc:none", "-classpath", System.getProperty("java.class.path"));
        URI uri = URI.create("string:///" + name + ".java");
        boolean compiled = compiler.getTask(
                        messages,
                        null,
                        null,
                        options,
                        null,
                        List.of(new SimpleJavaFileObject(uri, SimpleJavaFileObject.Kind.SOURCE) {
                            @Override
                            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                                return source;
                            }
                        }))
                .call();
        assertThat(compiled).as("%s%n%s", messages, source).isTrue();
        URL[] where = {classes.toUri().toURL()};
        return Class.forName(name, true, new URLClassLoader(where, getClass().getClassLoader()));
    }
}
