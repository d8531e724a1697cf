package io.holdfast.store.json;

/** The log of this module. */
final class Log {
    private static final System.Logger LOGGER = System.getLogger("io.holdfast.store.json");

    private Log() {}

    static void warn(String what, Throwable why) {
        LOGGER.log(System.Logger.Level.WARNING, what + ": " + why.getMessage(), why);
    }
}
