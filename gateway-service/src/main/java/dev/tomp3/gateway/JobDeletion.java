package dev.tomp3.gateway;

import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Deletes jobs with their media. The job says so first: a file that cannot be deleted then is one
 * that no job needs, and the sweeper deletes it. A running upload deletes its video itself when it
 * learns that its job was cancelled.
 */
@Component
class JobDeletion {
    private static final Logger log = LoggerFactory.getLogger(JobDeletion.class);
    private static final int PAGE = 100;

    private final Jobs jobs;
    private final IncomingUploads uploads;
    private final MediaStore media;

    JobDeletion(Jobs jobs, IncomingUploads uploads, MediaStore media) {
        this.jobs = jobs;
        this.uploads = uploads;
        this.media = media;
    }

    /**
     * @param actor the user who deletes it
     */
    void delete(Job job, String actor) {
        // as it was when it was cancelled: a worker may have claimed it since it was read
        Job deleted = jobs.cancel(job.id()).orElse(job);
        try {
            if (deleted.status() != Status.UPLOADING) media.delete(Bucket.VIDEOS, deleted.id());
            media.delete(Bucket.MP3S, deleted.attemptFile());
        } catch (IOException e) {
            log.warn("The media of job {} are left to the sweeper: {}", job.id(), e.toString());
        }
        log.info("Deleted job {} of user {} by user {}", job.id(), job.owner().id(), actor);
    }

    /** For an owner whose account is deleted: no upload is accepted any more. */
    void deleteAllOf(String owner, String actor) {
        uploads.ownerDeleted(owner);
        String before = null;
        List<Job> page;
        do {
            page = jobs.list(owner, before, PAGE);
            page.forEach(job -> delete(job, actor));
            if (!page.isEmpty()) before = page.getLast().id();
        } while (page.size() == PAGE);
    }
}
