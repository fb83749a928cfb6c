/** Measures the speed of the system, compared with plain ffmpeg on the same machine. */
@NullMarked
package dev.tomp3.bench;

import org.jspecify.annotations.NullMarked;
