/**
 * What a model call costs, and the most it can cost. For every reader; depends only on {@code io.holdfast.unit} and
 * {@code io.holdfast.error}.
 *
 * <p>{@link io.holdfast.pricing.PriceBook} turns a model name and a time into a {@link io.holdfast.pricing.ModelPrice},
 * which prices a {@link io.holdfast.unit.Usage} exactly and bounds the cost of a call that has not been made yet. A name
 * the book does not know has no price: it is never matched by similarity, and never counted as free.
 *
 * <p>Built-in prices are public list prices in US dollars, each row with its date and sources. They are not a bill.
 * DeepSeek rows hold the peak price; off-peak is half of it and is asked for as a multiplier of {@code "0.5"}. Storage of
 * caches by the hour, searches, tools, audio, images and video are not covered; give them as extra cost of a usage.
 */
@NullMarked
package io.holdfast.pricing;

import org.jspecify.annotations.NullMarked;
