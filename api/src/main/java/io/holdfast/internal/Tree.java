package io.holdfast.internal;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the scopes below one topmost scope share: the names of their operations. Those that are finished and were given by
 * callers are in the archive of the ledger.
 */
final class Tree {
    final String root;
    private final Archive archive;
    private @Nullable Map<String, Hold> holds;
    private @Nullable Map<String, Answer> answers;

    /**
     * That an operation was carried out which made no hold.
     *
     * @param id the operation, with a letter before it for its kind
     * @param tree whose operation
     * @param given whether its caller chose the id
     * @param fingerprint tells its content from another
     * @param at when
     */
    record Answer(String id, Tree tree, boolean given, long fingerprint, long at) implements Retention.Finished {
        @Override
        public long finishedAt() {
            return at;
        }

        @Override
        public void forget() {
            tree.forget(this);
        }
    }

    Tree(String root, Archive archive) {
        this.root = root;
        this.archive = archive;
    }

    /** Returns the hold of that name; a finished one may be a copy of what is remembered. */
    @Nullable
    Hold hold(String id) {
        Hold hold = holds == null ? null : holds.get(id);
        return hold != null ? hold : archive.hold(this, id);
    }

    void put(Hold hold) {
        if (holds == null) {
            holds = new HashMap<>();
        }
        holds.put(hold.id, hold);
    }

    void forget(Hold hold) {
        if (holds != null) {
            holds.remove(hold.id, hold);
        }
    }

    @Nullable
    Answer answer(String id) {
        Answer answer = answers == null ? null : answers.get(id);
        return answer != null ? answer : archive.answer(this, id);
    }

    void put(Answer answer) {
        if (answers == null) {
            answers = new HashMap<>();
        }
        answers.put(answer.id(), answer);
    }

    void forget(Answer answer) {
        if (answers != null) {
            answers.remove(answer.id(), answer);
        }
    }
}
