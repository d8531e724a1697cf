package io.holdfast.spi;

import io.holdfast.limit.LimitState;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Keeps a ledger. A store offers atomicity and durability; what an operation does is decided by the engine that all
 * stores share. Every method may be called from any thread.
 */
public interface LedgerStore extends AutoCloseable {
    /**
     * Returns what this store declares of itself.
     *
     * @return always the same
     */
    StoreTraits traits();

    /**
     * Carries out operations in order, each as one atomic step, and returns when they are as durable as the store
     * declares.
     *
     * @param batch the operations
     * @return the outcome of each, in the same order
     * @throws StoreException if none of them took effect
     * @throws AmbiguousOutcomeException if nobody can tell whether they did; asking again with the same ids settles it
     */
    List<Outcome> apply(List<Operation> batch);

    /**
     * Carries out operations as {@link #apply(List)} does, and after them those that others have asked for meanwhile. A store
     * that waits for its turn among other processes does better to ask for more once it has it: whoever came during the wait
     * need not wait for the next turn. A store that has nothing to wait for need not override this.
     *
     * @param batch the operations
     * @param more gives the operations that have come since, possibly none, each time it is asked; those that it gave belong
     *     to the batch from then on. Asked only before this method returns, and on the thread that called it
     * @return the outcome of each of the batch, and then of each that was given, in the same order
     * @throws StoreException if none of them took effect
     * @throws AmbiguousOutcomeException if nobody can tell whether they did; asking again with the same ids settles it
     */
    default List<Outcome> apply(List<Operation> batch, Supplier<List<Operation>> more) {
        return apply(batch);
    }

    /**
     * Carries out one operation, as {@link #apply(List)} does.
     *
     * @param operation the operation
     * @return its outcome
     * @throws StoreException if it did not take effect
     * @throws AmbiguousOutcomeException if nobody can tell whether it did
     */
    default Outcome apply(Operation operation) {
        return apply(List.of(operation)).get(0);
    }

    /**
     * Streams the journal's entries, oldest first, without holding up those who write.
     *
     * @param from the first time wanted
     * @param to the first time no longer wanted
     * @param reader is given each entry
     * @throws StoreException if the journal cannot be read
     */
    void entries(Instant from, Instant to, Consumer<Entry> reader);

    /**
     * Streams the definitions of all scopes and templates, in no order.
     *
     * @param reader is given each definition; a scope that its template defined appears with its own name
     * @throws StoreException if they cannot be read
     */
    void definitions(Consumer<ScopeDefinition> reader);

    /**
     * Streams how every limit stands in one read, in no order, without holding up those who write for longer than a few
     * scopes take. Limits per session and loop guards are left out: they have a counter for each session or key. A scope that
     * comes or goes meanwhile may be missing.
     *
     * @param reader is given each limit
     * @return how the ledger as a whole stands
     * @throws StoreException if the ledger cannot be read
     */
    Survey survey(Consumer<LimitState> reader);

    /**
     * Streams every change of the journal from the first on, without holding up those who write. {@link
     * Operation.Import} takes them over into another ledger.
     *
     * @param reader is given each change, in order
     * @throws StoreException if the journal cannot be read, no longer begins at its beginning, or is not kept at all
     */
    default void changes(Consumer<Change> reader) {
        throw new StoreException("a ledger of kind " + traits().name() + " does not give its changes", null);
    }

    /**
     * Replays the journal and compares every counter, hold and definition with what came of it.
     *
     * @return what was compared and where it differs
     * @throws StoreException if the journal cannot be read
     */
    Verification verify();

    /** Ends the use of the store. Operations that are under way finish first; closing again does nothing. */
    @Override
    void close();
}
