package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobProperties;
import dev.tomp3.jobs.JobView;
import dev.tomp3.jobs.Jobs;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Jobs as their owners see them here, with when their MP3s will be deleted. */
@Component
class JobViews {
    private final Jobs jobs;
    private final Duration keepMp3;

    JobViews(Jobs jobs, JobProperties properties) {
        this.jobs = jobs;
        this.keepMp3 = properties.keep().mp3();
    }

    JobView of(Job job) {
        return JobView.of(job).with(keepMp3, null);
    }

    /** With the place in the queue, which costs a query of its own. */
    JobView withPosition(Job job) {
        Long position = job.status() == Job.Status.QUEUED ? jobs.position(job) : null;
        return JobView.of(job).with(keepMp3, position);
    }
}
