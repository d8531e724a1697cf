package io.holdfast;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Names;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Names made of others. What makes no name, because it is too long or not printable, is told by its digest. */
final class Keys {
    private Keys() {}

    /** Returns what a call is counted by where its caller gave no key: the model, and the tool if there is one. */
    static String loop(String model, @Nullable String tool) {
        return tool == null ? model : name(model + " " + tool);
    }

    /** Returns the id of the allotment of a child session, the same on every node. */
    static String allotment(String parent, String child) {
        return name("child " + child.length() + ":" + child + " of " + parent);
    }

    static String session(String scope, String session) {
        return "session " + session.length() + ":" + session + " of " + scope;
    }

    /** Returns how people see a child session: its id below those above it, each told from the next by a slash. */
    static String path(String parent, String child) {
        return parent + "/" + child.replace("%", "%25").replace("/", "%2F");
    }

    private static String name(String text) {
        try {
            return Names.check("name", text);
        } catch (InvalidInputException noName) {
            return digest(text);
        }
    }

    private static String digest(String text) {
        try {
            byte[] bits = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(bits);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
