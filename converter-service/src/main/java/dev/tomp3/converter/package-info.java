/** Claims jobs and converts their videos to MP3. */
@NullMarked
package dev.tomp3.converter;

import org.jspecify.annotations.NullMarked;
