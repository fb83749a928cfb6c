/** What every service answers over HTTP: problems, metrics, health. */
@NullMarked
package dev.tomp3.platform;

import org.jspecify.annotations.NullMarked;
