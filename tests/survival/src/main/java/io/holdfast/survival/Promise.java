package io.holdfast.survival;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A promise of the library and the tests that would notice its breaking, from the resource {@code promises.txt}.
 *
 * @param id its name, such as {@code I7}
 * @param text what is promised
 * @param tests the tests, each the simple name of a class, with {@code #method} where one method is meant
 */
record Promise(String id, String text, List<String> tests) {
    private static final String RESOURCE = "promises.txt";

    /** Returns all promises, in the order of the resource. */
    static List<Promise> all() throws IOException {
        List<Promise> promises = new ArrayList<>();
        try (InputStream in = Promise.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("the resource " + RESOURCE + " is missing");
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("#") || line.isBlank()) {
                    continue;
                }
                if (line.startsWith(" ")) {
                    promises.get(promises.size() - 1).tests.add(line.strip());
                } else {
                    int space = line.indexOf(' ');
                    promises.add(new Promise(line.substring(0, space), line.substring(space + 1), new ArrayList<>()));
                }
            }
        }
        return promises;
    }

    /** Returns the simple name of the class of a test. */
    static String classOf(String test) {
        int method = test.indexOf('#');
        return method < 0 ? test : test.substring(0, method);
    }
}
