package io.holdfast.gate;

import java.util.List;

/** Leaves out a type argument. */
final class RawType {
    private RawType() {}

    static int size(List list) {
        return list.size();
    }
}
