package io.holdfast;

import io.holdfast.limit.LimitState;
import java.time.Instant;
import java.util.List;

/**
 * How a scope stands.
 *
 * @param scope the scope
 * @param path its name and those of its ancestors, its own first
 * @param limits every limit of the path, the scope's own before its ancestors'
 * @param openHolds how many of its own calls are under way
 * @param at when, on the store's clock
 */
public record BudgetSummary(String scope, List<String> path, List<LimitState> limits, long openHolds, Instant at) {}
