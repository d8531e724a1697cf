package io.holdfast.pricing;

import java.io.ByteArrayInputStream;
import java.util.List;

/** Reads a price file that is any bytes. */
public final class PriceFileFuzz {
    private PriceFileFuzz() {}

    /**
     * Decodes.
     *
     * @param bytes a price file
     */
    public static void fuzzerTestOneInput(byte[] bytes) {
        try {
            List<Timeline> timelines = new PriceFile()
                    .add("prices.csv", new ByteArrayInputStream(bytes))
                    .timelines();
            if (timelines.stream().anyMatch(each -> each == null)) {
                throw new AssertionError("no timeline");
            }
        } catch (PriceFileException refused) {
            if (!String.valueOf(refused.getMessage()).startsWith("prices.csv")) {
                throw new AssertionError("the refusal names no file", refused);
            }
        }
    }
}
