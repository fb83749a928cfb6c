/** The job, its transitions, and the sweep that keeps promises when a process dies. */
@NullMarked
package dev.tomp3.contract.job;

import org.jspecify.annotations.NullMarked;
