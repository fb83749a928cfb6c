/** What bench and chaos share: the services as processes of their own, and command lines. */
@NullMarked
package dev.tomp3.processes;

import org.jspecify.annotations.NullMarked;
