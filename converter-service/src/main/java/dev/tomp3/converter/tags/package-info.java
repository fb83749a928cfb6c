/** Reads the tags of a source, and writes those of its MP3. */
@NullMarked
package dev.tomp3.converter.tags;

import org.jspecify.annotations.NullMarked;
