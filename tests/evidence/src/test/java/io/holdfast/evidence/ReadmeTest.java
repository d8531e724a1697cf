package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
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

@DisplayName("The example of the README")
class ReadmeTest {
    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path classes;

    @Test
    @DisplayName("compiles as it stands")
    void compiles() throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(readme()));
        assertThat(example.find()).isTrue();
        String source = """
                import io.holdfast.*;
                import io.holdfast.unit.*;

                class Example {
                    record Answer(long inputTokens, long outputTokens) {}

                    interface Client {
                        Answer ask(String model, String prompt);
                    }

                    void run(Client client, String prompt) {
                %s
                    }
                }
                """.formatted(example.group(1));
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        StringWriter messages = new StringWriter();
        boolean compiled = compiler.getTask(
                        messages,
                        null,
                        null,
                        List.of(
                                "-d",
                                classes.toString(),
                                "-proc:none",
                                "-classpath",
                                System.getProperty("java.class.path")),
                        null,
                        List.of(
                                new SimpleJavaFileObject(
                                        URI.create("string:///Example.java"), SimpleJavaFileObject.Kind.SOURCE) {
                                    @Override
                                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                                        return source;
                                    }
                                }))
                .call();
        assertThat(compiled).as("%s%n%s", messages, source).isTrue();
    }

    private static Path readme() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("CONTRIBUTING.md"))) {
            directory = Objects.requireNonNull(directory.getParent());
        }
        return directory.resolve("README.md");
    }
}
