package io.holdfast.pricing;

import java.util.List;

/**
 * A model name as it was given, taken apart: at whom to look, and for what.
 *
 * @param providers whom the name states, in the order to ask; empty where it states nobody
 * @param name the rest of the name, in lower case
 * @param free whether the name asks for a free variant
 */
record ModelName(List<String> providers, String name, boolean free) {
    /** The key of a name that no row knows. */
    String unknownId() {
        return (providers.isEmpty() ? Names.NO_PROVIDER : providers.get(0)) + ':' + name;
    }
}
