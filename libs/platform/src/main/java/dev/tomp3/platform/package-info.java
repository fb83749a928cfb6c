/** What every service is built on: problem responses, HTTP metrics, readiness, settings. */
@NullMarked
package dev.tomp3.platform;

import org.jspecify.annotations.NullMarked;
