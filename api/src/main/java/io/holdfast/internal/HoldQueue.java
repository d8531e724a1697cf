package io.holdfast.internal;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The active holds, the next to expire first: a binary heap in which each hold knows its place. */
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
            if (other.expiresAt <= hold.expiresAt) {
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
            if (below + 1 < size && at(below + 1).expiresAt < at(below).expiresAt) {
                below++;
            }
            if (hold.expiresAt <= at(below).expiresAt) {
                break;
            }
            place(at, at(below));
            at = below;
        }
        place(at, hold);
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
