/** Decoded sound on its way to the encoders: its loudness, and what is changed of it. */
@NullMarked
package dev.tomp3.converter.sound;

import org.jspecify.annotations.NullMarked;
