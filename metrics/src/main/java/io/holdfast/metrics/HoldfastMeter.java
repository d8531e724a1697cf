package io.holdfast.metrics;

import static io.holdfast.metrics.MeterTag.ENFORCEMENT;
import static io.holdfast.metrics.MeterTag.KIND;
import static io.holdfast.metrics.MeterTag.METER;
import static io.holdfast.metrics.MeterTag.MODEL;
import static io.holdfast.metrics.MeterTag.MODELS;
import static io.holdfast.metrics.MeterTag.OPERATION;
import static io.holdfast.metrics.MeterTag.OUTCOME;
import static io.holdfast.metrics.MeterTag.PROVIDER;
import static io.holdfast.metrics.MeterTag.SCOPE;
import static io.holdfast.metrics.MeterTag.THRESHOLD;
import static io.holdfast.metrics.MeterTag.WINDOW;
import static io.holdfast.metrics.MeterTag.WINDOW_TYPE;

import io.micrometer.core.instrument.Meter;
import java.util.List;

/** Every meter of this library: the one list that the code registers from and that the page of the docs is made of. */
public enum HoldfastMeter {
    /** The cap. */
    BUDGET_LIMIT(
            "holdfast.budget.limit",
            Meter.Type.GAUGE,
            List.of("usd", "tokens", "calls"),
            "the limit's amount",
            SCOPE,
            METER,
            WINDOW,
            MODELS,
            ENFORCEMENT),
    /** What is booked. */
    BUDGET_COMMITTED(
            "holdfast.budget.committed",
            Meter.Type.GAUGE,
            List.of("usd", "tokens", "calls"),
            "what is booked in the limit's window",
            SCOPE,
            METER,
            WINDOW,
            MODELS,
            ENFORCEMENT),
    /** What is held. */
    BUDGET_HELD(
            "holdfast.budget.held",
            Meter.Type.GAUGE,
            List.of("usd", "tokens", "calls"),
            "what open holds set aside",
            SCOPE,
            METER,
            WINDOW,
            MODELS,
            ENFORCEMENT),
    /** What is left. */
    BUDGET_REMAINING(
            "holdfast.budget.remaining",
            Meter.Type.GAUGE,
            List.of("usd", "tokens", "calls"),
            "the limit less committed, held and what is kept for final calls; never negative",
            SCOPE,
            METER,
            WINDOW,
            MODELS,
            ENFORCEMENT),
    /** The share in use. */
    BUDGET_UTILIZATION(
            "holdfast.budget.utilization",
            Meter.Type.GAUGE,
            List.of("ratio"),
            "committed and held, as a share of the limit; 1 for a limit of zero",
            SCOPE,
            METER,
            WINDOW,
            MODELS,
            ENFORCEMENT),
    /** Calls by what came of them. */
    CALLS(
            "holdfast.calls",
            Meter.Type.COUNTER,
            List.of(),
            "calls by what came of them: reserved or recorded within the limits, refused by a limit, or failed (the store,"
                    + " an unknown scope, a model without a price)",
            OUTCOME),
    /** Refusals by limit. */
    DENIALS(
            "holdfast.denials",
            Meter.Type.COUNTER,
            List.of(),
            "refusals by the kind of limit that had no room; a call that met several counts for each",
            METER,
            WINDOW_TYPE),
    /** Money booked. */
    SPEND(
            "holdfast.spend",
            Meter.Type.COUNTER,
            List.of("usd"),
            "what was booked, by the kind of entry: `committed`, `estimated` (left unsettled), `recorded`, `in_doubt`"
                    + " (expired), `reversed` (an `in_doubt` taken back: subtract it), `late`",
            KIND,
            PROVIDER,
            MODEL),
    /** Tokens booked. */
    TOKENS(
            "holdfast.tokens",
            Meter.Type.COUNTER,
            List.of("tokens"),
            "tokens of settled calls: `input` (uncached), `cache_read`, `cache_write_short`, `cache_write_long`, `output`;"
                    + " those of a hold in doubt are not known and not counted",
            KIND,
            PROVIDER,
            MODEL),
    /** Money above the estimate. */
    OVERSHOOT("holdfast.overshoot", Meter.Type.COUNTER, List.of("usd"), "by how much calls cost more than was held"),
    /** Calls above the estimate. */
    OVERSHOOT_CALLS(
            "holdfast.overshoot.calls",
            Meter.Type.COUNTER,
            List.of(),
            "calls that came to more than was held, in money or tokens"),
    /** Alerts. */
    ALERTS("holdfast.alerts", Meter.Type.COUNTER, List.of(), "alerts of limits that were reached", METER, THRESHOLD),
    /** Holds now open. */
    HOLDS_OPEN("holdfast.holds.open", Meter.Type.GAUGE, List.of(), "holds that are open"),
    /** The oldest of them. */
    HOLDS_OLDEST(
            "holdfast.holds.oldest.age",
            Meter.Type.GAUGE,
            List.of("seconds"),
            "the age of the oldest open hold: grows where one leaks"),
    /** Holds that ran out. */
    HOLDS_EXPIRED(
            "holdfast.holds.expired",
            Meter.Type.COUNTER,
            List.of(),
            "holds that ran out of time before anybody settled them"),
    /** Those charged. */
    HOLDS_IN_DOUBT(
            "holdfast.holds.in.doubt",
            Meter.Type.COUNTER,
            List.of(),
            "those of them that were booked at their estimate"),
    /** Late commits. */
    COMMITS_LATE("holdfast.commits.late", Meter.Type.COUNTER, List.of(), "commits of holds that had run out of time"),
    /** How long the ledger takes. */
    STORE_OPERATION(
            "holdfast.store.operation",
            Meter.Type.TIMER,
            List.of("seconds"),
            "how long callers wait for the ledger, queue included; of a ledger in memory one operation of 64 is timed",
            OPERATION),
    /** What went wrong. */
    STORE_ERRORS(
            "holdfast.store.errors",
            Meter.Type.COUNTER,
            List.of(),
            "operations without an answer: `failed` took no effect, `unknown` may have",
            KIND),
    /** How well callers are gathered. */
    STORE_BATCH(
            "holdfast.store.batch",
            Meter.Type.DISTRIBUTION_SUMMARY,
            List.of("operations"),
            "operations in a batch, of a store that gathers callers"),
    /** The queue. */
    STORE_WAITING(
            "holdfast.store.waiting",
            Meter.Type.GAUGE,
            List.of("operations"),
            "operations on their way, of a store that gathers callers"),
    /** What an outage has left to do. */
    SPOOL(
            "holdfast.spool",
            Meter.Type.GAUGE,
            List.of("records"),
            "records of this node that wait for a ledger out of reach; what goes ahead meanwhile is counted when the ledger hears of"
                    + " it"),
    /** How old the gauges are. */
    SURVEY_AGE(
            "holdfast.survey.age",
            Meter.Type.GAUGE,
            List.of("seconds"),
            "how long ago the gauges of budgets and holds were read; grows where the ledger cannot be read");

    private final String meterName;
    private final Meter.Type type;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> baseUnits;

    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<MeterTag> tags;

    HoldfastMeter(String meterName, Meter.Type type, List<String> baseUnits, String description, MeterTag... tags) {
        this.meterName = meterName;
        this.type = type;
        this.baseUnits = baseUnits;
        this.description = description;
        this.tags = List.of(tags);
    }

    /**
     * Returns the meter's name as Micrometer has it.
     *
     * @return lower case, with dots
     */
    public String meterName() {
        return meterName;
    }

    /**
     * Returns the kind of meter.
     *
     * @return a gauge, counter, timer or summary
     */
    public Meter.Type type() {
        return type;
    }

    /**
     * Returns what it is measured in.
     *
     * @return the base units, one for each kind of limit where they differ; empty for a plain number
     */
    public List<String> baseUnits() {
        return baseUnits;
    }

    /**
     * Returns what it tells, for people.
     *
     * @return Markdown without a full stop
     */
    public String description() {
        return description;
    }

    /**
     * Returns the tags that every series of it has.
     *
     * @return in the order of the docs
     */
    public List<MeterTag> tags() {
        return tags;
    }
}
