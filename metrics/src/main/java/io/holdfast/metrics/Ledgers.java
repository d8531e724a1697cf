package io.holdfast.metrics;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Survey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** The ledgers that are open, and what was last seen of them as a whole. */
final class Ledgers {
    private final Map<LedgerStore, IntSupplier> open = new ConcurrentHashMap<>();
    final LongAdder asked = new LongAdder();
    final LongAdder ended = new LongAdder();
    private volatile boolean gathering;
    private volatile long openHolds;
    private volatile long oldestAgeMillis;
    private volatile long surveyedAt = System.nanoTime();

    void add(LedgerStore store, IntSupplier spooled) {
        open.put(store, spooled);
        gathering |= store.traits().gathers();
    }

    void remove(LedgerStore store) {
        open.remove(store);
    }

    /** Returns whether any of them gathers callers, so that every operation is worth timing. */
    boolean gathering() {
        return gathering;
    }

    /** Reads each ledger once. */
    void survey(Consumer<LimitState> reader) {
        long holds = 0;
        long oldest = 0;
        for (LedgerStore store : open.keySet()) {
            Survey survey = store.survey(reader);
            holds += survey.openHolds();
            oldest = Math.max(oldest, survey.at() - survey.oldestHold());
        }
        openHolds = holds;
        oldestAgeMillis = oldest;
        surveyedAt = System.nanoTime();
    }

    double openHolds() {
        return openHolds;
    }

    double oldestAgeSeconds() {
        return oldestAgeMillis / 1e3;
    }

    double surveyAgeSeconds() {
        return (System.nanoTime() - surveyedAt) / 1e9;
    }

    double spooled() {
        return open.values().stream().mapToInt(IntSupplier::getAsInt).sum();
    }

    double waiting() {
        return Math.max(0, asked.sum() - ended.sum());
    }
}
