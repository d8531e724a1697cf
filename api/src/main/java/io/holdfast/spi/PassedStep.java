package io.holdfast.spi;

import io.holdfast.limit.Limit;
import io.holdfast.unit.Meter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A step of a limit that a call passed, or a limit that had no room for a rung of its ladder, and why it is not made as
 * asked.
 *
 * @param kind what the step does
 * @param scope the scope that has the limit
 * @param session the session counted, for a limit per session
 * @param limit the {@link Limit#key() key} of the limit
 * @param reached what is committed, held and asked together, in the unit of the limit's meter
 * @param step the amount of the step; of a limit without room, its amount less what is reserved
 */
public record PassedStep(Kind kind, String scope, @Nullable String session, String limit, long reached, long step) {
    /** What a step does. */
    public enum Kind {
        /** The call takes the next model of the ladder. */
        DOWNGRADE,
        /** The call is delayed. */
        THROTTLE,
        /** A model of the ladder has no room, and the call takes the next. */
        PASS_OVER
    }

    /**
     * Says in one line which step of which limit was passed.
     *
     * @return for people
     */
    public String describe() {
        Meter meter = Meter.valueOf(limit.substring(0, limit.indexOf('/')).toUpperCase(Locale.ROOT));
        return "scope '" + scope + "' limit " + limit + (session == null ? "" : " session '" + session + "'") + ": "
                + Limit.format(meter, reached) + " is above the "
                + (kind == Kind.PASS_OVER ? "limit of " : kind.name().toLowerCase(Locale.ROOT) + " step of ")
                + Limit.format(meter, step);
    }
}
