package io.holdfast;

import io.holdfast.event.BudgetEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest events of this node, for reports. */
final class RecentEvents {
    private static final int MOST = 1_000;

    private final Deque<Told> newest = new ArrayDeque<>();

    /**
     * An event.
     *
     * @param child the path of the child session whose call brought it about, if one did
     */
    private record Told(BudgetEvent event, @Nullable String child) {
        boolean of(String path) {
            return child != null && (child.equals(path) || child.startsWith(path + "/"));
        }
    }

    synchronized void add(BudgetEvent event, @Nullable String child) {
        if (newest.size() == MOST) {
            newest.removeFirst();
        }
        newest.addLast(new Told(event, child));
    }

    /** Returns those of one session, or of one of its child sessions and those below, oldest first. */
    synchronized List<BudgetEvent> of(String scope, String session, @Nullable String child) {
        return newest.stream()
                .filter(told -> told.event.scope().equals(scope) && session.equals(told.event.session()))
                .filter(told -> child == null || told.of(child))
                .map(Told::event)
                .toList();
    }
}
