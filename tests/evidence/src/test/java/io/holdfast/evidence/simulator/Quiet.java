package io.holdfast.evidence.simulator;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps the library from warning of the faults that a test injects by the thousand. */
public final class Quiet implements BeforeAllCallback, AfterAllCallback {
    private static final Logger LOGGER = Logger.getLogger("io.holdfast");

    @Override
    public void beforeAll(ExtensionContext context) {
        LOGGER.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        LOGGER.setLevel(null);
    }
}
