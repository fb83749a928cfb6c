package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.bson.Document;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Keeps the promises of processes that died. Every gateway and converter runs it, one of them at a
 * time; twice would only be waste, as every step names the state it leaves.
 *
 * <ol>
 *   <li>A job whose worker's beat stood still for {@link #LEASE} goes back to the queue, with a
 *       strike.
 *   <li>An upload whose gateway's beat stood still for {@link #UPLOAD} is deleted: it was never
 *       answered.
 *   <li>As many wake-ups are sent as jobs are due that may be taken, less those that wait in the
 *       queue already: none for what its owner's limit holds back.
 *   <li>What was settled and not announced is sent again.
 *   <li>Videos, MP3s and jobs go when their time is over, and files that no job needs go at once.
 * </ol>
 */
public final class Sweep {
    private static final Logger log = LoggerFactory.getLogger(Sweep.class);

    static final Duration LEASE = Duration.ofSeconds(8);
    static final Duration UPLOAD = Duration.ofSeconds(30);
    private static final Duration LEADER = Duration.ofSeconds(3);
    private static final Duration DOUBT = Duration.ofSeconds(1);

    /** An upload may be being converted already, and both may stand still. */
    private static final String UPLOAD_OF = "upload of ";

    private static final String SWEEP = "sweep";
    private static final int BATCH = 100;

    /**
     * How long things are kept.
     *
     * @param video after the job is settled
     * @param mp3 after it is there
     * @param job after it is settled
     */
    public record Retention(Duration video, Duration mp3, Duration job) {}

    private final MongoTemplate mongo;
    private final Jobs jobs;
    private final MediaStore media;
    private final Publisher publisher;
    private final Retention retention;
    private final Clock clock;
    private final StaleHeartbeatDetector still;
    private final String me = UUID.randomUUID().toString();

    /** The leader may have died: it has stood still since the last look. */
    private volatile boolean doubtful;

    public Sweep(
            MongoTemplate mongo,
            Jobs jobs,
            MediaStore media,
            Publisher publisher,
            Retention retention,
            Clock clock,
            LongSupplier nanoTime) {
        this.mongo = mongo;
        this.jobs = jobs;
        this.media = media;
        this.publisher = publisher;
        this.retention = retention;
        this.clock = clock;
        this.still = new StaleHeartbeatDetector(nanoTime);
    }

    /** What cannot wait: each second. */
    public void lost() throws IOException {
        boolean leads = leads();
        // who may lead soon begins to watch now, as the leader may have died with a worker
        if (!leads && !doubtful) return;
        List<Job> converting = jobs.converting();
        List<Job> uploading = jobs.uploading();
        for (Job job : converting) {
            if (job.lease() == null) continue;
            Duration stood = still.since(job.id(), List.of(job.attempt(), job.lease()));
            if (!leads || stood.compareTo(LEASE) < 0 || !jobs.takeBackUnmoved(job, job.lease()))
                continue;
            log.warn("Lost the worker of job {}, attempt {}", job.id(), job.attempt());
            media.delete(Bucket.MP3S, job.attemptFile());
            jobs.find(job.id()).ifPresent(this::signal);
            if (jobs.holdsBack(job.owner().id()))
                publisher.publish(new Event.VideoUploaded(job.id()));
        }
        for (Job upload : uploading) {
            Duration stood = still.since(UPLOAD_OF + upload.id(), upload.source().beat());
            if (!leads || stood.compareTo(UPLOAD) < 0 || !jobs.abandon(upload)) continue;
            log.warn("Deleted upload {}, which its gateway never finished", upload.id());
            media.delete(Bucket.VIDEOS, upload.id());
        }
        Set<String> ids = converting.stream().map(Job::id).collect(Collectors.toSet());
        uploading.forEach(upload -> ids.add(UPLOAD_OF + upload.id()));
        ids.add(SWEEP);
        still.keepOnly(ids);
    }

