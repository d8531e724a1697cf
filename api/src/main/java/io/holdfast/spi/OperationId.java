package io.holdfast.spi;

import io.holdfast.limit.Names;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Names one write, so that asking again changes nothing. Ids are told apart within a tenant (the topmost scope) and a
 * kind of operation.
 *
 * @param value 1 to 256 characters without control characters
 * @param given true if the caller chose the id and may come back with it for as long as the longest window lasts; false
 *     if it was made here and is asked again only to resolve a lost answer
 */
public record OperationId(String value, boolean given) {
    private static final String PROCESS = Long.toHexString(new SecureRandom().nextLong()) + "-";
    private static final AtomicLong SEQUENCE = new AtomicLong();

    /** Checks an id that was given. */
    public OperationId {
        if (given) {
            Names.check("operation id", value);
        }
    }

    /**
     * Returns an id that the caller chose.
     *
     * @param value 1 to 256 characters without control characters
     * @return the id
     * @throws io.holdfast.error.InvalidInputException if the value is no name
     */
    public static OperationId given(String value) {
        return new OperationId(value, true);
    }

    /**
     * Makes an id that no other process or call has.
     *
     * @return 64 random bits of this process and a running number
     */
    public static OperationId made() {
        return new OperationId(PROCESS + SEQUENCE.incrementAndGet(), false);
    }

    @Override
    public String toString() {
        return value;
    }
}
