package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Conversion;
import dev.tomp3.converter.conversion.ConversionFailed;
import dev.tomp3.converter.conversion.InFlightConversion;
import dev.tomp3.converter.conversion.Mp3;
import dev.tomp3.converter.ffmpeg.WorkDirectory;
import dev.tomp3.converter.source.InFlightSource;
import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.queue.Delay;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.dao.DataAccessException;

/**
 * Does jobs, one for each thread that calls {@link #takeOne()}.
 *
 * <ol>
 *   <li>The first waiting job is claimed: from then on it is this attempt's, until a beat or the
 *       settling is refused.
 *   <li>Every half second the attempt says that it lives and how far it is, and learns whether it
 *       still has the job. If not, ffmpeg is killed, its file is deleted, and nothing is said of
 *       it.
 *   <li>The MP3 is stored under the attempt's own id, and only then the job names it.
 *   <li>A file that cannot be converted fails the job. Trouble with a store or a disk gives it
 *       back, to be tried again later. Anything else that goes wrong, a video that is not there
 *       among it, is a strike against the job.
 * </ol>
 *
 * <p>A worker that dies at any point loses its lease, and somebody else begins anew. A job that
 * lost several workers is done alone in its process: should its file be what killed them, it takes
 * no other job along, and should another's have been, it is out of its reach. While it waits for
 * that, losing the worker is not held against it.
 */
