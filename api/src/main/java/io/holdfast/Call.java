package io.holdfast;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Names;
import io.holdfast.pricing.Caching;
import io.holdfast.pricing.CallBound;
import io.holdfast.pricing.PriceOptions;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call about to be made: for which session, to which model, and how much it can use at most. Immutable; each method
 * returns a copy.
 */
public final class Call {
    private static final Duration DEFAULT_TTL = Duration.ofMinutes(10);
    private static final String TOOL = "tool";
    static final String CHILD = "holdfast.child";
    private static final Duration LONGEST_TTL = Duration.ofDays(31);

    private final @Nullable String session;
    private final String model;
    private final CallBound bound;
    private final @Nullable Usage exact;
    private final PriceOptions priceOptions;
    private final @Nullable OperationId id;
    private final Duration ttl;
    private final OnExpiry onExpiry;
    private final Map<String, String> tags;
    private final Operation.Policy policy;
    private final @Nullable String allotment;
    /** What it came to when that was last asked; any thread may have asked. */
    private Estimator.@Nullable Quote latestQuote;

    private Call(
            @Nullable String session,
            String model,
            CallBound bound,
            @Nullable Usage exact,
            PriceOptions priceOptions,
            @Nullable OperationId id,
            Duration ttl,
            OnExpiry onExpiry,
            Map<String, String> tags,
            Operation.Policy policy,
            @Nullable String allotment) {
        this.session = session;
        this.model = model;
        this.bound = bound;
        this.exact = exact;
        this.priceOptions = priceOptions;
        this.id = id;
        this.ttl = ttl;
        this.onExpiry = onExpiry;
        this.tags = tags;
        this.policy = policy;
        this.allotment = allotment;
    }

    /**
     * Begins a call of a session. Without {@link #maxOutput} it may produce as much as its model can.
     *
     * @param session the session's id, 1 to 256 characters without control characters
     * @param model the model's name, as the price book knows it
     * @return a call without input
     * @throws InvalidInputException if one of them is no name
     */
    public static Call of(String session, String model) {
        return to(model).inSession(Names.check("session", session));
    }

    /**
     * Begins a call outside any session; refused where a limit per session applies.
     *
     * @param model the model's name, as the price book knows it
     * @return a call without input
     * @throws InvalidInputException if it is no name
     */
    public static Call to(String model) {
        return new Call(
                null,
                Names.check("model", model),
                CallBound.ofInput(0),
                null,
                PriceOptions.STANDARD,
                null,
                DEFAULT_TTL,
                OnExpiry.CHARGE,
                Map.of(),
                Operation.Policy.NONE,
                null);
    }

    /**
     * Sets the input.
     *
     * @param tokens all input tokens of the call, or a bound no less; 0 to 10¹²
     * @return a copy
     * @throws InvalidInputException if out of range
     */
    public Call input(long tokens) {
        return bound(
                new CallBound(tokens, bound.maxOutputTokens(), bound.choices(), bound.caching(), bound.extraCost()));
    }

    /**
     * Sets the most output the model is told to produce; more than the model can produce counts as what it can.
     *
     * @param tokens for each answer, 0 to 10¹²
     * @return a copy
     * @throws InvalidInputException if out of range
     */
    public Call maxOutput(long tokens) {
        if (tokens < 0) {
            throw new InvalidInputException("max output tokens", Long.toString(tokens), "must not be negative");
        }
        return bound(bound.withMaxOutputTokens(tokens));
    }

    /**
     * Sets how many answers are asked for ({@code n} at OpenAI).
     *
     * @param count 1 to 1,000
     * @return a copy
     * @throws InvalidInputException if out of range
     */
    public Call choices(int count) {
        return bound(bound.withChoices(count));
    }

    /**
     * Says which cache writes the call can be billed for; without, any.
     *
     * @param caching the kinds of input
     * @return a copy
     */
    public Call caching(Caching caching) {
        return bound(bound.withCaching(caching));
    }

    /**
     * Sets the most that tools, searches and the like can cost beside the tokens.
     *
     * @param most the most
     * @return a copy
     */
    public Call extraCost(Usd most) {
        return bound(bound.withExtraCost(most));
    }

    /**
     * Says exactly what the call will use, in place of bounds.
     *
     * @param usage what it will use
     * @return a copy
     */
    public Call exactly(Usage usage) {
        return new Call(session, model, bound, usage, priceOptions, id, ttl, onExpiry, tags, policy, allotment);
    }

    /**
     * Says how the call is billed: batch, service tier, region.
     *
     * @param options the options
     * @return a copy
     */
    public Call priced(PriceOptions options) {
        return new Call(session, model, bound, exact, options, id, ttl, onExpiry, tags, policy, allotment);
    }

    /**
     * Names the operation, so that asking again with this id changes nothing and answers the same.
     *
     * @param operationId 1 to 256 characters without control characters, unique within the tenant (the topmost scope)
     * @return a copy
     * @throws InvalidInputException if it is no name
     */
    public Call id(String operationId) {
        return new Call(
                        session,
                        model,
                        bound,
                        exact,
                        priceOptions,
                        OperationId.given(operationId),
                        ttl,
                        onExpiry,
                        tags,
                        policy,
                        allotment)
                .remember(latestQuote);
    }

    /**
     * Names the operation by an id made for it, so that the copy may be asked again when an answer was lost. Without any
     * id each asking is a call of its own. A made id is remembered for an hour, or until many later ones are done: long
     * enough to resolve a lost answer, and cheaper than an id of your own.
     *
     * @return a copy
     */
    public Call repeatable() {
        return new Call(
                        session,
                        model,
                        bound,
                        exact,
                        priceOptions,
                        OperationId.made(),
                        ttl,
                        onExpiry,
                        tags,
                        policy,
                        allotment)
                .remember(latestQuote);
    }

