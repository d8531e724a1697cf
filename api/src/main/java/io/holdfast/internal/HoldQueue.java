package io.holdfast.internal;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The active holds, the next to expire first: a binary heap in which each hold knows its place. Those that expire at once
 * come in the order of their ids, so that every node and every restart tells the same.
 */
final class HoldQueue {
    private @Nullable Hold[] heap = new Hold[16];
    private int size;

    int size() {
        return size;
    }

    @Nullable
    Hold first() {
        return heap[0];
    }

    void add(Hold hold) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        up(size++, hold);
    }

    void remove(Hold hold) {
        int at = hold.queueIndex;
        if (at < 0) {
            return;
        }
        hold.queueIndex = -1;
        Hold last = at(--size);
        heap[size] = null;
        if (last != hold) {
            down(at, last);
            if (heap[at] == last) {
                up(at, last);
            }
        }
    }

    void forEach(Consumer<Hold> reader) {
        for (int i = 0; i < size; i++) {
            reader.accept(at(i));
        }
    }

    private void up(int at, Hold hold) {
        while (at > 0) {
            int above = (at - 1) >>> 1;
            Hold other = at(above);
            if (!before(hold, other)) {
                break;
            }
            place(at, other);
            at = above;
        }
        place(at, hold);
    }

    private void down(int at, Hold hold) {
        while (2 * at + 1 < size) {
            int below = 2 * at + 1;
            if (below + 1 < size && before(at(below + 1), at(below))) {
                below++;
            }
            if (!before(at(below), hold)) {
                break;
            }
            place(at, at(below));
            at = below;
        }
        place(at, hold);
    }

    private static boolean before(Hold one, Hold other) {
        if (one.expiresAt != other.expiresAt) {
            return one.expiresAt < other.expiresAt;
        }
        int order = one.id.compareTo(other.id);
        return order == 0 ? one.scope.name.compareTo(other.scope.name) < 0 : order < 0;
    }

    private void place(int at, Hold hold) {
        heap[at] = hold;
        hold.queueIndex = at;
    }

    private Hold at(int index) {
        Hold hold = heap[index];
        if (hold == null) {
            throw new IllegalStateException("no hold at " + index + " of " + size);
        }
        return hold;
    }
}
