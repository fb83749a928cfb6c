package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Mp3;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.queue.Delay;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Writes the end of an attempt into its job, and publishes what follows from it. While the job
 * store cannot be reached it tries again and again: the work is done. A write whose answer was lost
 * may have been carried out, which the job tells.
 */
final class Settlement {
    private static final Logger log = LoggerFactory.getLogger(Settlement.class);

    /** An upload that is released stays one. */
    private static final Set<Status> RELEASED = Set.of(Status.QUEUED, Status.UPLOADING);

    private static final Set<Status> RELEASED_OR_FAILED =
            Set.of(Status.QUEUED, Status.UPLOADING, Status.FAILED);

    private final Jobs jobs;
    private final Attempts attempts;
    private final Publisher publisher;
    private final JobConverter converter;
    private final ConverterMetrics metrics;
    private final Duration retryInterval;

    Settlement(
            Jobs jobs,
            Attempts attempts,
            Publisher publisher,
            JobConverter converter,
            ConverterMetrics metrics,
            Duration retryInterval) {
        this.jobs = jobs;
        this.attempts = attempts;
        this.publisher = publisher;
        this.converter = converter;
        this.metrics = metrics;
        this.retryInterval = retryInterval;
    }

    /** Returns false when the job was released because this worker stops. */
    boolean settle(Job job, Outcome outcome, Duration elapsed) {
        switch (outcome) {
            case Outcome.Converted(Mp3 mp3) -> succeed(job, mp3, elapsed);
            case Outcome.NotConvertible(Failure failure) -> fail(job, failure, elapsed);
            case Outcome.LeaseLost _ -> abandon(job, elapsed);
            case Outcome.UploadStalled _ -> releaseStalled(job);
            case Outcome.StoreFailed(IOException cause) -> retryLater(job, cause);
            case Outcome.FailedInternally(Throwable cause) -> countFailure(job, cause, elapsed);
            case Outcome.WorkerStopped(int progress) -> {
                return !releaseStopped(job, progress);
            }
        }
        return true;
    }

    private void succeed(Job job, Mp3 mp3, Duration elapsed) {
        Job.Result result =
                new Job.Result(mp3.bytes(), mp3.duration().toMillis(), mp3.warnings(), mp3.sound());
        if (!write(job, Set.of(Status.DONE), () -> attempts.succeed(job, result))) {
            converter.deleteMp3(job);
            return;
        }
        metrics.succeeded(mp3.duration(), elapsed);
        log.info(
                "Converted job {}, attempt {}, in {} ms: {} s, {} bytes",
                job.id(),
                job.attempt(),
                elapsed.toMillis(),
                mp3.duration().toSeconds(),
                mp3.bytes());
        publisher.publish(new Event.Mp3Ready(job.id(), job.owner().id()));
    }

    private void fail(Job job, Failure failure, Duration elapsed) {
        if (!write(job, Set.of(Status.FAILED), () -> attempts.fail(job, failure))) return;
        metrics.failed(failure.code(), elapsed);
        log.info(
                "Job {}, attempt {}, failed after {} ms: {}",
                job.id(),
                job.attempt(),
                elapsed.toMillis(),
                failure.code().wire());
        publisher.publish(new Event.ConversionFailed(job.id(), job.owner().id()));
    }

    private void abandon(Job job, Duration elapsed) {
        log.info("Attempt {} lost job {} after {} ms", job.attempt(), job.id(), elapsed.toMillis());
        converter.deleteMp3(job);
    }

    /** The upload may be complete by now, so a worker is woken for it. */
    private void releaseStalled(Job job) {
        if (!write(job, RELEASED, () -> attempts.release(job, Duration.ZERO))) return;
        log.info("Released job {}: the upload stalled", job.id());
        publisher.publish(new Event.VideoUploaded(job.id()));
    }

    private boolean releaseStopped(Job job, int progress) {
        converter.deleteMp3(job);
        boolean released = write(job, RELEASED, () -> attempts.release(job, Duration.ZERO));
        if (released) {
            log.info(
                    "Released job {}, attempt {}, at {} %: the worker stops",
                    job.id(), job.attempt(), progress);
        }
        return released;
    }

    private void retryLater(Job job, IOException cause) {
        Delay delay = Delay.after(job.attempt());
        log.warn(
                "Job {}, attempt {}, is retried in {} s: {}",
                job.id(),
                job.attempt(),
                delay.duration().toSeconds(),
                cause.getCause() == null ? cause : cause + ": " + cause.getCause());
        converter.deleteMp3(job);
        if (write(job, RELEASED, () -> attempts.release(job, delay.duration())))
            publisher.publish(new Event.VideoUploaded(job.id()), delay);
    }

    private void countFailure(Job job, @Nullable Throwable cause, Duration elapsed) {
        log.error(
                "Job {}, attempt {}, failed with an internal error",
                job.id(),
                job.attempt(),
                cause);
        converter.deleteMp3(job);
        if (!write(job, RELEASED_OR_FAILED, () -> attempts.countFailure(job))) return;
        boolean failed =
                jobs.find(job.id()).map(now -> now.status() == Status.FAILED).orElse(false);
        if (failed) {
            metrics.failed(Failure.Code.INTERNAL, elapsed);
            publisher.publish(new Event.ConversionFailed(job.id(), job.owner().id()));
        } else {
            publisher.publish(new Event.VideoUploaded(job.id()), Attempts.delayAfterFailure(job));
        }
    }

    private interface Transition {
        boolean write();
    }

    /**
     * Returns false when the attempt no longer holds the job.
     *
     * @param ends the statuses that this write gives a job
     */
    private boolean write(Job job, Set<Status> ends, Transition transition) {
        boolean ambiguous = false;
        while (true) {
            try {
                return transition.write() || (ambiguous && isWritten(job, ends));
            } catch (DataAccessException e) {
                ambiguous = true; // it may have been written although no answer came
                log.warn("Job {} cannot be settled now: {}", job.id(), e.toString());
                try {
                    Thread.sleep(retryInterval);
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    throw e;
                }
            }
        }
    }

    private boolean isWritten(Job job, Set<Status> ends) {
        return jobs.find(job.id())
                .filter(now -> now.attempt() == job.attempt() && now.lease() == null)
                .filter(now -> ends.contains(now.status()))
                .isPresent();
    }
}
