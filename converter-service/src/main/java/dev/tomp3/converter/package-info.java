/** Video in, MP3 out. */
@NullMarked
package dev.tomp3.converter;

import org.jspecify.annotations.NullMarked;
