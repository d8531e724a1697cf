/** Amounts and what they count: money, token usage, meters. For every reader; depends on nothing but the JDK. */
@NullMarked
package io.holdfast.unit;

import org.jspecify.annotations.NullMarked;
