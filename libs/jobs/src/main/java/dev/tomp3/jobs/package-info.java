/** The job: its document, its state machine, and the parts that services take in its life. */
@NullMarked
package dev.tomp3.jobs;

import org.jspecify.annotations.NullMarked;
