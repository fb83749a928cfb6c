/** What jobs and media have in common in MongoDB. */
@NullMarked
package dev.tomp3.jobs.mongo;

import org.jspecify.annotations.NullMarked;
