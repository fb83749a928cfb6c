package dev.tomp3.jobs;

import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.platform.NanoClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;

/**
 * Finishes what crashed processes left behind. Every gateway and every converter runs one; the
 * elected one works ({@link LeaderLease}). Doing a step twice is harmless: each names the state
 * that it changes.
 *
 * <ol>
 *   <li>{@link #reclaimLeases}: a job whose worker sent no heartbeat for {@link Timing#lease()}
 *       goes back to the queue, and the loss counts as a failure. An upload whose gateway sent none
 *       for {@link Timing#upload()} is deleted: its client never got an answer. A resumable one is
 *       kept until it expires.
 *   <li>{@link #republish}: as many wake-ups are published as jobs may be claimed, up to a hundred,
 *       minus those that wait in the queue already; and the outcome of every settled job whose
 *       owner was not told.
 *   <li>{@link #deleteFiles}: the files of jobs that their owners have deleted, and what lost
 *       workers and gateways left.
 *   <li>{@link #enforceRetention}: videos, MP3s and jobs are deleted when their period is over.
 *   <li>{@link #deleteOrphans} and {@link #deleteStrays}: files that no job needs are deleted.
 *   <li>The last three do nothing while {@link DeletionGuard} forbids it.
 * </ol>
 */
public final class Sweeper {
    private static final Logger log = LoggerFactory.getLogger(Sweeper.class);

    /** An early claimed upload has two heartbeats; this tells them apart. */
    private static final String UPLOAD = "upload of ";

    private static final int BATCH = 100;

    /** The parts of a job's life that the sweeper takes part in. */
    record Parts(
            Jobs jobs,
            IncomingUploads uploads,
            ClaimQueue queue,
            Attempts attempts,
            Notifications notifications,
            Retention retention,
            DeletionGuard guard) {}

    private record MediaFile(Bucket bucket, String id) {}

    private record Seen(int attempt, @Nullable Object heartbeat) {}

    private final LeaderLease leader;
    private final Parts parts;
    private final MediaStore media;
    private final Publisher publisher;
    private final Timing timing;
    private final StaleHeartbeatDetector detector;
    private Set<String> watchedBefore = Set.of();

    /** Found by the thread that reclaims, and deleted by another; after a crash, orphans. */
    private final Queue<MediaFile> leftBehind = new ConcurrentLinkedQueue<>();

    Sweeper(
            LeaderLease leader,
            Parts parts,
            MediaStore media,
            Publisher publisher,
            Timing timing,
            NanoClock nanoClock) {
        this.leader = leader;
        this.parts = parts;
        this.media = media;
        this.publisher = publisher;
        this.timing = timing;
        this.detector = new StaleHeartbeatDetector(nanoClock);
    }

    /** Runs each second: users wait for it. */
    public void reclaimLeases() {
        boolean leads = leader.isHeld();
        // the leader may have been lost together with a worker: its successor watches already
        if (!leads && !leader.mayTakeOver()) return;
        List<Job> converting = parts.attempts().running();
        List<Job> uploading = parts.uploads().running();
        Set<String> watched = new HashSet<>();
        for (Job job : converting) {
            watched.add(job.id());
            Duration stale = detector.staleFor(job.id(), new Seen(job.attempt(), job.lease()));
            if (leads && stale.compareTo(timing.lease()) >= 0) reclaim(job);
        }
        for (Job upload : uploading) {
            watched.add(UPLOAD + upload.id());
            Duration stale = detector.staleFor(UPLOAD + upload.id(), new Seen(0, upload.upload()));
            if (leads && stale.compareTo(timing.upload()) >= 0) abandon(upload);
        }
        // a job that changes while it is listed may be missed once
        Set<String> current = Set.copyOf(watched);
        watched.addAll(watchedBefore);
        detector.keepOnly(watched);
        watchedBefore = current;
    }

    private void reclaim(Job job) {
        if (!parts.attempts().reclaim(job)) return;
        log.warn("Reclaimed job {}: the worker of attempt {} was lost", job.id(), job.attempt());
        leftBehind.add(new MediaFile(Bucket.MP3S, job.mp3File()));
        parts.jobs().find(job.id()).ifPresent(this::publish);
        if (parts.queue().needsWakeUp(job.owner().id()))
            publisher.publish(new Event.VideoUploaded(job.id()));
    }

    private void abandon(Job upload) {
        if (!parts.uploads().abandon(upload)) return;
        log.warn("Deleted upload {}: its gateway was lost", upload.id());
        leftBehind.add(new MediaFile(Bucket.VIDEOS, upload.id()));
    }

    /** Runs every few seconds. */
    public void republish() {
        if (!leader.isHeld()) return;
        try {
            int waiting = publisher.waitingVideos();
            if (waiting < BATCH) {
                parts.queue().due(BATCH).stream()
                        .skip(waiting)
                        .forEach(id -> publisher.publish(new Event.VideoUploaded(id)));
            }
            // so that messages do not pile up while the notifier is down
            int free = BATCH - publisher.waitingMp3s();
            if (free > 0) parts.notifications().overdue(free).forEach(this::publish);
        } catch (AmqpException e) {
            log.debug("The broker does not say how many messages wait: {}", e.toString());
        }
    }

