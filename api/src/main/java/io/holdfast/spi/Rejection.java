package io.holdfast.spi;

/** Why an operation was not carried out, other than for lack of budget. Nothing was changed. */
public enum Rejection {
    /** No such scope is defined and no template covers its name. */
    UNKNOWN_SCOPE,
    /** The scope named as a parent is not defined. */
    UNKNOWN_PARENT,
    /** The scope would be its own ancestor. */
    PARENT_CYCLE,
    /** A scope would have more ancestors than a path may have. */
    PATH_TOO_LONG,
    /** A scope keeps the parent it was first defined with. */
    PARENT_CHANGED,
    /** The scope is defined otherwise, and the operation was not to replace it. */
    DEFINITION_CONFLICT,
    /** The scope has children. */
    HAS_CHILDREN,
    /** The scope has open holds. */
    OPEN_HOLDS,
    /** The scope is being removed and admits nothing more. */
    DRAINING,
    /** The scope has no such hold. */
    UNKNOWN_HOLD,
    /** The hold is settled, in another way than asked. */
    HOLD_SETTLED,
    /** The id was used before, for something else. */
    ID_REUSED,
    /** The model has no price, and a cost limit would have to count it. */
    UNPRICED,
    /** A limit per session applies, and no session was named. */
    SESSION_REQUIRED,
    /** The scope has no such session. */
    UNKNOWN_SESSION,
    /** The child session's budget was given back or ran out of time. */
    ALLOTMENT_CLOSED,
    /** A counter would pass the largest number it can hold. */
    OVERFLOW,
    /** There is no such subscription. */
    UNKNOWN_SUBSCRIPTION,
    /** The subscription was disabled, and the operation was not to revive it. */
    SUBSCRIPTION_DISABLED,
    /** The ledger has as many subscriptions as it may have. */
    TOO_MANY_SUBSCRIPTIONS
}
