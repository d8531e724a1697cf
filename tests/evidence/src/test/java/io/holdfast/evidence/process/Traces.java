package io.holdfast.evidence.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Traffic to replay: the real trace where it lies beside the project, otherwise one made up in its format. */
final class Traces {
    private static final String REAL = "azure-llm-inference-2023-code.csv";

    private Traces() {}

    /** Returns the real trace if some folder above this one has it in shared/traces. */
    static Path realOrMade(Path scratch) throws IOException {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path real = at.resolve("shared").resolve("traces").resolve(REAL);
            if (Files.isRegularFile(real)) {
                return real;
            }
        }
        System.out.println("the real trace is not here; a made-up one is replayed");
        return made(scratch, 8_819, 42);
    }

    static Path made(Path scratch, int rows, long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\n");
        for (int i = 0; i < rows; i++) {
            csv.append("2023-11-16 18:17:03.9799600,")
                    .append(1 + random.nextInt(7_000))
                    .append(',')
                    .append(1 + random.nextInt(500))
                    .append('\n');
        }
        Path trace = scratch.resolve("made-" + seed + ".csv");
        Files.writeString(trace, csv);
        return trace;
    }
}
