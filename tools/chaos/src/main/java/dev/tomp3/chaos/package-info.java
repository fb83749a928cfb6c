/** Injects faults into the running system and checks that no upload is lost. */
@NullMarked
package dev.tomp3.chaos;

import org.jspecify.annotations.NullMarked;
