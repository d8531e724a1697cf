package io.holdfast.spi;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a subscription stands.
 *
 * @param name its name
 * @param kinds the notices it asks for
 * @param disabled whether it was disabled, and takes nothing until it is subscribed to anew
 * @param pending how many notices wait in its queue
 * @param dropped how many never entered the full queue, or left it undelivered
 * @param worker who delivers at present, if anybody
 * @param leaseUntil until when, in milliseconds since the epoch
 */
public record SubscriptionState(
        String name,
        Set<NoticeKind> kinds,
        boolean disabled,
        int pending,
        long dropped,
        @Nullable String worker,
        long leaseUntil) {}
