package dev.tomp3.gateway;

import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Webhooks;
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
    private final Webhooks webhooks;

    JobDeletion(Jobs jobs, IncomingUploads uploads, Webhooks webhooks) {
        this.jobs = jobs;
        this.uploads = uploads;
        this.webhooks = webhooks;
    }

    /**
     * Cancels a job, or lets it expire; the sweeper deletes its files.
     *
     * @param actor the user who deletes it
     */
    void delete(Job job, String actor) {
        if (jobs.cancel(job.id()))
            log.info("Deleted job {} of user {} by user {}", job.id(), job.owner().id(), actor);
    }

    /**
     * For an owner whose account is deleted: no upload is accepted and no webhook told any more.
     */
    void deleteAllOf(String owner, String actor) {
        uploads.ownerDeleted(owner);
        webhooks.deleteAllOf(owner);
        log.info(
                "Deleted {} jobs of the deleted user {} by user {}",
                jobs.cancelAllOf(owner),
                owner,
                actor);
    }
}
