package io.holdfast.webhooks;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of sending one message once.
 *
 * @param status the status of the answer, or 0 where none came
 * @param failure why no answer came, or null
 * @param took how long it took
 * @param headers the headers that sign the message
 * @param retryAfter for how long the receiver asked to be left alone, or null
 */
public record Delivery(
        int status,
        @Nullable String failure,
        Duration took,
        Map<String, String> headers,
        @Nullable Duration retryAfter) {
    private static final int GONE = 410;
    private static final int TOO_MANY = 429;

    /**
     * Tells whether the message arrived.
     *
     * @return true for any status from 200 to 299
     */
    public boolean arrived() {
        return status >= 200 && status < 300;
    }

    /** Tells whether the receiver wants no message ever again. */
    boolean gone() {
        return status == GONE;
    }

    /** Tells whether the receiver takes no message at present, rather than not this one. */
    boolean closed() {
        return status == 0 || status >= 500 || status == TOO_MANY;
    }

    /**
     * Says what came of it.
     *
     * @return the status, or the failure
     */
    public String describe() {
        return failure == null ? "status " + status : failure;
    }
}
