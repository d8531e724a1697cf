package io.holdfast.limit;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one limit stood at one moment. Amounts are in the unit of the limit's meter.
 *
 * @param scope the scope that has the limit
 * @param session the session counted, for a limit per session; its name is qualified by its scope where that is another
 * @param loopKey the key counted, for a loop guard
 * @param limit the limit
 * @param committed what was booked in the window
 * @param held what open holds set aside
 * @param asked what the operation asked for, zero where none did
 * @param reserved the part of the amount that is kept for final calls, zero where it is one that asks
 * @param frees when, in milliseconds since the epoch, what was asked would fit if nothing else happened (without a
 *     request: when the oldest amount leaves), or {@link Window#NEVER}
 */
public record LimitState(
        String scope,
        @Nullable String session,
        @Nullable String loopKey,
        Limit limit,
        long committed,
        long held,
        long asked,
        long reserved,
        long frees) {
    /**
     * Returns what is left to ask for.
     *
     * @return the limit less committed, held and reserved, never negative
     */
    public long remaining() {
        return Math.max(0, limit.amount() - reserved - committed - held);
    }

    /**
     * Tells whether what was asked fits.
     *
     * @return true if committed, held and asked together are at most the limit, less what is reserved
     */
    public boolean fits() {
        return asked <= limit.amount() - reserved - committed - held;
    }

    /**
     * Returns when what was asked would fit, if nothing else happened.
     *
     * @return the time, or empty if no passing of time frees enough
     */
    public Optional<Instant> freesAt() {
        return frees == Window.NEVER ? Optional.empty() : Optional.of(Instant.ofEpochMilli(frees));
    }

    /**
     * Returns the committed and held part of the limit, for people.
     *
     * @return percent with one decimal, rounded down; 100 for a limit of zero
     */
    public BigDecimal percentUsed() {
        if (limit.amount() == 0) {
            return BigDecimal.valueOf(1000, 1);
        }
        return BigDecimal.valueOf(committed)
                .add(BigDecimal.valueOf(held))
                .multiply(BigDecimal.valueOf(100))
                .divide(BigDecimal.valueOf(limit.amount()), 1, RoundingMode.DOWN);
    }

    /**
     * Says in one line which limit this is and how it stands.
     *
     * @return scope, limit, used, held, limit amount, what was asked, and when it frees
     */
    public String describe() {
        return describe(asked > 0);
    }

    /**
     * Says in one line which limit refuses and how it stands.
     *
     * @return as {@link #describe()}, with what was asked also where that was nothing, as a free call asks
     */
    public String describeRefusal() {
        return describe(true);
    }

    private String describe(boolean tellAsked) {
        StringBuilder text =
                new StringBuilder("scope '").append(scope).append("' limit ").append(limit.key());
        if (session != null) {
            text.append(" session '").append(session).append('\'');
        }
        if (loopKey != null) {
            text.append(" key '").append(loopKey).append('\'');
        }
        text.append(": used ").append(limit.format(committed));
        text.append(", held ").append(limit.format(held));
        text.append(", limit ").append(limit.format(limit.amount()));
        if (reserved > 0) {
            text.append(" (").append(limit.format(reserved)).append(" of it reserved for final calls)");
        }
        if (tellAsked) {
            text.append(", asked ").append(limit.format(asked));
        }
        if (!fits() || tellAsked) {
            text.append(
                    fits()
                            ? ", fits"
                            : ", frees " + freesAt().map(Instant::toString).orElse("never by itself"));
        }
        return text.toString();
    }
}
