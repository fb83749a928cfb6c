/** How far the system scales: arithmetic from measured figures, and a simulation of its queue. */
@NullMarked
package dev.tomp3.scaling;

import org.jspecify.annotations.NullMarked;
