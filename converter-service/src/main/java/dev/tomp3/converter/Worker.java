package dev.tomp3.converter;

import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.dao.DataAccessException;

/**
 * Runs jobs, one for each thread that calls {@link #runNextJob()}.
 *
 * <ol>
 *   <li>The first waiting job is claimed. From then on it is this attempt's, until a heartbeat or
 *       the settlement is refused.
 *   <li>With every heartbeat the attempt writes its progress and learns whether it still holds the
 *       job. If not, ffmpeg is killed, the attempt's file is deleted, and nothing is published.
 *   <li>The MP3 is stored under the attempt's own id; only then the job is done.
 *   <li>A file that cannot be converted fails the job. When a store or the disk fails, the job is
 *       released and retried later. Any other exception, also for a video that is missing, counts
 *       as a failure of the job.
 * </ol>
 *
 * <p>A worker that dies at any point loses its lease, and another one starts again. A job that lost
 * several workers may be a poison job and runs exclusively in its process: if its file is what
 * kills workers, it takes no other job down, and if another job's file was, that one cannot harm
 * it. A worker that is lost while such a job still waits for that does not count as the job's
 * failure. Meanwhile no other job is claimed, so that other workers can have them.
 */
final class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    /** How often a thread that waits to claim looks whether the worker stops. */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private final ClaimQueue queue;
    private final Attempts attempts;
    private final Publisher publisher;
    private final JobConverter converter;
    private final Settlement settlement;
    private final WorkerTiming timing;
    private final LongSupplier nanoTime;
    private final String name = UUID.randomUUID().toString();
    private final ExclusivePermits permits = new ExclusivePermits();
    private final Set<Attempt> running = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    Worker(
            ClaimQueue queue,
            Attempts attempts,
            Publisher publisher,
            JobConverter converter,
            Settlement settlement,
            WorkerTiming timing,
            LongSupplier nanoTime) {
        this.queue = queue;
        this.attempts = attempts;
        this.publisher = publisher;
        this.converter = converter;
        this.settlement = settlement;
        this.timing = timing;
        this.nanoTime = nanoTime;
    }

    /**
     * Claims the first waiting job, if there is one, and returns when it is settled or released.
     *
     * @return false when another worker should get the wake-up, because this one stops
     * @throws DataAccessException when the job store cannot be reached and no job was claimed
     */
    boolean runNextJob() {
        Optional<ExclusivePermits.Permit> permit = permit();
        if (permit.isEmpty()) return false;
        try (ExclusivePermits.Permit held = permit.get()) {
            Optional<Job> claimed = queue.claim(name);
            if (claimed.isEmpty()) return true;
            return run(
                    new Attempt(claimed.get(), converter, attempts, queue, held, timing, nanoTime));
        }
    }

    /** Nothing is claimed that would have to wait for a job that runs exclusively. */
    private Optional<ExclusivePermits.Permit> permit() {
        try {
            while (!stopping) {
                Optional<ExclusivePermits.Permit> permit = permits.acquire(PATIENCE);
                if (permit.isPresent()) return permit;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    private boolean run(Attempt attempt) {
        running.add(attempt);
        try (MDC.MDCCloseable _ = MDC.putCloseable(Attempt.MDC_JOB, attempt.job().id())) {
            // it may have been claimed while the worker was told to stop
            if (stopping) attempt.stop();
            return settled(attempt);
        } finally {
            running.remove(attempt);
        }
    }

    private boolean settled(Attempt attempt) {
        try {
            Outcome outcome = attempt.run();
            return settlement.settle(attempt.job(), outcome, attempt.elapsed());
        } finally {
            wakeForNextOf(attempt.job());
        }
    }

    /** The owner may have another job now, whose wake-ups may be used up. */
    private void wakeForNextOf(Job job) {
        try {
            if (queue.needsWakeUp(job.owner().id()))
                publisher.publish(new Event.VideoUploaded(job.id()));
        } catch (DataAccessException e) {
            log.debug("The sweeper will publish the wake-up for the owner's next job", e);
        }
    }

    int running() {
        return running.size();
    }

    /** Claims no more jobs, and releases those that will not be done within this time. */
    void finishWithin(Duration time) {
        stopping = true;
        running.stream()
                .filter(attempt -> attempt.remaining().compareTo(time) > 0)
                .forEach(Attempt::stop);
    }
}
