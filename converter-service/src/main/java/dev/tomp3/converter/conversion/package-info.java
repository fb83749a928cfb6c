/** Makes an MP3 of a video: chooses the ffmpeg commands, watches them, and judges the result. */
@NullMarked
package dev.tomp3.converter.conversion;

import org.jspecify.annotations.NullMarked;
