package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * How long things are kept, and which files are needed. A job says that a file is gone before or
 * after the file is deleted, in the order in which a crash in between leaves a file that no job
 * needs, and never a job that names a file which is not there.
 */
final class Retention {
    /**
     * The configured periods.
     *
     * @param video how long a video is kept after its job was settled
     * @param mp3 how long an MP3 is kept after its job was done
     * @param job how long a job is kept after it was settled
     */
    record Periods(Duration video, Duration mp3, Duration job) {}

    private final JobDocuments documents;
    private final Clock clock;
    private final Periods periods;
    private final Timing timing;

    Retention(JobDocuments documents, Clock clock, Periods periods, Timing timing) {
        this.documents = documents.patient();
        this.clock = clock;
        this.periods = periods;
        this.timing = timing;
    }

    /** Jobs whose MP3 has been kept long enough. */
    List<Job> withOldMp3(int limit) {
        return find(query(settledFor(periods.mp3()).and("status").is(Status.DONE)), limit);
    }

    boolean expire(Job job) {
        return documents.apply(Transition.EXPIRE, JobDocuments.id(job.id()), Jobs.expired());
    }

    /** Settled jobs whose video has been kept long enough. */
    List<Job> withOldVideo(int limit) {
        return find(query(settledFor(periods.video()).and("source.stored").is(true)), limit);
    }

    /** Jobs that their owners have deleted, and whose files may still be there. */
    List<Job> withFilesToDelete(@Nullable String after, int limit) {
        Criteria deleted = where(JobDocuments.FILES_TO_DELETE).is(true);
        if (after != null) deleted.and("_id").gt(new ObjectId(after));
        return find(query(deleted).with(Sort.by("_id")), limit);
    }

    void filesDeleted(String id) {
        documents.change(
                query(JobDocuments.id(id)),
                new Update().set("source.stored", false).unset(JobDocuments.FILES_TO_DELETE));
    }

    void videoDeleted(String id) {
        documents.change(query(JobDocuments.id(id)), new Update().set("source.stored", false));
    }

    /** Removes jobs that were kept long enough and of which nothing is stored any more. */
    void removeOldJobs() {
        Collection<Status> over = List.of(Status.FAILED, Status.CANCELLED, Status.EXPIRED);
        documents
                .mongo()
                .remove(
                        query(
                                settledFor(periods.job())
                                        .and("source.stored")
                                        .is(false)
                                        .and("status")
                                        .in(over)),
                        Job.class);
    }

    void removeOldKeys() {
        Query old =
                query(
                        where("idempotencyKey")
                                .exists(true)
                                .and("createdAt")
                                .lt(clock.instant().minus(timing.idempotencyKey())));
        documents.mongo().updateMulti(old, new Update().unset("idempotencyKey"), Job.class);
    }

    /**
     * Whether a job needs the file of this id: as its video, as its MP3, or as an MP3 that is being
     * written.
     */
    boolean isNeeded(String file) {
        String id = file.substring(0, Math.min(24, file.length()));
        return documents.find(id).filter(job -> needs(job, file)).isPresent();
    }

    private static boolean needs(Job job, String file) {
        boolean video = file.equals(job.id());
        boolean mp3 = file.equals(job.attemptFile());
        return switch (job.status()) {
            case UPLOADING -> video || (mp3 && job.lease() != null);
            case QUEUED -> video;
            case CONVERTING -> video || mp3;
            case DONE -> (video && job.source().stored()) || mp3;
            case FAILED -> video && job.source().stored();
            case CANCELLED, EXPIRED -> false;
        };
    }

    private Criteria settledFor(Duration period) {
        Instant before = clock.instant().minus(period);
        return where("finishedAt").lt(before);
    }

    private List<Job> find(Query query, int limit) {
        return documents.mongo().find(query.limit(limit), Job.class);
    }
}
