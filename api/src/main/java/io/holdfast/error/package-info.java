/** The root exception and the one for bad input; the other exceptions stand beside what throws them. */
@NullMarked
package io.holdfast.error;

import org.jspecify.annotations.NullMarked;
