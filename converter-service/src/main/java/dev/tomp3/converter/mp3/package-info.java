/** Reads and writes MP3 frames and heads, and encodes long audio in segments. */
@NullMarked
package dev.tomp3.converter.mp3;

import org.jspecify.annotations.NullMarked;
