package io.holdfast.internal;

import io.holdfast.spi.HoldState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes a ledger's state as items. */
final class StateWriter {
    private final LedgerState state;
    private final Consumer<StateItem> sink;
    /** One reference to each counter, as most are those of many holds. */
    private final IdentityHashMap<Counter, StateItem.CounterRef> references = new IdentityHashMap<>();

    private Counter[] latest = Hold.NO_COUNTERS;
    private List<StateItem.CounterRef> latestReferences = List.of();

    StateWriter(LedgerState state, Consumer<StateItem> sink) {
        this.state = state;
        this.sink = sink;
    }

    void write() {
        sink.accept(new StateItem.Clock(state.lastTime()));
        state.takeover().item().ifPresent(sink);
        state.templates().values().stream()
                .sorted(java.util.Comparator.comparing(template -> template.definition.source.name()))
                .forEach(template -> sink.accept(new StateItem.Template(template.definition.source)));
        Set<String> written = new HashSet<>();
        for (ScopeState scope : state.scopes().values()) {
            scope(scope, written);
        }
        for (ScopeState scope : state.scopes().values()) {
            scope.counters.forEach(this::counter);
            for (SessionState session : scope.sessions()) {
                session(session);
            }
        }
        allotments().forEach(this::hold);
        state.active.forEach(hold -> {
            if (hold.allotment == null) {
                hold(hold);
            }
        });
        state.retention().forEach(this::hold, this::answer);
        state.outbox.items(sink);
    }

    /** Returns the open allotments, each after the one that it draws on. */
    private List<Hold> allotments() {
        List<Hold> allotments = new ArrayList<>();
        state.active.forEach(hold -> {
            if (hold.allotment != null) {
                allotments.add(hold);
            }
        });
        allotments.sort(java.util.Comparator.comparingInt(StateWriter::depth));
        return allotments;
    }

    private static int depth(Hold hold) {
        int depth = 0;
        for (Allotment at = hold.drawsOn; at != null; at = at.hold.drawsOn) {
            depth++;
        }
        return depth;
    }

    private void scope(ScopeState scope, Set<String> written) {
        if (!written.add(scope.name)) {
            return;
        }
        if (scope.parent != null) {
            scope(scope.parent, written);
        }
        String parent = scope.parent == null ? null : scope.parent.name;
        if (scope.removed) {
            sink.accept(new StateItem.Scope(scope.name, parent, null, null, null, true, false));
            return;
        }
        ScopeState.Template template = scope.own == null ? scope.template : null;
        String templateName = template == null ? null : template.definition.source.name();
        boolean listed = templateName != null && state.template(templateName) == template;
        sink.accept(new StateItem.Scope(
                scope.name,
                parent,
                scope.own == null ? null : scope.own.source,
                listed ? templateName : null,
                template == null || listed ? null : template.definition.source,
                false,
                scope.draining));
    }

    private void session(SessionState session) {
        sink.accept(new StateItem.Session(session.owner.name, session.id, session.resets));
        session.forEachCounter(this::counter);
    }

    private void counter(Counter counter) {
        counter.roll(state.lastTime());
        List<Long> buckets = new ArrayList<>();
        List<Long> committed = new ArrayList<>();
        copy(counter.committed, buckets, committed);
        List<Long> heldBuckets = new ArrayList<>();
        List<Long> held = new ArrayList<>();
        copy(counter.held, heldBuckets, held);
        if (!buckets.isEmpty() || !heldBuckets.isEmpty() || counter.alertLevel() > 0) {
            SessionState session = counter.session;
            sink.accept(new StateItem.Counted(
                    counter.scope.name,
                    session == null ? null : session.owner.name,
                    session == null ? null : session.id,
                    counter.loopKey,
                    counter.limit(),
                    buckets,
                    committed,
                    heldBuckets,
                    held,
                    counter.alertLevel()));
        }
    }

    private static void copy(BucketSeries series, List<Long> buckets, List<Long> amounts) {
        for (int i = 0; i < series.size(); i++) {
            buckets.add(series.bucket(i));
            amounts.add(series.amount(i));
        }
    }

    private void hold(Hold hold) {
        boolean mayChange = hold.state == HoldState.ACTIVE || hold.state == HoldState.EXPIRED;
        sink.accept(new StateItem.Held(
                hold.id,
                hold.given,
                hold.scope.name,
                hold.sessionId(),
                hold.model,
                hold.amounts,
                hold.admittedAt,
                hold.delayMillis,
                hold.expiresAt,
                hold.onExpiry,
                hold.steps,
                hold.fingerprint,
                hold.detail,
                mayChange ? references(hold.counters) : List.of(),
                hold.state,
                hold.settledAt,
                hold.booked,
                hold.sessionResets,
                drawsOn(hold),
                hold.allotment == null
                        ? null
                        : new StateItem.Allotted(hold.allotment.name, hold.allotment.left, hold.allotment.spent)));
    }

    /** Returns references to counters; calls of one kind have the very same list of them. */
    @SuppressWarnings("ReferenceEquality")
    private List<StateItem.CounterRef> references(Counter[] counters) {
        if (counters != latest) {
            List<StateItem.CounterRef> next = new ArrayList<>(counters.length);
            for (Counter counter : counters) {
                next.add(references.computeIfAbsent(
                        counter, each -> new StateItem.CounterRef(each.scope.name, each.limit(), each.loopKey)));
            }
            latest = counters;
            latestReferences = List.copyOf(next);
        }
        return latestReferences;
    }

    /** Returns what a hold that may yet change draws on, by now: an allotment that was closed has handed on. */
    private static @Nullable String drawsOn(Hold hold) {
        boolean mayChange = hold.state == HoldState.ACTIVE || hold.state == HoldState.EXPIRED;
        Allotment open = mayChange ? Allotment.nearestOpen(hold.drawsOn) : null;
        return open == null ? null : open.hold.id;
    }

    private void answer(Tree.Answer answer) {
        sink.accept(new StateItem.Answered(
                answer.tree().root, answer.id(), answer.given(), answer.fingerprint(), answer.at()));
    }
}
