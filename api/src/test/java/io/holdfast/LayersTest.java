package io.holdfast;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which package may use which, and what none may use. Every rule also meets the classes of {@code badlayers}, which break
 * it, so that a rule which can no longer fail is noticed.
 */
class LayersTest {
    private static final String ROOT = "io.holdfast";
    private static final String BAD_ROOT = "badlayers";

    /** For each package below the root: the other packages below it that it may use. The root may use them all. */
    private static final Map<String, Set<String>> LAYERS = new TreeMap<>(Map.of(
            "unit", Set.of("error"),
            "error", Set.of("unit"),
            "limit", Set.of("unit", "error"),
            "pricing", Set.of("unit", "error"),
            "spi", Set.of("unit", "error", "limit"),
            "event", Set.of("unit", "error", "limit", "spi"),
            "internal", Set.of("unit", "error", "limit", "spi")));

    /** The methods that may take or return a floating point number: a share of a limit, which is neither money nor tokens. */
    private static final Set<String> FLOATING_POINT_METHODS =
            Set.of("alertAt", "downgradeAt", "throttleAt", "finalReserve", "share", "millionths");

    /** The one field that keeps what such a method was given, until it is turned into exact alerts. */
    private static final Set<String> FLOATING_POINT_FIELDS = Set.of("io.holdfast.BudgetScope$Builder.alerts");

    private static final Set<String> FLOATING_POINT_TYPES =
            Set.of("double", "float", "java.lang.Double", "java.lang.Float");

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/io/holdfast/survival/"))
            .importPackages(ROOT);

    private static final JavaClasses BAD = new ClassFileImporter().importPackages(BAD_ROOT);

    @ParameterizedTest(name = "{0}")
    @MethodSource("rulesOfMain")
    @DisplayName("the library keeps to its layers")
    void mainKeepsTheRule(ArchRule rule) {
        rule.check(MAIN);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rulesOfBad")
    @DisplayName("each rule refuses a class that breaks it")
    void badBreaksTheRule(ArchRule rule) {
        assertThatThrownBy(() -> rule.check(BAD)).isInstanceOf(AssertionError.class);
    }

    @Test
    @DisplayName("a floating point number is found as field, parameter, result, box and array")
    void everyKindOfFloatingPointIsFound() {
        assertThatThrownBy(() -> noFloatingPoint().check(BAD))
                .hasMessageContainingAll("Inexact.field", "Inexact.<init>", "Inexact.result", "Inexact.boxes")
                .hasMessageNotContaining("alertAt");
    }

    @Test
    @DisplayName("the classes of the library are found at all")
    void thereAreClasses() {
        assertThat(MAIN).isNotEmpty();
        assertThat(BAD).isNotEmpty();
    }

    static Stream<ArchRule> rulesOfMain() {
        return rules(ROOT).stream();
    }

    static Stream<ArchRule> rulesOfBad() {
        return rules(BAD_ROOT).stream();
    }

    private static List<ArchRule> rules(String root) {
        List<ArchRule> rules = new ArrayList<>();
        LAYERS.forEach((layer, others) -> rules.add(layer(root, layer, others)));
        rules.add(everyPackageHasALayer(root));
        rules.add(onlyTheRootUsesPricing(root));
        rules.add(slices().matching("(**)").should().beFreeOfCycles().as("no cycles between packages"));
        rules.add(NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.as("nothing prints"));
        rules.add(NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.as("logs go to System.Logger"));
        rules.add(noFloatingPoint());
        rules.add(timeIsInjected());
        return rules;
    }

    private static ArchRule layer(String root, String layer, Set<String> others) {
        List<String> allowed =
                new ArrayList<>(List.of("java..", "org.jspecify.annotations", root + "." + layer + ".."));
        others.forEach(other -> allowed.add(root + "." + other + ".."));
        return classes()
                .that()
                .resideInAPackage(root + "." + layer + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed.toArray(String[]::new))
                .allowEmptyShould(true)
                .as(layer + " uses only the JDK, itself and "
                        + others.stream().sorted().toList());
    }

    private static ArchRule everyPackageHasALayer(String root) {
        String[] known = Stream.concat(
                        Stream.of(root), LAYERS.keySet().stream().map(layer -> root + "." + layer + ".."))
                .toArray(String[]::new);
        return classes().should().resideInAnyPackage(known).as("every package has a line in the table of layers");
    }

    private static ArchRule onlyTheRootUsesPricing(String root) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(root, root + ".pricing..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(root + ".pricing..")
                .as("only the root package uses pricing");
    }

    private static ArchRule noFloatingPoint() {
        return classes().should(new ArchCondition<>("have no float or double in a field, parameter or result") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                for (JavaField field : item.getFields()) {
                    if (isFloatingPoint(field.getRawType()) && !FLOATING_POINT_FIELDS.contains(field.getFullName())) {
                        events.add(SimpleConditionEvent.violated(field, field.getFullName() + " is floating point"));
                    }
                }
                for (JavaCodeUnit unit : item.getCodeUnits()) {
                    boolean found = isFloatingPoint(unit.getRawReturnType())
                            || unit.getRawParameterTypes().stream().anyMatch(LayersTest::isFloatingPoint);
                    if (found && !FLOATING_POINT_METHODS.contains(unit.getName())) {
                        events.add(SimpleConditionEvent.violated(unit, unit.getFullName() + " uses floating point"));
                    }
                }
            }
        });
    }

    private static boolean isFloatingPoint(JavaClass type) {
        return FLOATING_POINT_TYPES.contains(type.getBaseComponentType().getName());
    }

    private static ArchRule timeIsInjected() {
        return noClasses()
                .should()
                .callMethodWhere(describe("reads the clock of the machine", LayersTest::readsTheClock))
                .as("the time comes from the store, never from a static clock");
    }

    private static boolean readsTheClock(JavaMethodCall call) {
        String owner = call.getTargetOwner().getName();
        String method = call.getTarget().getName();
        return owner.equals("java.lang.System") && method.equals("currentTimeMillis")
                || owner.startsWith("java.time.")
                        && method.equals("now")
                        && call.getTarget().getRawParameterTypes().stream()
                                .noneMatch(type -> type.getName().equals("java.time.Clock"));
    }
}
