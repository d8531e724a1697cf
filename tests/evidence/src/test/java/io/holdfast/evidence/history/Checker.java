package io.holdfast.evidence.history;

import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells whether the operations of a tree can be put one after the other, so that each gives the answer it gave and none comes
 * before one that was answered before it was asked: the search of Wing and Gong, with the memory of Lowe. An operation of
 * unknown outcome may take effect at any time after it was asked, or never. Trees share nothing, so each is checked by
 * itself.
 */
final class Checker {
    private record Seen(BitSet done, Model state) {}

    private final List<Event> events;
    private final BitSet known = new BitSet();
    private final Set<Seen> seen = new HashSet<>();

    private Checker(List<Event> events) {
        this.events = events;
        for (int i = 0; i < events.size(); i++) {
            known.set(i, events.get(i).known());
        }
    }

    static boolean accepts(List<Event> history) {
        List<Event> events = history.stream()
                .sorted(Comparator.comparingLong(Event::invoked))
                .toList();
        return new Checker(events).search(new BitSet(), Model.empty());
    }

    private boolean search(BitSet done, Model state) {
        BitSet missing = (BitSet) known.clone();
        missing.andNot(done);
        if (missing.isEmpty()) {
            return true;
        }
        if (!seen.add(new Seen((BitSet) done.clone(), state))) {
            return false;
        }
        long firstAnswer = missing.stream()
                .mapToLong(index -> events.get(index).returned())
                .min()
                .orElseThrow();
        for (int i = done.nextClearBit(0); i < events.size(); i = done.nextClearBit(i + 1)) {
            Event event = events.get(i);
            if (event.invoked() > firstAnswer) {
                return false;
            }
            Model.Step step = state.apply(event.ask());
            if (!event.known() || event.answer().equals(step.answer())) {
                done.set(i);
                if (search(done, step.next())) {
                    return true;
                }
                done.clear(i);
            }
        }
        return false;
    }
}