    private void publish(Job job) {
        String owner = job.owner().id();
        switch (job.status()) {
            case QUEUED -> publisher.publish(new Event.VideoUploaded(job.id()));
            case DONE -> publisher.publish(new Event.Mp3Ready(job.id(), owner));
            case FAILED -> publisher.publish(new Event.ConversionFailed(job.id(), owner));
            case UPLOADING, CONVERTING, CANCELLED, EXPIRED -> {}
        }
    }

    /** Runs every few seconds. What cannot be deleted stops nothing else, and is tried again. */
    public void deleteFiles() throws IOException {
        if (!leader.isHeld()) return;
        Deletions deletions = new Deletions();
        for (MediaFile file = leftBehind.poll(); file != null; file = leftBehind.poll())
            deletions.delete(file.bucket(), file.id());
        String last = null;
        List<Job> page;
        do {
            page = parts.retention().withFilesToDelete(last, BATCH);
            for (Job job : page) {
                last = job.id();
                if (deleteVideo(job, deletions) && deletions.delete(Bucket.MP3S, job.mp3File()))
                    parts.retention().filesDeleted(job.id());
            }
        } while (page.size() == BATCH && leader.isHeld());
        deletions.report();
    }

    /** Runs every minute. What cannot be deleted stops nothing else, and is tried again. */
    public void enforceRetention() throws IOException {
        if (!leader.isHeld() || !parts.guard().allows()) return;
        Deletions deletions = new Deletions();
        deleteOldMp3s(deletions);
        deleteOldVideos(deletions);
        parts.retention().expireUploads();
        parts.retention().removeOldJobs();
        parts.queue().forgetIdleOwners();
        deletions.report();
    }

    private void deleteOldMp3s(Deletions deletions) {
        List<Job> done;
        do {
            done = parts.retention().withOldMp3(BATCH);
            for (Job job : done) {
                // the job says so first: a file that is left over is an orphan
                if (parts.retention().expire(job)) deletions.delete(Bucket.MP3S, job.mp3File());
            }
        } while (done.size() == BATCH && leader.isHeld());
    }

    private void deleteOldVideos(Deletions deletions) {
        Set<String> kept = new HashSet<>();
        List<Job> settled;
        do {
            settled = parts.retention().withOldVideo(kept, BATCH);
            for (Job job : settled) {
                if (deleteVideo(job, deletions)) parts.retention().videoDeleted(job.id());
                else kept.add(job.id());
            }
        } while (settled.size() == BATCH && kept.size() < BATCH && leader.isHeld());
    }

    private static boolean deleteVideo(Job job, Deletions deletions) {
        return deletions.delete(Bucket.VIDEOS, job.id())
                && (!job.options().bringsCover()
                        || deletions.delete(Bucket.VIDEOS, job.coverFile()));
    }

    /** Runs every hour: all jobs with a key are read. */
    public void forgetOldKeys() {
        if (leader.isHeld() && parts.guard().allows()) parts.retention().removeOldKeys();
    }

    /**
     * Runs every hour. A file is listed before its job is read, so that a file which the job does
     * not need then is never needed again; and as a restored job may need it nevertheless, the job
     * is read once more right before the deletion.
     */
    public void deleteOrphans() throws IOException {
        deleteOrphans(media::forEachId);
    }

    /** Runs every day: all chunks are looked at. */
    public void deleteStrays() throws IOException {
        deleteOrphans(media::forEachStray);
    }

    private interface Listing {
        void forEach(Bucket bucket, Consumer<String> action) throws IOException;
    }

    private void deleteOrphans(Listing listing) throws IOException {
        if (!leader.isHeld() || !parts.guard().allows()) return;
        Deletions deletions = new Deletions();
        for (Bucket bucket : Bucket.values()) {
            List<String> page = new ArrayList<>();
            listing.forEach(
                    bucket,
                    id -> {
                        page.add(id);
                        if (page.size() < BATCH) return;
                        deleteOrphans(bucket, page, deletions);
                        page.clear();
                    });
            deleteOrphans(bucket, page, deletions);
        }
        deletions.report();
    }

    private void deleteOrphans(Bucket bucket, List<String> page, Deletions deletions) {
        for (String id : parts.retention().orphans(page)) {
            if (!parts.retention().orphans(List.of(id)).isEmpty() && deletions.delete(bucket, id))
                log.warn("Deleted {} {}: no job needs it", bucket, id);
        }
    }

    /** Deletes one file after the other, and remembers which could not be deleted. */
    private final class Deletions {
        private int failed;
        private @Nullable IOException first;

        boolean delete(Bucket bucket, String id) {
            try {
                media.delete(bucket, id);
                return true;
            } catch (IOException e) {
                failed++;
                if (first == null) first = e;
                return false;
            }
        }

        void report() throws IOException {
            if (first != null) throw new IOException(failed + " files could not be deleted", first);
        }
    }
}
