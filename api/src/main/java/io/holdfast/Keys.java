package io.holdfast;

import io.holdfast.limit.Names;
import org.jspecify.annotations.Nullable;

/** Names made of others. What makes no name, because it is too long or not printable, is told by its digest. */
final class Keys {
    private Keys() {}

    /** Returns what a call is counted by where its caller gave no key: the model, and the tool if there is one. */
    static String loop(String model, @Nullable String tool) {
        return tool == null ? model : Names.orDigest(model + " " + tool);
    }

    /** Returns the id of the allotment of a child session, the same on every node. */
    static String allotment(String parent, String child) {
        return Names.orDigest("child " + child.length() + ":" + child + " of " + parent);
    }

    static String session(String scope, String session) {
        return "session " + session.length() + ":" + session + " of " + scope;
    }

    /** Returns how people see a child session: its id below those above it, each told from the next by a slash. */
    static String path(String parent, String child) {
        return parent + "/" + child.replace("%", "%25").replace("/", "%2F");
    }
}
