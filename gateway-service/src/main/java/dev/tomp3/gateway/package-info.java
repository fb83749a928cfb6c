/** The REST API. */
@NullMarked
package dev.tomp3.gateway;

import org.jspecify.annotations.NullMarked;
