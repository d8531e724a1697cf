package io.holdfast.survival;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The promises")
class PromisesTest {
    private static final Pattern TEST = Pattern.compile("@(Test|ParameterizedTest|RepeatedTest|Property)\\b");

    private static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("mvnw"))) {
            at = at.getParent();
        }
        return at;
    }

    /** Returns the text of every test class by its simple name. */
    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new HashMap<>();
        try (Stream<Path> files = Files.walk(root())) {
            for (Path file :
                    (Iterable<Path>) files.filter(each -> each.toString().endsWith(".java")
                            && (each.toString().contains("/src/test/")
                                    || each.toString().contains("/tests/store-contract/")))::iterator) {
                String name = file.getFileName().toString().replace(".java", "");
                tests.merge(name, Files.readString(file), String::concat);
            }
        }
        return tests;
    }

    /** Returns the text of a class and of those it extends. */
    private static String withInherited(String test, Map<String, String> tests) {
        StringBuilder text = new StringBuilder();
        String source = tests.get(test);
        for (String name = test; source != null; source = name == null ? null : tests.get(name)) {
            text.append(source);
            Matcher above = Pattern.compile("class " + name + " extends (\\w+)").matcher(source);
            name = above.find() ? above.group(1) : null;
        }
        return text.toString();
    }

    @Test
    @DisplayName("are I1 to I24, each in words and with at least one test that exists")
    void eachHasATest() throws IOException {
        List<Promise> promises = Promise.all();
        assertThat(promises)
                .extracting(Promise::id)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 24).mapToObj(i -> "I" + i).toList());
        Map<String, String> tests = tests();
        for (Promise promise : promises) {
            assertThat(promise.text()).as(promise.id()).hasSizeGreaterThan(20).doesNotContain("|");
            assertThat(promise.tests()).as(promise.id()).isNotEmpty().doesNotHaveDuplicates();
            for (String test : promise.tests()) {
                String source = withInherited(Promise.classOf(test), tests);
                assertThat(source).as("%s is tested by %s", promise.id(), test).isNotEmpty();
                assertThat(TEST.matcher(source).find()).as("%s has tests", test).isTrue();
                if (test.contains("#")) {
                    assertThat(source)
                            .as("%s is tested by %s", promise.id(), test)
                            .contains("void " + test.substring(test.indexOf('#') + 1) + "(");
                }
            }
        }
    }
}
