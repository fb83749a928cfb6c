/** Where videos and MP3s lie. */
@NullMarked
package dev.tomp3.jobs.media;

import org.jspecify.annotations.NullMarked;
