/** The messages and the queues they travel in. */
@NullMarked
package dev.tomp3.contract.queue;

import org.jspecify.annotations.NullMarked;
