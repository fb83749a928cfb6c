package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Takes away a job's media. The job says so first: a file that could not be deleted then is one
 * that no job needs, and the sweep deletes it.
 */
@Component
class Deletion {
    private static final Logger log = LoggerFactory.getLogger(Deletion.class);
    private static final int PAGE = 100;

    private final Jobs jobs;
    private final MediaStore media;

    Deletion(Jobs jobs, MediaStore media) {
        this.jobs = jobs;
        this.media = media;
    }

    void delete(Job job) {
        jobs.cancel(job.id());
        // a worker may have taken it meanwhile
        String mp3 = jobs.find(job.id()).orElse(job).attemptFile();
        try {
            media.delete(Bucket.VIDEOS, job.id());
            media.delete(Bucket.MP3S, mp3);
        } catch (IOException e) {
            log.warn("The media of job {} are left to the sweep: {}", job.id(), e.toString());
        }
        log.info("Deleted job {}", job.id());
    }

    void deleteAllOf(String owner) {
        String before = null;
        List<Job> page;
        do {
            page = jobs.list(owner, before, PAGE);
            page.forEach(this::delete);
            if (!page.isEmpty()) before = page.getLast().id();
        } while (page.size() == PAGE);
    }
}
