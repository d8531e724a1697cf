/** Limits and the windows they count over. For every reader; a window reduces to bucket numbers here and only here. */
@NullMarked
package io.holdfast.limit;

import org.jspecify.annotations.NullMarked;
