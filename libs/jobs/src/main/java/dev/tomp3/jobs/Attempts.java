package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Lease;
import dev.tomp3.jobs.Job.Notification;
import dev.tomp3.jobs.Job.Result;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.queue.Delay;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Update;

/**
 * What a worker says of the job that it holds. Every write names the attempt: once the job was
 * cancelled, released or reclaimed, a late worker changes nothing and is told so.
 *
 * <ol>
 *   <li>{@link #heartbeat} keeps the lease, also while the job waits for others of its worker.
 *       {@link #begin} says that work begins.
 *   <li>{@link #succeed} and {@link #fail} settle the job. Both are refused while its video is
 *       still being uploaded.
 *   <li>{@link #release} ends the attempt and blames nobody.
 *   <li>{@link #countFailure} ends the attempt and counts it as a failure; the more failures, the
 *       later the job is claimed again. {@link #reclaim} counts the loss of a worker that had
 *       begun. The job fails as {@code internal} when the failures are used up, but never before
 *       its upload was accepted.
 * </ol>
 */
public final class Attempts {
    /** With this many failures a job fails for good: the next worker may be lost, too. */
    static final int MAX_FAILURES = 5;

    private static final String FAILURE_COUNT = "failureCount";

    private final JobDocuments impatient;
    private final JobDocuments documents;
    private final Clock clock;
    private final Timing timing;

    Attempts(JobDocuments documents, Clock clock, Timing timing) {
        this.impatient = documents;
        this.documents = documents.patient();
        this.clock = clock;
        this.timing = timing;
    }

    /**
     * Says that the worker lives, and how far it is.
     *
     * @param progress in per cent
     * @return false when the attempt no longer holds the job
     */
    public boolean heartbeat(Job job, int progress) {
        // the next one is better than a late one
        return impatient.change(
                query(JobDocuments.attempt(job)),
                new Update().inc("lease.heartbeat", 1).set("progress", progress));
    }

    /**
     * Says that work begins. A worker that is lost earlier has another job to blame, and this one
     * is not charged with a failure.
     *
     * @return false when the attempt no longer holds the job
     */
    public boolean begin(Job job) {
        return documents.change(
                query(JobDocuments.attempt(job)),
                new Update().inc("lease.heartbeat", 1).set("lease.begun", true));
    }

    /**
     * Records the size of the attempt's MP3, before it is stored; it counts towards {@link
     * Jobs#outputInProgress} until the attempt ends.
     *
     * @return false when the attempt no longer holds the job
     */
    public boolean recordOutput(Job job, long bytes) {
        return documents.change(
                query(JobDocuments.attempt(job)), new Update().set("lease.output", bytes));
    }

    /**
     * Settles the job as done. Its MP3 is stored already; when this returns false, the caller
     * deletes that file.
     */
    public boolean succeed(Job job, Result result) {
        return documents.apply(
                Transition.SUCCEED, JobDocuments.attempt(job), settled().set("result", result));
    }

    /** Settles the job as failed, for a reason that lies in the file. */
    public boolean fail(Job job, Failure failure) {
        return documents.apply(
                Transition.FAIL, JobDocuments.attempt(job), settled().set("failure", failure));
    }

    /**
     * Releases the job, to be claimed again after the delay. An upload that is not complete waits
     * until it is accepted.
     *
     * @return false when the attempt no longer holds the job
     */
    public boolean release(Job job, Duration delay) {
        return release(job, JobDocuments.attempt(job), delay);
    }

    /**
     * Releases the job because its worker failed with an internal error. When the failures are used
     * up, the job fails for good.
     *
     * @return false when the attempt no longer holds the job
     */
    public boolean countFailure(Job job) {
        return countFailure(job, JobDocuments.attempt(job), delayAfterFailure(job).duration());
    }

    /** When a job is claimed again that {@link #countFailure} released. */
    public static Delay delayAfterFailure(Job job) {
        return Delay.after(job.failureCount() + 1);
    }

    /** Every job that a worker holds, early claimed uploads included. */
    List<Job> running() {
        return documents.leased();
    }

    /**
     * Takes the job from a worker that has sent no heartbeat since the job was read. That counts as
     * a failure, unless the worker, or the answer to its claim, was lost before work began.
     *
     * @return false when the worker lives, or no longer holds the job
     */
    boolean reclaim(Job job) {
        Lease lease = Objects.requireNonNull(job.lease());
        Criteria lost = JobDocuments.attempt(job).and("lease.heartbeat").is(lease.heartbeat());
        if (!lease.begun()) return release(job, lost, Duration.ZERO);
        // the time without a heartbeat was delay enough
        return countFailure(job, lost, Duration.ZERO);
    }

    private boolean release(Job job, Criteria held, Duration delay) {
        return withdraw(job, held, new Update())
                || documents.apply(Transition.RELEASE, held, requeued(delay));
    }

    private boolean countFailure(Job job, Criteria held, Duration delay) {
        if (withdraw(job, held, new Update().inc(FAILURE_COUNT, 1))) return true;
        return job.failureCount() < MAX_FAILURES - 1
                ? documents.apply(Transition.RELEASE, held, requeued(delay).inc(FAILURE_COUNT, 1))
                : documents.apply(
                        Transition.FAIL,
                        held,
                        settled()
                                .set("failure", new Failure(Failure.Code.INTERNAL))
                                .inc(FAILURE_COUNT, 1));
    }

    /**
     * Ends the lease of an upload, and offers the upload to no worker until it is complete. It may
     * have been accepted since it was claimed, and never becomes an upload again: so this is tried
     * first.
     */
    private boolean withdraw(Job job, Criteria held, Update update) {
        return job.status() == Status.UPLOADING
                && documents.updateWithin(
                        Status.UPLOADING,
                        held,
                        update.set("progress", 0).unset("due").unset("lease"));
    }

    private Update requeued(Duration delay) {
        Instant due = delay.isZero() ? JobDocuments.IMMEDIATELY : clock.instant().plus(delay);
        return new Update().set("progress", 0).set("due", due).unset("lease");
    }

    private Update settled() {
        Instant now = clock.instant();
        return new Update()
                .set("finishedAt", now)
                .set(
                        "notification",
                        new Notification(false, 0, now.plus(timing.notification()), null))
                .unset("lease");
    }
}
