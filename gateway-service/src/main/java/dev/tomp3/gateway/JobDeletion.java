package dev.tomp3.gateway;

import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Deletes jobs. Their files are deleted later, by the sweeper, so that the answer does not wait for
 * gigabytes. A running upload deletes its video itself when it learns that its job was cancelled.
 */
@Component
class JobDeletion {
    private static final Logger log = LoggerFactory.getLogger(JobDeletion.class);

    private final Jobs jobs;
    private final IncomingUploads uploads;

    JobDeletion(Jobs jobs, IncomingUploads uploads) {
        this.jobs = jobs;
        this.uploads = uploads;
    }

    void delete(Job job) {
        if (jobs.cancel(job.id())) log.info("Deleted job {}", job.id());
    }

    /** For an owner whose account is deleted: no upload is accepted any more. */
    void deleteAllOf(String owner) {
        uploads.ownerDeleted(owner);
        log.info("Deleted {} jobs of the deleted user {}", jobs.cancelAllOf(owner), owner);
    }
}
