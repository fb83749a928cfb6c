/** The messages and the queues they travel in. */
@NullMarked
package dev.tomp3.jobs.queue;

import org.jspecify.annotations.NullMarked;
