package io.holdfast.spi;

import io.holdfast.limit.Names;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
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
    private static final String PROCESS = HexFormat.of().toHexDigits(new SecureRandom().nextLong()) + "-";
    private static final AtomicLong SEQUENCE = new AtomicLong();
    /** What stands for five bits each; they sort as their values do. */
    private static final byte[] DIGITS = "0123456789abcdefghijklmnopqrstuv".getBytes(StandardCharsets.US_ASCII);

    private static final int DIGIT_BITS = 5;
    private static final int NUMBER_BITS = 50;
    private static final byte[] ZERO =
            (PROCESS + "0".repeat(NUMBER_BITS / DIGIT_BITS)).getBytes(StandardCharsets.US_ASCII);

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
     * Makes an id that no other process or call has. The first 2^50 of a process sort in the order they were made in, which
     * indexes of databases like best.
     *
     * @return 64 random bits of this process and a running number
     */
    public static OperationId made() {
        return new OperationId(made(SEQUENCE.incrementAndGet()), false);
    }

    static String made(long number) {
        if (number >>> NUMBER_BITS != 0) {
            return PROCESS + number;
        }
        byte[] id = ZERO.clone();
        int at = id.length;
        for (long rest = number; rest != 0; rest >>>= DIGIT_BITS) {
            id[--at] = DIGITS[(int) rest & (DIGITS.length - 1)];
        }
        return new String(id, StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return value;
    }
}
