package io.holdfast.metrics;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/** A counter for each constant of an enum. */
final class EnumTally<E extends Enum<E>> {
    private final E[] constants;
    private final LongAdder[] adders;

    EnumTally(Class<E> kind) {
        this.constants = kind.getEnumConstants();
        this.adders = new LongAdder[constants.length];
        for (int i = 0; i < adders.length; i++) {
            adders[i] = new LongAdder();
        }
    }

    @SuppressWarnings("EnumOrdinal") // every call comes by here
    void increment(E constant) {
        adders[constant.ordinal()].increment();
    }

    void forEach(BiConsumer<E, LongAdder> reader) {
        for (int i = 0; i < adders.length; i++) {
            reader.accept(constants[i], adders[i]);
        }
    }
}
