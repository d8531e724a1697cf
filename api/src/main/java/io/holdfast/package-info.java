/**
 * Budgets for LLM calls. Begin with {@link io.holdfast.BudgetManager}: register scopes with limits, take a
 * {@link io.holdfast.Budget}, reserve before each call and commit after it.
 */
@NullMarked
package io.holdfast;

import org.jspecify.annotations.NullMarked;
