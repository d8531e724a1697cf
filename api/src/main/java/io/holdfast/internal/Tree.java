package io.holdfast.internal;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the scopes below one topmost scope share: the names of their operations. */
final class Tree {
    final String root;
    private @Nullable Map<String, Hold> holds;
    private @Nullable Map<String, Answer> answers;

    /**
     * That an operation without a hold was carried out.
     *
     * @param id the operation, with a letter before it for its kind
     * @param tree whose operation
     * @param given whether its caller chose the id
     * @param fingerprint tells its content from another
     * @param at when
     */
    record Answer(String id, Tree tree, boolean given, long fingerprint, long at) {}

    Tree(String root) {
        this.root = root;
    }

    @Nullable
    Hold hold(String id) {
        return holds == null ? null : holds.get(id);
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
        return answers == null ? null : answers.get(id);
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
