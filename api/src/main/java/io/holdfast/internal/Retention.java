package io.holdfast.internal;

import io.holdfast.limit.Window;
import io.holdfast.spi.HoldState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * For how long the names of finished operations are remembered, so that asking again changes nothing. An id its caller
 * chose is remembered for 24 hours, the longest window with an end, or the longest extension asked for by such an id,
 * whichever is longest, and so is every hold that ran out and may yet be committed. An id made by the library is asked
 * again only to resolve a lost answer: it is remembered for an hour, or until so many later ones have finished. To forget
 * it early charges nothing twice, as no caller can book under it again.
 */
final class Retention {
    private static final long MADE = Duration.ofHours(1).toMillis();
    private static final long SHORTEST_GIVEN = Duration.ofHours(24).toMillis();

    private final ArrayDeque<Finished> made = new ArrayDeque<>();
    /** Holds that ran out, and those among them that were committed since. */
    private final ArrayDeque<Expiry> expired = new ArrayDeque<>();

    private final Archive archive = new Archive();
    private final int mostMade;
    private long givenFor = SHORTEST_GIVEN;

    /** What is final. */
    sealed interface Finished permits Hold, Tree.Answer {
        /** Returns when it became so. */
        long finishedAt();

        /** Takes it off the names of its tree. */
        void forget();
    }

    /** A hold that ran out, and when. */
    private record Expiry(long at, Hold hold) {}

    /** Remembers at most so many made ids. */
    Retention(int mostMade) {
        this.mostMade = mostMade;
    }

    void cover(Window window) {
        if (window.longest() != Window.NEVER) {
            cover(window.longest());
        }
    }

    void cover(long millis) {
        givenFor = Math.max(givenFor, millis);
    }

    long givenFor() {
        return givenFor;
    }

    Archive archive() {
        return archive;
    }

    void keep(Hold hold) {
        if (hold.state == HoldState.EXPIRED) {
            expired.add(new Expiry(hold.settledAt, hold));
        } else if (hold.given) {
            hold.scope.tree.forget(hold);
            archive.add(hold);
        } else {
            made.add(hold);
        }
    }

    void keep(Tree.Answer answer) {
        if (answer.given()) {
            archive.add(answer);
        } else {
            answer.tree().put(answer);
            made.add(answer);
        }
    }

    /** Gives every remembered hold and answer to its reader, each kind in the order it has to be kept in again. */
    void forEach(Consumer<Hold> holds, Consumer<Tree.Answer> answers) {
        for (Finished each : made) {
            if (each instanceof Hold hold) {
                holds.accept(hold);
            } else if (each instanceof Tree.Answer answer) {
                answers.accept(answer);
            }
        }
        for (Expiry each : expired) {
            if (each.hold.state == HoldState.EXPIRED) {
                holds.accept(each.hold);
            }
        }
        archive.forEach(holds, answers);
    }

    void forget(long now) {
        while (made.size() > mostMade) {
            made.remove().forget();
        }
        for (Finished first = made.peek(); first != null && first.finishedAt() < now - MADE; first = made.peek()) {
            made.remove().forget();
        }
        for (Expiry first = expired.peek(); first != null && first.at < now - givenFor; first = expired.peek()) {
            forget(expired.remove());
        }
        archive.forget(now - givenFor);
    }

    /** Leaves a hold that was committed since to those that are final. */
    private static void forget(Expiry expiry) {
        if (expiry.hold.settledAt == expiry.at) {
            expiry.hold.forget();
        }
    }
}