final class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final Duration BEAT = Duration.ofMillis(500);

    /** How long an upload may bring nothing while it is being converted. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration PATIENCE_AMONG_OTHERS = Duration.ofSeconds(1);
    private static final String JOB = "job";
    private static final int PLACES = Integer.MAX_VALUE;

    private final Jobs jobs;
    private final ClaimQueue queue;
    private final Attempts held;
    private final MediaStore media;
    private final Publisher publisher;
    private final Conversion conversion;
    private final InFlightConversion inFlight;
    private final WorkDirectory work;
    private final Counter successes;
    private final Counter errors;
    private final Map<Failure.Code, Counter> failures = new EnumMap<>(Failure.Code.class);
    private final Counter audio;
    private final Timer durations;
    private final String name = UUID.randomUUID().toString();
    private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();

    /**
     * Places in this process, of which a job has one until it is settled, and one that must be
     * alone has all. In order, so that none starves.
     */
    private final Semaphore places = new Semaphore(PLACES, true);

    private volatile boolean stopping;

    Worker(
            Jobs jobs,
            ClaimQueue queue,
            Attempts held,
            MediaStore media,
            Publisher publisher,
            Conversion conversion,
            WorkDirectory work,
            int workers,
            MeterRegistry registry) {
        this.jobs = jobs;
        this.queue = queue;
        this.held = held;
        this.media = media;
        this.publisher = publisher;
        this.conversion = conversion;
        this.inFlight = new InFlightConversion(conversion);
        this.work = work;
        successes = results(registry, "success");
        errors = results(registry, "error");
        for (Failure.Code code : Failure.Code.values()) {
            failures.put(
                    code,
                    Counter.builder("converter.failures")
                            .description("Jobs failed, by the code that their owners read")
                            .tag("code", code.wire())
                            .register(registry));
        }
        audio =
                Counter.builder("converter.audio")
                        .description("Audio converted")
                        .baseUnit("seconds")
                        .register(registry);
        Gauge.builder("converter.workers", () -> workers)
                .description("Jobs that can be done at the same time")
                .register(registry);
        Gauge.builder("converter.workers.busy", attempts::size)
                .description("Jobs being done")
                .register(registry);
        durations =
                Timer.builder("converter.job.duration")
                        .description("Time from a job's claim to its end")
                        .serviceLevelObjectives(
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(15),
                                Duration.ofMinutes(1),
                                Duration.ofMinutes(5),
                                Duration.ofMinutes(15),
                                Duration.ofHours(1),
                                Duration.ofHours(4))
                        .register(registry);
    }

    private static Counter results(MeterRegistry registry, String result) {
        return Counter.builder("converter.jobs")
                .description("Jobs settled")
                .tag("result", result)
                .register(registry);
    }

    /**
     * Takes the job whose turn is the first, if one waits, and returns when it is settled or given
     * back.
     *
     * @return false when the wake-up should go to another worker, as this one stops
     * @throws DataAccessException when the job store cannot be reached and no job was taken
     */
    boolean takeOne() {
        if (stopping) return false;
        Optional<Job> claimed = queue.claim(name);
        if (claimed.isEmpty()) return true;
        Attempt attempt = new Attempt(claimed.get());
        attempts.add(attempt);
        try (MDC.MDCCloseable _ = MDC.putCloseable(JOB, attempt.job.id())) {
            // it may have been claimed while the decision to stop was made
            if (stopping) attempt.stop();
            return attempt.run();
        } finally {
            attempts.remove(attempt);
        }
    }

    /** Takes no more jobs, and gives back those that will not be done within this time. */
    void finishWithin(Duration time) {
        stopping = true;
        attempts.stream()
                .filter(attempt -> attempt.rest().compareTo(time) > 0)
                .forEach(Attempt::stop);
    }

    private final class Attempt {
        private final Job job;
        private final long started = System.nanoTime();
        private final Thread thread;
        private final Source source;
        private volatile int progress;
        private volatile boolean stopped;
        private boolean letGo;
        private int taken;
        private @Nullable Mp3 mp3;
        private @Nullable Throwable failure;

        Attempt(Job job) {
            this.job = job;
            this.source = source(job);
            this.thread = Thread.ofVirtual().name("job-" + job.id()).unstarted(this::convert);
        }

        private Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - started);
        }

        /** How long it will take still, as it looks. */
        Duration rest() {
            int done = progress;
            return done == 0
                    ? Duration.ofDays(1)
                    : elapsed().multipliedBy(100 - done).dividedBy(done);
        }

        void stop() {
            stopped = true;
            thread.interrupt();
        }

        /** In its own thread, so that ours can tell that it lives. */
        private void convert() {
            MDC.put(JOB, job.id());
            try {
                int needed = job.mayBePoison() ? PLACES : 1;
                places.acquire(needed);
                taken = needed;
                if (job.mayBePoison()) beginAlone();
                Path directory = work.newAttempt();
                try {
                    Mp3 made = convert(directory);
                    store(made.path());
                    mp3 = made;
                } finally {
                    WorkDirectory.delete(directory);
                }
            } catch (Throwable e) {
                failure = e;
            }
        }

        private Mp3 convert(Path directory)
                throws ConversionFailed, IOException, InterruptedException {
            String fileName = job.source().name();
            IntConsumer percent = reached -> progress = reached;
            return source instanceof InFlightSource upload
                    ? inFlight.run(upload, fileName, job.options(), directory, percent)
                    : conversion.run(source, fileName, job.options(), directory, percent);
        }

        private void beginAlone() throws IOException {
            try {
                if (!held.runExclusively(job)) throw new InterruptedIOException("No longer ours");
            } catch (DataAccessException e) {
                throw new IOException("The job store cannot be reached", e);
            }
            log.warn("Job {} lost {} workers and is converted alone", job.id(), job.failureCount());
        }

        private void store(Path path) throws IOException {
            try (InputStream in = Files.newInputStream(path);
                    MediaOutput out = media.create(Bucket.MP3S, job.attemptFile())) {
                in.transferTo(out);
                out.commit();
            }
        }

        /** Returns false when the job was given back because this worker stops. */
        boolean run() {
            thread.start();
            boolean ours = beatUntilDone();
            try {
                return conclude(ours);
            } finally {
                places.release(taken);
                wakeForNext();
            }
        }

        /** There is room for another one of this owner now, whose wake-ups may be used up. */
        private void wakeForNext() {
            try {
                if (queue.needsWakeUp(job.owner().id()))
                    publisher.publish(new Event.VideoUploaded(job.id()));
            } catch (DataAccessException e) {
                log.debug("Left to the sweep: waking for the next of the owner", e);
            }
        }

        private boolean conclude(boolean ours) {
            Throwable e = failure;
            Mp3 made = mp3;
            // a job whose owner does not want it any more loses its video under our hands
            if (!ours || (made == null && !beat())) {
                log.info(
                        "Job {} is no longer attempt {}'s, after {} ms",
                        job.id(),
                        job.attempt(),
                        elapsed().toMillis());
                deleteOwnFile();
            } else if (made != null) {
                succeed(made);
            } else if (letGo) {
                letGo();
            } else if (e instanceof ConversionFailed failed) {
                fail(failed.failure());
            } else if (stopped) {
                return !giveBack();
            } else if (e instanceof IOException && !(e.getCause() instanceof NoSuchFileException)) {
                tryLater(e);
            } else {
                strike(e);
            }
            return true;
        }

        private boolean beatUntilDone() {
            boolean ours = true;
            boolean interrupted = false;
            while (true) {
                try {
                    if (thread.join(BEAT)) break;
                } catch (InterruptedException e) {
                    // the listener is being stopped the hard way
                    interrupted = true;
                    stop();
                }
                if (ours && !beat()) {
                    ours = false;
                    thread.interrupt();
                } else if (ours && !letGo && waitsInVain()) {
                    letGo = true;
                    thread.interrupt();
                }
            }
            if (interrupted) Thread.currentThread().interrupt();
            return ours;
        }

        /** Whether the time is better spent on another job than on waiting for this upload. */
        private boolean waitsInVain() {
            Duration starved = source.waitingForUpload();
            if (starved.compareTo(PATIENCE) > 0) return true;
            try {
                return starved.compareTo(PATIENCE_AMONG_OTHERS) > 0 && queue.hasWaitingJob();
            } catch (DataAccessException e) {
                return false;
            }
        }

        private boolean beat() {
            try {
                return held.heartbeat(job, progress);
            } catch (RuntimeException e) {
                log.debug("The job store cannot be reached: {}", e.toString());
                return true; // nobody else can take the job either; what is true shows when the
                // store is back
            }
        }

        private void succeed(Mp3 made) {
            Job.Result result = new Job.Result(made.bytes(), made.duration().toMillis());
            if (!settle(() -> held.succeed(job, result))) {
                deleteOwnFile();
                return;
            }
            successes.increment();
            audio.increment(made.duration().toNanos() / 1e9);
            durations.record(elapsed());
            log.info(
                    "Converted job {}, attempt {}, in {} ms: {} s, {} bytes",
                    job.id(),
                    job.attempt(),
                    elapsed().toMillis(),
                    made.duration().toSeconds(),
                    made.bytes());
            publisher.publish(new Event.Mp3Ready(job.id(), job.owner().id()));
        }

        private void fail(Failure reason) {
            if (!settle(() -> held.fail(job, reason))) return;
            countFailure(reason.code());
            log.info(
                    "Failed job {}, attempt {}, in {} ms: {}",
                    job.id(),
                    job.attempt(),
                    elapsed().toMillis(),
                    reason.code().wire());
            publisher.publish(new Event.ConversionFailed(job.id(), job.owner().id()));
        }

        private void tryLater(Throwable e) {
            Delay delay = Delay.after(job.attempt());
            log.warn(
                    "Job {}, attempt {}, goes on in {} s: {}",
                    job.id(),
                    job.attempt(),
                    delay.duration().toSeconds(),
                    causes(e));
            deleteOwnFile();
            if (settle(() -> held.release(job, delay.duration()))) {
                publisher.publish(new Event.VideoUploaded(job.id()), delay);
            }
        }

        private void strike(@Nullable Throwable e) {
            log.error("Job {}, attempt {}, met a fault of ours", job.id(), job.attempt(), e);
            deleteOwnFile();
            if (!settle(() -> held.countFailure(job))) return;
            boolean failed =
                    jobs.find(job.id()).map(now -> now.status() == Job.Status.FAILED).orElse(false);
            if (failed) {
                countFailure(Failure.Code.INTERNAL);
                publisher.publish(new Event.ConversionFailed(job.id(), job.owner().id()));
            } else {
                publisher.publish(new Event.VideoUploaded(job.id()));
            }
        }

        private void countFailure(Failure.Code code) {
            errors.increment();
            Objects.requireNonNull(failures.get(code)).increment();
            durations.record(elapsed());
        }

        /** An upload that is complete by now has to be claimed again, so a worker is woken. */
        private void letGo() {
            if (!settle(() -> held.release(job, Duration.ZERO))) return;
            log.info("Released job {}: the upload stalled", job.id());
            publisher.publish(new Event.VideoUploaded(job.id()));
        }

        private boolean giveBack() {
            deleteOwnFile();
            boolean given = settle(() -> held.release(job, Duration.ZERO));
            if (given) {
                log.info(
                        "Gave back job {}, attempt {}, at {} %", job.id(), job.attempt(), progress);
            }
            return given;
        }

        /**
         * Writes the end of this attempt, again and again while the store cannot be reached: the
         * work is done, and the lease is not lost as long as nobody can write.
         *
         * @return false when the job is no longer this attempt's
         */
        private boolean settle(Transition transition) {
            boolean doubtful = false;
            while (true) {
                try {
                    return transition.run() || (doubtful && endedAsWeSaid());
                } catch (DataAccessException e) {
                    // it may have been written all the same
                    doubtful = true;
                    log.warn("Job {} cannot be settled now: {}", job.id(), e.toString());
                    try {
                        Thread.sleep(BEAT);
                    } catch (InterruptedException stop) {
                        Thread.currentThread().interrupt();
                        throw e;
                    }
                }
            }
        }

        /** A first try whose answer was lost may have succeeded, and then its file is the job's. */
        private boolean endedAsWeSaid() {
            return jobs.find(job.id())
                    .filter(now -> now.attempt() == job.attempt())
                    .filter(now ->
                            now.status() == Job.Status.DONE || now.status() == Job.Status.FAILED)
                    .isPresent();
        }

        private void deleteOwnFile() {
            try {
                media.delete(Bucket.MP3S, job.attemptFile());
            } catch (IOException e) {
                log.warn(
                        "Left to the sweep, which deletes what no job names: {} ({})",
                        job.attemptFile(),
                        e.toString());
            }
        }
    }

    private Source source(Job job) {
        long bytes = job.source().bytes();
        return job.status() != Job.Status.UPLOADING
                ? Source.stored(media, job.id(), bytes)
                : new InFlightSource(media, job.id(), bytes, () -> arrived(job));
    }

    private OptionalLong arrived(Job job) throws IOException {
        try {
            return jobs.completeLength(job.id());
        } catch (DataAccessException e) {
            throw new IOException("The job store cannot be reached", e);
        }
    }

    private interface Transition {
        boolean run();
    }

    private static String causes(Throwable e) {
        return e.getCause() == null ? e.toString() : e + ": " + e.getCause();
    }
}