    /**
     * Sets how long the hold may stay open; without, ten minutes.
     *
     * @param time one millisecond to 31 days
     * @return a copy
     * @throws InvalidInputException if out of range
     */
    public Call ttl(Duration time) {
        return new Call(
                session, model, bound, exact, priceOptions, id, checkedTtl(time), onExpiry, tags, policy, allotment);
    }

    /**
     * Gives the hold back when it runs out of time, instead of booking the estimate.
     *
     * @return a copy
     */
    public Call releaseOnExpiry() {
        return new Call(session, model, bound, exact, priceOptions, id, ttl, OnExpiry.RELEASE, tags, policy, allotment);
    }

    /**
     * Adds a tag, kept in the entry.
     *
     * @param name 1 to 256 characters without control characters
     * @param value at most 1,024 characters
     * @return a copy
     */
    public Call tag(String name, String value) {
        Map<String, String> more = new HashMap<>(tags);
        more.put(name, value);
        return new Call(
                session, model, bound, exact, priceOptions, id, ttl, onExpiry, Map.copyOf(more), policy, allotment);
    }

    /**
     * Allows a shorter answer instead of a refusal: the most output is lowered to what the tightest limit affords.
     * {@link Reservation#maxOutput()} says what to send. Without effect on a call that {@linkplain #exactly says} what it
     * will use.
     *
     * @param least down to how many output tokens of each answer, 1 to 10¹²
     * @return a copy
     * @throws InvalidInputException if out of range
     */
    public Call clampOutput(long least) {
        if (least < 1 || least > Usage.MAX_TOKENS) {
            throw new InvalidInputException(
                    "least output tokens", Long.toString(least), "must be 1 to " + Usage.MAX_TOKENS);
        }
        return with(new Operation.Policy(policy.finalCall(), policy.loopKey(), least));
    }

    /**
     * Says what loop guards count the call by; without, its model and its tag {@code tool}. Kept in the entry as the tag
     * {@value Detail#LOOP_KEY}.
     *
     * @param key 1 to 256 characters without control characters
     * @return a copy
     * @throws InvalidInputException if it is no name
     */
    public Call loopKey(String key) {
        return with(new Operation.Policy(policy.finalCall(), Names.check("loop key", key), policy.leastOutput()))
                .tag(Detail.LOOP_KEY, key);
    }

    /**
     * Marks the call as one that ends its work, such as the answer that sums up: it may use what limits reserve for final
     * calls. Kept in the entry as the tag {@value Detail#FINAL_CALL}.
     *
     * @return a copy
     */
    public Call finalCall() {
        return with(new Operation.Policy(true, policy.loopKey(), policy.leastOutput()))
                .tag(Detail.FINAL_CALL, "true");
    }

    /**
     * Returns the session.
     *
     * @return its id, if the call has one
     */
    public Optional<String> session() {
        return Optional.ofNullable(session);
    }

    /**
     * Returns the model asked for.
     *
     * @return its name as given
     */
    public String model() {
        return model;
    }

    /** Returns the call as one of a child session, which draws on an allotment. */
    Call drawingOn(String allotmentId, String child) {
        Call tagged = tag(CHILD, child);
        return new Call(
                session, model, bound, exact, priceOptions, id, ttl, onExpiry, tagged.tags, policy, allotmentId);
    }

    @Nullable
    String allotment() {
        return allotment;
    }

    Call inSession(String id) {
        return new Call(id, model, bound, exact, priceOptions, this.id, ttl, onExpiry, tags, policy, allotment)
                .remember(latestQuote);
    }

    Estimator.@Nullable Quote latestQuote() {
        return latestQuote;
    }

    Call remember(Estimator.@Nullable Quote quote) {
        latestQuote = quote;
        return this;
    }

    @Nullable
    String sessionOrNull() {
        return session;
    }

    CallBound bound() {
        return bound;
    }

    @Nullable
    Usage exact() {
        return exact;
    }

    PriceOptions priceOptions() {
        return priceOptions;
    }

    OperationId operationId() {
        return id == null ? OperationId.made() : id;
    }

    long ttlMillis() {
        return ttl.toMillis();
    }

    OnExpiry onExpiry() {
        return onExpiry;
    }

    Map<String, String> tags() {
        return tags;
    }

    static Duration checkedTtl(Duration time) {
        if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(LONGEST_TTL) > 0) {
            throw new InvalidInputException("time to live", time.toString(), "must be 1 ms to 31 days");
        }
        return time;
    }

    boolean mayBeShortened() {
        return policy.leastOutput() != Operation.Policy.WHOLE && exact == null;
    }

    long leastOutput() {
        return policy.leastOutput();
    }

    /** Returns how the call may be treated, the model being the one it is charged by. */
    Operation.Policy policy(String chargedModel) {
        return policy.loopKey() != null
                ? policy
                : new Operation.Policy(policy.finalCall(), loopKeyFor(chargedModel), policy.leastOutput());
    }

    String loopKeyFor(String chargedModel) {
        return policy.loopKey() != null ? policy.loopKey() : Keys.loop(chargedModel, tags.get(TOOL));
    }

    private Call with(Operation.Policy other) {
        return new Call(session, model, bound, exact, priceOptions, id, ttl, onExpiry, tags, other, allotment);
    }

    private Call bound(CallBound other) {
        return new Call(session, model, other, exact, priceOptions, id, ttl, onExpiry, tags, policy, allotment);
    }
}
