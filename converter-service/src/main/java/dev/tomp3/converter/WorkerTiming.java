package dev.tomp3.converter;

import java.time.Duration;

/**
 * The intervals of a worker; tests shorten them.
 *
 * @param heartbeat between two heartbeats of a job, far below the time after which a lease is lost
 * @param uploadStall how long an upload may bring nothing while it is converted
 * @param uploadStallWhenJobsWait the same while other jobs wait
 */
record WorkerTiming(Duration heartbeat, Duration uploadStall, Duration uploadStallWhenJobsWait) {
    /** What runs in production. */
    static final WorkerTiming PRODUCTION =
            new WorkerTiming(Duration.ofMillis(500), Duration.ofSeconds(5), Duration.ofSeconds(1));
}
