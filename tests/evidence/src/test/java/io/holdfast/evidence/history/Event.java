package io.holdfast.evidence.history;

/**
 * One operation as its client saw it.
 *
 * @param client who asked
 * @param ask what was asked
 * @param answer what it came to, or nothing if nobody knows
 * @param invoked when it was asked, on the clock that all clients share
 * @param returned when it was answered; never, if nobody knows
 */
record Event(int client, Ask ask, String answer, long invoked, long returned) {
    static Event unknown(int client, Ask ask, long invoked) {
        return new Event(client, ask, null, invoked, Long.MAX_VALUE);
    }

    boolean known() {
        return answer != null;
    }
}
