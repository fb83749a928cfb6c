/** How fast the system is, against ffmpeg by hand on the same machine. */
@NullMarked
package dev.tomp3.bench;

import org.jspecify.annotations.NullMarked;
