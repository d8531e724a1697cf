package io.holdfast.evidence;

import io.holdfast.evidence.oracle.Oracle;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.util.ArrayList;
import java.util.List;

/** Reads the actions of a random history as operations: knows the holds and child sessions that were made so far. */
final class Script {
    private final List<Operation.Reserve> made = new ArrayList<>();
    private final List<Operation.Allot> children = new ArrayList<>();

    /** Takes note of what became of an operation. */
    void happened(Operation operation, Outcome outcome) {
        if (outcome instanceof Outcome.Held held && !held.repeated()) {
            if (operation instanceof Operation.Reserve reserve) {
                made.add(reserve);
            } else if (operation instanceof Operation.Allot allot) {
                children.add(allot);
            }
        }
    }

    /** Returns what an action asks, or nothing if there is no hold for it, or its answer may be forgotten. */
    Operation operation(Action action, Oracle oracle, long clock) {
        Operation operation = operation(action);
        return operation == null || !oracle.remembers(operation, clock) ? null : operation;
    }

    private Operation operation(Action action) {
        if (action instanceof Action.Define define) {
            return new Operation.Define(
                    new ScopeDefinition(define.name(), define.parent(), define.limits(), Action.ladders(define.name())),
                    define.replace());
        } else if (action instanceof Action.Remove remove) {
            return new Operation.Remove(remove.name(), remove.removal());
        } else if (action instanceof Action.Reserve reserve) {
            return reserve(reserve);
        } else if (action instanceof Action.Allot allot) {
            return allot(allot);
        } else if (action instanceof Action.Book book) {
            return book(book);
        } else if (action instanceof Action.Check check) {
            return new Operation.Check(reserve(check.call()).request());
        } else if (action instanceof Action.Reset reset) {
            return new Operation.ResetSession(OperationId.given("i" + reset.id()), reset.scope(), reset.session());
        } else if (action instanceof Action.Sweep) {
            return new Operation.Sweep();
        } else if (action instanceof Action.CloseChild close) {
            Operation.Allot child = child(close.child());
            return child == null
                    ? null
                    : new Operation.Release(child.scope(), child.id().value());
        }
        return made.isEmpty() ? null : settlement(action);
    }

    private Operation.Reserve reserve(Action.Reserve call) {
        Operation.Allot child = child(call.child());
        Operation.Request request = Action.request(call, null);
        if (child != null) {
            request = new Operation.Request(
                    child.scope(),
                    child.session(),
                    request.offers(),
                    request.shortened(),
                    request.policy(),
                    child.id().value());
        }
        return new Operation.Reserve(
                OperationId.given("i" + call.id()), request, call.ttl(), call.onExpiry(), Detail.NONE);
    }

    private Operation.Allot allot(Action.Allot allot) {
        Operation.Allot above = child(allot.child());
        return new Operation.Allot(
                OperationId.given("i" + allot.id()),
                above == null ? allot.scope() : above.scope(),
                above == null ? allot.session() : above.session(),
                above == null ? null : above.id().value(),
                "child" + allot.id(),
                allot.cost(),
                allot.ttl());
    }

    private Operation.Book book(Action.Book book) {
        Operation.Allot child = child(book.child());
        return new Operation.Book(
                OperationId.given("i" + book.id()),
                child == null ? book.scope() : child.scope(),
                child == null ? book.session() : child.session(),
                book.model(),
                book.amounts(),
                book.loop(),
                child == null ? null : child.id().value(),
                Detail.NONE);
    }

    private Operation settlement(Action action) {
        if (action instanceof Action.Commit commit) {
            Operation.Reserve hold = recent(commit.hold());
            Amounts amounts = commit.amounts() == null ? hold.amounts() : commit.amounts();
            return new Operation.Commit(
                    scope(hold, commit.otherScope()), hold.id().value(), amounts, commit.estimated(), Detail.NONE);
        } else if (action instanceof Action.Release release) {
            Operation.Reserve hold = recent(release.hold());
            return new Operation.Release(
                    scope(hold, release.otherScope()), hold.id().value());
        } else if (action instanceof Action.Extend extend) {
            Operation.Reserve hold = recent(extend.hold());
            return new Operation.Extend(
                    OperationId.given("x" + extend.id()),
                    hold.scope(),
                    hold.id().value(),
                    extend.ttl());
        }
        throw new IllegalArgumentException("no operation: " + action);
    }

    private Operation.Reserve recent(int back) {
        return made.get(Math.max(0, made.size() - 1 - back));
    }

    private Operation.Allot child(Integer back) {
        return back == null || children.isEmpty() ? null : children.get(Math.max(0, children.size() - 1 - back));
    }

    private static String scope(Operation.Reserve hold, String other) {
        return other == null ? hold.scope() : other;
    }
}
