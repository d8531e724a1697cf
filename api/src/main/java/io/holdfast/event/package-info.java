/** What listeners are told. Events are delivered after the fact, outside every lock, and can change no outcome. */
@NullMarked
package io.holdfast.event;

import org.jspecify.annotations.NullMarked;
