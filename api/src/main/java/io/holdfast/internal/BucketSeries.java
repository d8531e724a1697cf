package io.holdfast.internal;

import java.util.Arrays;

/**
 * Amounts by bucket, oldest first, and their sum. Buckets below the floor are forgotten: nothing can be added to them
 * and nothing taken away.
 */
final class BucketSeries {
    private static final long[] NONE = {};

    private long[] buckets = NONE;
    private long[] amounts = NONE;
    private int from;
    private int to;
    private long floor = Long.MIN_VALUE;
    private long sum;

    long sum() {
        return sum;
    }

    int size() {
        return to - from;
    }

    long bucket(int index) {
        return buckets[from + index];
    }

    long amount(int index) {
        return amounts[from + index];
    }

    /** Tells whether no bucket from the given one on has an amount. */
    boolean emptyFrom(long oldest) {
        return from == to || buckets[to - 1] < oldest;
    }

    /** Tells whether the bucket is not forgotten. */
    boolean counts(long bucket) {
        return bucket >= floor;
    }

    /** Adds to a bucket; the amount may be negative where it takes back what was added before. */
    void add(long bucket, long amount) {
        if (bucket < floor || amount == 0) {
            return;
        }
        sum = Math.addExact(sum, amount);
        int at = to - 1;
        if (at >= from && buckets[at] == bucket) {
            long left = amounts[at] + amount;
            amounts[at] = left;
            to = left == 0 ? at : to;
            return;
        }
        while (at >= from && buckets[at] > bucket) {
            at--;
        }
        if (at >= from && buckets[at] == bucket) {
            amounts[at] += amount;
            if (amounts[at] == 0) {
                remove(at);
            }
        } else {
            insert(at + 1, bucket, amount);
        }
    }

    /** Forgets the buckets before the given one. */
    void dropBefore(long oldest) {
        if (oldest <= floor) {
            return;
        }
        floor = oldest;
        while (from < to && buckets[from] < oldest) {
            sum -= amounts[from++];
        }
        if (from == to) {
            from = 0;
            to = 0;
        }
    }

    void clear() {
        from = 0;
        to = 0;
        sum = 0;
    }

    /** A bucket that is empty again goes, so that it makes no difference that it was ever there. */
    private void remove(int at) {
        System.arraycopy(buckets, at + 1, buckets, at, to - at - 1);
        System.arraycopy(amounts, at + 1, amounts, at, to - at - 1);
        to--;
    }

    private void insert(int at, long bucket, long amount) {
        if (at < to && to < buckets.length) {
            System.arraycopy(buckets, at, buckets, at + 1, to - at);
            System.arraycopy(amounts, at, amounts, at + 1, to - at);
        } else if (to == buckets.length) {
            int size = to - from;
            int capacity = size < buckets.length / 2 ? buckets.length : Math.max(2, size * 2);
            long[] widerBuckets = Arrays.copyOf(Arrays.copyOfRange(buckets, from, to), capacity);
            long[] widerAmounts = Arrays.copyOf(Arrays.copyOfRange(amounts, from, to), capacity);
            at -= from;
            from = 0;
            to = size;
            System.arraycopy(widerBuckets, at, widerBuckets, at + 1, to - at);
            System.arraycopy(widerAmounts, at, widerAmounts, at + 1, to - at);
            buckets = widerBuckets;
            amounts = widerAmounts;
        }
        buckets[at] = bucket;
        amounts[at] = amount;
        to++;
    }
}
