/** Capacity planning: arithmetic from measured parameters, and a simulation of the queue. */
@NullMarked
package dev.tomp3.scaling;

import org.jspecify.annotations.NullMarked;
