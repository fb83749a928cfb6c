package dev.tomp3.converter;

import dev.tomp3.converter.conversion.ConversionFailed;
import dev.tomp3.converter.conversion.Mp3;
import dev.tomp3.converter.source.IncompleteVideo;
import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.Job;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.dao.DataAccessException;

/**
 * One attempt at a claimed job. A thread of its own converts, while the thread that calls {@link
 * #run} sends heartbeats with the progress, and stops the conversion when the job is no longer this
 * attempt's or its upload stalls.
 */
final class Attempt {
    static final String MDC_JOB = "job";

    private static final Logger log = LoggerFactory.getLogger(Attempt.class);
    private static final Duration UNKNOWN = Duration.ofDays(1);

    private final Job job;
    private final JobConverter converter;
    private final Attempts attempts;
    private final ClaimQueue queue;
    private final ExclusivePermits.Permit permit;
    private final WorkerTiming timing;
    private final LongSupplier nanoTime;
    private final long started;
    private final Source source;
    private final Thread thread;
    private volatile int progress;
    private volatile boolean stopped;
    private @Nullable Mp3 mp3;
    private @Nullable Throwable failure;

    Attempt(
            Job job,
            JobConverter converter,
            Attempts attempts,
            ClaimQueue queue,
            ExclusivePermits.Permit permit,
            WorkerTiming timing,
            LongSupplier nanoTime) {
        this.job = job;
        this.converter = converter;
        this.attempts = attempts;
        this.queue = queue;
        this.permit = permit;
        this.timing = timing;
        this.nanoTime = nanoTime;
        this.started = nanoTime.getAsLong();
        this.source = converter.source(job);
        this.thread = Thread.ofVirtual().name("job-" + job.id()).unstarted(this::convert);
    }

    Job job() {
        return job;
    }

    Duration elapsed() {
        return Duration.ofNanos(nanoTime.getAsLong() - started);
    }

    /** An estimate of the time until it is done. */
    Duration remaining() {
        int done = progress;
        return done == 0 ? UNKNOWN : elapsed().multipliedBy(100 - done).dividedBy(done);
    }

    /** Ends the conversion, because this worker stops. */
    void stop() {
        stopped = true;
        thread.interrupt();
    }

    /** Runs to the end. */
    Outcome run() {
        thread.start();
        boolean held = true;
        boolean stalled = false;
        boolean interrupted = false;
        while (true) {
            try {
                if (thread.join(timing.heartbeat())) break;
            } catch (InterruptedException e) {
                // the listener container does not wait any longer
                interrupted = true;
                stop();
            }
            if (held && !heartbeat()) {
                held = false;
                thread.interrupt();
            } else if (held && !stalled && uploadStalls()) {
                stalled = true;
                thread.interrupt();
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
        return outcome(held, stalled);
    }

    private void convert() {
        MDC.put(MDC_JOB, job.id());
        try {
            if (job.mayBePoison()) permit.makeExclusive();
            begin();
            mp3 = converter.convert(job, source, percent -> progress = percent);
        } catch (Throwable e) {
            failure = e;
        }
    }

    /** Says that work begins: a worker that is lost earlier is no failure of the job. */
    private void begin() throws IOException {
        try {
            if (!attempts.begin(job)) throw new InterruptedIOException("The job is no longer held");
        } catch (DataAccessException e) {
            throw new IOException("The job store cannot be reached", e);
        }
        if (job.mayBePoison())
            log.warn("Job {} lost {} workers and runs exclusively", job.id(), job.failureCount());
    }

    private Outcome outcome(boolean held, boolean stalled) {
        Throwable e = failure;
        // a cancelled job loses its video while it is converted: ask once more before blaming it
        if (!held || (mp3 == null && !heartbeat())) return new Outcome.LeaseLost();
        if (mp3 != null) return new Outcome.Converted(mp3);
        if (stalled) return new Outcome.UploadStalled();
        if (e instanceof ConversionFailed failed)
            return new Outcome.NotConvertible(failed.failure());
        if (stopped) return new Outcome.WorkerStopped(progress);
        return e instanceof IOException io && !isMissing(io)
                ? new Outcome.StoreFailed(io)
                : new Outcome.FailedInternally(e);
    }

    /** Whether a file of the job is not there, or not whole, which no other attempt changes. */
    private static boolean isMissing(IOException e) {
        for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause())
            if (cause instanceof NoSuchFileException || cause instanceof IncompleteVideo)
                return true;
        return false;
    }

    private boolean heartbeat() {
        try {
            return attempts.heartbeat(job, progress);
        } catch (RuntimeException e) {
            // a long conversion survives a long outage; should another worker have the job, because
            // only this one cannot reach the store, the next answer tells
            log.debug("The job store cannot be reached: {}", e.toString());
            return true;
        }
    }

    /** Whether the worker should rather take another job than wait for this upload. */
    private boolean uploadStalls() {
        Duration waiting = source.waitingForUpload();
        if (waiting.compareTo(timing.uploadStall()) > 0) return true;
        try {
            return waiting.compareTo(timing.uploadStallWhenJobsWait()) > 0 && queue.hasWaitingJob();
        } catch (DataAccessException e) {
            return false;
        }
    }
}