    /** What somebody waits for: every few seconds. */
    public void signals() {
        if (!leads()) return;
        try {
            int waiting = publisher.waitingVideos();
            List<String> due = jobs.due(waiting + BATCH);
            due.stream()
                    .skip(waiting)
                    .forEach(id -> publisher.publish(new Event.VideoUploaded(id)));
            // while nobody takes them, they do not pile up
            int room = BATCH - publisher.waitingMp3s();
            if (room > 0) jobs.unannounced(room).forEach(this::signal);
        } catch (AmqpException e) {
            log.debug("The broker cannot be asked what waits: {}", e.toString());
        }
    }

    /** What has had its time: every minute. */
    public void retire() throws IOException {
        if (!leads()) return;
        Instant now = clock.instant();
        List<Job> done;
        do {
            done = jobs.doneBefore(now.minus(retention.mp3()), BATCH);
            for (Job job : done) {
                if (jobs.expire(job) && job.result() != null) {
                    media.delete(Bucket.MP3S, job.result().file());
                }
            }
        } while (done.size() == BATCH && leads());
        List<Job> settled;
        do {
            settled = jobs.withVideoSettledBefore(now.minus(retention.video()), BATCH);
            for (Job job : settled) {
                media.delete(Bucket.VIDEOS, job.id());
                jobs.videoDeleted(job.id());
            }
        } while (settled.size() == BATCH && leads());
        jobs.forgetSettledBefore(now.minus(retention.job()));
        jobs.forgetOldKeys();
    }

    /**
     * What a process left when it died between two steps: every hour. A file is listed first and
     * its job read after, so that a file whose job does not need it now is not needed by anybody.
     */
    public void orphans() throws IOException {
        if (!leads()) return;
        for (Bucket bucket : Bucket.values()) {
            List<String> orphans = new ArrayList<>();
            media.forEachId(
                    bucket,
                    id -> {
                        if (orphans.size() < BATCH && !jobs.needs(id)) orphans.add(id);
                    });
            for (String id : orphans) {
                log.warn("Deleted {} {}, which no job needs", bucket, id);
                media.delete(bucket, id);
            }
        }
    }

    private void signal(Job job) {
        switch (job.status()) {
            case QUEUED -> publisher.publish(new Event.VideoUploaded(job.id()));
            case DONE -> publisher.publish(new Event.Mp3Ready(job.id(), job.owner().id()));
            case FAILED ->
                    publisher.publish(new Event.ConversionFailed(job.id(), job.owner().id()));
            case CONVERTING, CANCELLED, EXPIRED -> {}
        }
    }

    /**
     * One document says who sweeps; whoever it names keeps its beat moving, and is replaced when it
     * does not.
     */
    private synchronized boolean leads() {
        var sweeper = query(where("_id").is("sweep"));
        var mine = query(where("_id").is("sweep").and("holder").is(me));
        if (mongo.updateFirst(mine, new Update().inc("beat", 1), "sweep").getMatchedCount() == 1)
            return true;
        Document lease = mongo.findOne(sweeper, Document.class, "sweep");
        try {
            if (lease == null) {
                mongo.insert(
                        new Document("_id", "sweep").append("holder", me).append("beat", 0L),
                        "sweep");
                return true;
            }
        } catch (DuplicateKeyException e) {
            return false;
        }
        Duration stood = still.since(SWEEP, lease);
        doubtful = stood.compareTo(DOUBT) >= 0;
        if (stood.compareTo(LEADER) < 0) return false;
        var unmoved =
                query(
                        where("_id")
                                .is("sweep")
                                .and("holder")
                                .is(lease.get("holder"))
                                .and("beat")
                                .is(lease.get("beat")));
        return mongo.updateFirst(unmoved, new Update().set("holder", me).set("beat", 0L), "sweep")
                        .getModifiedCount()
                == 1;
    }
}
