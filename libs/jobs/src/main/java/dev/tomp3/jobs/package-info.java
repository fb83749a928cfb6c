/** The job, its transitions, and the sweep that keeps promises when a process dies. */
@NullMarked
package dev.tomp3.jobs;

import org.jspecify.annotations.NullMarked;
