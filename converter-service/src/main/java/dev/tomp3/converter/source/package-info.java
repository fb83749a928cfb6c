/** The video as ffmpeg reads it: from the media store, whole or while it is being uploaded. */
@NullMarked
package dev.tomp3.converter.source;

import org.jspecify.annotations.NullMarked;
