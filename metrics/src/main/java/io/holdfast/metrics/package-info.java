/**
 * Meters and traces of budgets through Micrometer, for users. {@link io.holdfast.metrics.HoldfastMetrics} observes a
 * manager and binds to a registry; {@link io.holdfast.metrics.HoldfastMeter} lists every meter.
 */
@NullMarked
package io.holdfast.metrics;

import org.jspecify.annotations.NullMarked;
