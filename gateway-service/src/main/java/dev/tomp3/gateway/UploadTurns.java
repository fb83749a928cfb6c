package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.ResumableUploads;
import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Lets the requests of a resumable upload write one after the other, as {@link ResumableUploads}
 * tells: a request waits until the older ones have ended, wherever they are, but not for long.
 *
 * <p>When the gateway stops, requests end at once, so that their clients go on at another gateway.
 */
@Component
final class UploadTurns implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(UploadTurns.class);

    /**
     * How long an older request has to make its bytes safe: longer than it takes its gateway to
     * learn of the newer one.
     */
    private static final Duration TURN = Duration.ofSeconds(4);

    private static final int TRIES = 5;
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** A request that may go on, and the job as it is then. */
    record Turn(Job job, long request) {}

    private final ResumableUploads uploads;
    private final Jobs jobs;
    private final NanoClock clock;
    private final ConcurrentMap<String, ResumablePart> parts = new ConcurrentHashMap<>();
    private volatile boolean running;

    UploadTurns(ResumableUploads uploads, Jobs jobs, NanoClock clock) {
        this.uploads = uploads;
        this.jobs = jobs;
        this.clock = clock;
    }

    /**
     * The job of an upload of this user, complete or not.
     *
     * @throws ProblemException 404 or 410 when there is none
     */
    Job require(String id, CurrentUser user) {
        Optional<Job> found = JobAccess.isId(id) ? jobs.find(id) : Optional.empty();
        Job job =
                found.filter(any -> any.owner().id().equals(user.id()))
                        .filter(any -> any.status() != Status.UPLOADING || any.resumable() != null)
                        .orElseThrow(() ->
                                new ProblemException(
                                        Problem.NOT_FOUND, "You have no upload of that id."));
        Resumable upload = job.resumable();
        boolean gone =
                upload == null
                        ? job.status() == Status.CANCELLED || job.status() == Status.EXPIRED
                        : uploads.isExpired(upload);
        if (gone) throw new ProblemException(Problem.UPLOAD_GONE);
        return job;
    }

    /**
     * Ends requests that bring bytes. One that the client has sent before may arrive now; clients
     * take a refusal (409) of {@code HEAD} for the end of the upload.
     */
    Job awaitEnd(Job found, CurrentUser user) {
        for (int tries = 0; tries < TRIES; tries++) {
            try {
                return await(found, user).job();
            } catch (ProblemException e) {
                if (e.problem() != Problem.UPLOAD_SUPERSEDED) throw e;
            }
        }
        throw VideoIntake.unavailable("A newer request is already sending this upload.");
    }

    /** Returns when no older request brings bytes of the upload any more. */
    Turn await(Job found, CurrentUser user) {
        String id = found.id();
        Optional<Job> requested = uploads.request(id);
        if (requested.isEmpty()) return new Turn(require(id, user), 0);
        Job job = requested.get();
        long request = requests(job);
        revoke(id);
        long start = clock.nanoTime();
        while (job.resumable() != null && job.resumable().open()) {
            if (clock.since(start).compareTo(TURN) > 0) {
                log.info("Upload {} goes on: an earlier request has not ended in time", id);
                job = uploads.fence(id, request).orElseGet(() -> require(id, user));
                break;
            }
            pause();
            job = require(id, user);
        }
        if (job.resumable() != null && requests(job) != request) throw VideoIntake.superseded();
        return new Turn(job, request);
    }

    private static long requests(Job job) {
        return Objects.requireNonNull(job.resumable()).requests();
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw VideoIntake.unavailable("The gateway stops.");
        }
    }

    /** A part writes from now on, until it is revoked or {@link #end}s. */
    void begin(ResumablePart part) {
        parts.put(part.id(), part);
    }

    void end(ResumablePart part) {
        parts.remove(part.id(), part);
    }

    /** Ends the part that this gateway receives of an upload, if it receives one. */
    void revoke(String id) {
        ResumablePart part = parts.get(id);
        if (part != null) part.revoke();
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        parts.values().parallelStream().forEach(ResumablePart::end);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the web server waits for its requests. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
