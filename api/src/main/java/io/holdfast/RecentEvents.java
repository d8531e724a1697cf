package io.holdfast;

import io.holdfast.event.BudgetEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The newest events of this node, for reports. */
final class RecentEvents {
    private static final int MOST = 1_000;

    private final Deque<BudgetEvent> newest = new ArrayDeque<>();

    synchronized void add(BudgetEvent event) {
        if (newest.size() == MOST) {
            newest.removeFirst();
        }
        newest.addLast(event);
    }

    /** Returns those of one session, oldest first. */
    synchronized List<BudgetEvent> of(String scope, String session) {
        return newest.stream()
                .filter(event -> event.scope().equals(scope) && session.equals(event.session()))
                .toList();
    }
}
