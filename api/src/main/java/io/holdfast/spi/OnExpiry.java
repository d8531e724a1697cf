package io.holdfast.spi;

/** What becomes of a hold that nobody settles in its time. */
public enum OnExpiry {
    /** It is in doubt and booked at its estimate: the provider may have charged. */
    CHARGE,
    /** It is given back. */
    RELEASE
}
