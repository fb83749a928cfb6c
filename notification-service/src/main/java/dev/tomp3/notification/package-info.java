/** Tells users what became of their videos. */
@NullMarked
package dev.tomp3.notification;

import org.jspecify.annotations.NullMarked;
