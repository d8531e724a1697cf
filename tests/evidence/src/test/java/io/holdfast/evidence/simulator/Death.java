package io.holdfast.evidence.simulator;

/** Ends a process at a call to the disk. No error of the library's: nothing there may catch it. */
final class Death extends Error {
    private static final long serialVersionUID = 1;

    Death(String call) {
        super("killed at " + call, null, false, false);
    }
}
