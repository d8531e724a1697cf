/** One class at a time, good or bad. */
@NullMarked
package io.holdfast.gate;

import org.jspecify.annotations.NullMarked;
