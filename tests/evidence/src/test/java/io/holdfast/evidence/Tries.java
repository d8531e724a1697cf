package io.holdfast.evidence;

/** What the properties try: the same in each run of the build, so that it fails for what a change did and nothing else. */
final class Tries {
    /** Where their random numbers start. Another number tries other histories; a failure of one is mended under it. */
    static final String SEED = "20261125";

    private Tries() {}
}
