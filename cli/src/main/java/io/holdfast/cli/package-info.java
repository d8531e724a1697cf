/** The command line. Not an API: call the program, not these classes. */
@NullMarked
package io.holdfast.cli;

import org.jspecify.annotations.NullMarked;
