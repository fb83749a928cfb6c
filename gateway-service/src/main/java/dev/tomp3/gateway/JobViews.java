package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobView;
import dev.tomp3.jobs.Jobs;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Jobs as their owners see them here, with when their MP3s will be deleted. */
@Component
class JobViews {
    private final Jobs jobs;
    private final Duration keepMp3;

    JobViews(Jobs jobs, @Value("${tomp3.keep.mp3}") Duration keepMp3) {
        this.jobs = jobs;
        this.keepMp3 = keepMp3;
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
