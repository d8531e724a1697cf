package io.holdfast.metrics;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.Survey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** The ledgers that are open, and what was last seen of them as a whole. */
final class Ledgers {
    private final Map<LedgerStore, Watched> open = new ConcurrentHashMap<>();
    final LongAdder asked = new LongAdder();
    final LongAdder ended = new LongAdder();
    private volatile boolean gathering;
    private volatile long openHolds;
    private volatile long oldestAgeMillis;
    private volatile long surveyedAt = System.nanoTime();

    /** One ledger, which several managers may have open. */
    private static final class Watched {
        private final List<IntSupplier> spools = new CopyOnWriteArrayList<>();
        private int managers;
        private volatile boolean closed;
    }

    synchronized void add(LedgerStore store, IntSupplier spooled) {
        Watched watched = open.computeIfAbsent(store, found -> new Watched());
        watched.spools.add(spooled);
        watched.managers++;
        gathering |= store.traits().gathers();
    }

    /** Ends reads of a ledger once the last of its managers is done with it. */
    synchronized void remove(LedgerStore store) {
        Watched watched = open.get(store);
        if (watched != null && --watched.managers == 0) {
            watched.closed = true;
            open.remove(store);
            gathering = open.keySet().stream().anyMatch(each -> each.traits().gathers());
        }
    }

    /** Returns whether any of them gathers callers, so that every operation is worth timing. */
    boolean gathering() {
        return gathering;
    }

    /**
     * Reads each ledger once.
     *
     * @return false if one was closed meanwhile, so that what was read is of no use
     */
    boolean survey(Consumer<LimitState> reader) {
        long holds = 0;
        long oldest = 0;
        for (Map.Entry<LedgerStore, Watched> each : open.entrySet()) {
            Watched watched = each.getValue();
            Survey survey;
            try {
                survey = each.getKey().survey(state -> {
                    if (watched.closed) {
                        throw new StoreException("the ledger was closed while it was read", null);
                    }
                    reader.accept(state);
                });
            } catch (RuntimeException failure) {
                if (watched.closed) {
                    return false;
                }
                throw failure;
            }
            holds += survey.openHolds();
            oldest = Math.max(oldest, survey.at() - survey.oldestHold());
        }
        openHolds = holds;
        oldestAgeMillis = oldest;
        surveyedAt = System.nanoTime();
        return true;
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
        return open.values().stream()
                .flatMap(watched -> watched.spools.stream())
                .mapToInt(IntSupplier::getAsInt)
                .sum();
    }

    double waiting() {
        return Math.max(0, asked.sum() - ended.sum());
    }
}
