/** Runs ffmpeg under restrictions, and reads what it prints. */
@NullMarked
package dev.tomp3.converter.ffmpeg;

import org.jspecify.annotations.NullMarked;
