package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.bson.Document;
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

    private static final int SLICE = 1000;

    /**
     * A video has the id of its job, the cover that came with it that and a 0; an MP3 that and the
     * number of an attempt, and after a change of its tags another number.
     */
    private static final Pattern FILE = Pattern.compile("[0-9a-f]{24}(-\\d{1,18}){0,2}");

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

    /** Gives up resumable uploads for which no byte came for long enough. */
    void expireUploads() {
        Instant now = clock.instant();
        documents.applyToAll(
                Transition.EXPIRE_UPLOAD,
                where(ResumableUploads.EXPIRES).lt(now),
                new Update()
                        .set("finishedAt", now)
                        .set(JobDocuments.FILES_TO_DELETE, true)
                        .unset("lease")
                        .unset("upload"));
    }

    /** Settled jobs whose video has been kept long enough, except for these jobs. */
    List<Job> withOldVideo(Set<String> except, int limit) {
        Criteria old = settledFor(periods.video()).and("source.stored").is(true);
        if (!except.isEmpty()) old.and("_id").nin(except.stream().map(ObjectId::new).toList());
        return find(query(old), limit);
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
        inSlices(
                settledFor(periods.job()).and("source.stored").is(false).and("status").in(over),
                slice -> {
                    documents.recordRemoval(slice);
                    documents.mongo().remove(slice, Job.class);
                });
        documents
                .mongo()
                .remove(
                        query(
                                where(JobDocuments.CHANGED)
                                        .lt(clock.instant().minus(JobChanges.KEPT))),
                        JobDocuments.REMOVED);
    }

    void removeOldKeys() {
        Criteria old =
                where("idempotencyKey")
                        .exists(true)
                        .and("createdAt")
                        .lt(clock.instant().minus(timing.idempotencyKey()));
        Update forget = new Update().unset("idempotencyKey");
        inSlices(old, slice -> documents.mongo().updateMulti(slice, forget, Job.class));
    }

    /** Changes many jobs, each time as few as can be changed within the time of an operation. */
    private void inSlices(Criteria wanted, Consumer<Query> change) {
        List<ObjectId> ids;
        do {
            Query slice = query(wanted).limit(SLICE);
            slice.fields().include("_id");
            ids =
                    documents.mongo().find(slice, Document.class, documents.collection()).stream()
                            .map(job -> job.getObjectId("_id"))
                            .toList();
            if (!ids.isEmpty()) change.accept(query(where("_id").in(ids)));
        } while (ids.size() == SLICE);
    }

    /**
     * Those of the files that no job needs: as its video, as its MP3, or as an MP3 that is being
     * written. Files that another tool stored are never among them.
     */
    List<String> orphans(List<String> files) {
        List<String> own = files.stream().filter(file -> FILE.matcher(file).matches()).toList();
        List<ObjectId> ids = own.stream().map(Retention::job).map(ObjectId::new).toList();
        Map<String, Job> jobs = new HashMap<>();
        for (Job job : documents.mongo().find(query(where("_id").in(ids)), Job.class))
            jobs.put(job.id(), job);
        return own.stream()
                .filter(file -> {
                    Job job = jobs.get(job(file));
                    return job == null || !needs(job, file);
                })
                .toList();
    }

    private static String job(String file) {
        return file.substring(0, 24);
    }

    private static boolean needs(Job job, String file) {
        boolean cover = file.equals(job.coverFile());
        boolean video = file.equals(job.id()) || (cover && job.options().bringsCover());
        boolean mp3 = file.equals(job.attemptFile());
        return switch (job.status()) {
            // a cover may be stored before the job says that there is one
            case UPLOADING -> video || cover || (mp3 && job.lease() != null);
            case QUEUED -> video;
            case CONVERTING -> video || mp3;
            case DONE -> (video && job.source().stored()) || job.isMp3OrNewer(file);
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
