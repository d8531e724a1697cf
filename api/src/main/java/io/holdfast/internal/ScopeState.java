package io.holdfast.internal;

import io.holdfast.spi.ScopeDefinition;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One scope of a ledger: its place in the tree, its definition, its counters and its sessions. */
final class ScopeState {
    final String name;
    final @Nullable ScopeState parent;
    final Tree tree;
    final int depth;
    final CounterSet counters = new CounterSet(this, null);

    @Nullable
    Definition own;

    @Nullable
    Template template;

    boolean removed;
    boolean draining;
    int openHolds;
    int children;
    /** Whether the ledger knows it, or it is only thought of. */
    boolean kept;

    @Nullable
    Plan latestPlan;

    private @Nullable Map<String, SessionState> sessions;

    /** A definition that many scopes share; replacing it replaces theirs. */
    static final class Template {
        Definition definition;

        Template(Definition definition) {
            this.definition = definition;
        }
    }

    /** Makes a scope below another one, or at the top of a ledger with that archive. */
    ScopeState(String name, @Nullable ScopeState parent, Archive archive) {
        this.name = name;
        this.parent = parent;
        this.tree = parent == null ? new Tree(name, archive) : parent.tree;
        this.depth = parent == null ? 0 : parent.depth + 1;
    }

    Definition definition() {
        Definition definition = definitionIfAny();
        if (definition == null) {
            throw new IllegalStateException("scope '" + name + "' has no definition");
        }
        return definition;
    }

    /** Returns the definition, which a scope that was removed has not. */
    @Nullable
    Definition definitionIfAny() {
        if (own != null) {
            return own;
        }
        return template == null ? null : template.definition;
    }

    ScopeDefinition asDefined() {
        ScopeDefinition source = definition().source;
        return new ScopeDefinition(name, parent == null ? null : parent.name, source.limits(), source.ladders());
    }

    /** Returns the session, or a new one that is not yet kept. */
    SessionState session(String id) {
        SessionState known = sessions == null ? null : sessions.get(id);
        return known == null ? new SessionState(this, id) : known;
    }

    boolean keeps(String sessionId) {
        return sessions != null && sessions.containsKey(sessionId);
    }

    void keep(SessionState session) {
        if (sessions == null) {
            sessions = new HashMap<>();
        }
        sessions.putIfAbsent(session.id, session);
        session.kept = true;
    }

    Iterable<SessionState> sessions() {
        return sessions == null ? java.util.List.of() : sessions.values();
    }
}
