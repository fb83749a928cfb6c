package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import com.mongodb.client.model.Accumulators;
import com.mongodb.client.model.Aggregates;
import dev.tomp3.jobs.Job.Status;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Update;

/** What is known about jobs, and what their owners may do with them. */
public final class Jobs {
    /** Counts are capped here. */
    private static final int MAX_COUNT = 100_000;

    private static final List<String> COUNTED =
            Stream.of(Status.UPLOADING, Status.QUEUED, Status.CONVERTING, Status.DONE)
                    .map(Status::name)
                    .toList();

    /** Jobs in one reply; the embedded server sends no large ones. */
    private static final int MAX_BATCH = 50;

    /** In any other status, nothing of a job is stored but files that are about to be deleted. */
    private static final List<Status> STORED =
            List.of(Status.UPLOADING, Status.QUEUED, Status.CONVERTING, Status.DONE, Status.FAILED);

    private final JobDocuments documents;
    private final Clock clock;

    Jobs(JobDocuments documents, Clock clock) {
        this.documents = documents;
        this.clock = clock;
    }

    public Optional<Job> find(String id) {
        return documents.find(id);
    }

    /** Those of these jobs that exist, by id. */
    public Map<String, Job> findAll(Collection<String> ids) {
        Map<String, Job> found = new HashMap<>();
        List<ObjectId> all =
                ids.stream().filter(ObjectId::isValid).map(ObjectId::new).distinct().toList();
        for (int i = 0; i < all.size(); i += MAX_BATCH) {
            List<ObjectId> batch = all.subList(i, Math.min(all.size(), i + MAX_BATCH));
            documents
                    .mongo()
                    .find(query(where("_id").in(batch)), Job.class)
                    .forEach(job -> found.put(job.id(), job));
        }
        return found;
    }

    /** The job that was accepted with this key; keys are kept for 24 hours at least. */
    public Optional<Job> findByKey(String owner, String idempotencyKey) {
        return documents.findByKey(owner, idempotencyKey);
    }

    /**
     * One page of an owner's jobs, newest first.
     *
     * @param before the last id of the previous page; null for the first page
     */
    public List<Job> list(String owner, @Nullable String before, int limit) {
        Criteria criteria = where("owner.id").is(owner);
        if (before != null) criteria.and("_id").lt(new ObjectId(before));
        return documents
                .mongo()
                .find(query(criteria).with(Sort.by(Direction.DESC, "_id")).limit(limit), Job.class);
    }

    /**
     * The next jobs in order of their ids that need a video or an MP3, for {@link MissingMedia}.
     */
    List<Job> withMedia(@Nullable String after, int limit) {
        Criteria criteria = where("status").in(Status.QUEUED, Status.CONVERTING, Status.DONE);
        if (after != null) criteria.and("_id").gt(new ObjectId(after));
        return documents
                .mongo()
                .find(query(criteria).with(Sort.by(Direction.ASC, "_id")).limit(limit), Job.class);
    }

    /** The length of the job's video; empty while it is being uploaded, and when it is gone. */
    public OptionalLong completeLength(String id) {
        return find(id).filter(
                        job -> STORED.contains(job.status()) && job.status() != Status.UPLOADING)
                .map(job -> OptionalLong.of(job.source().bytes()))
                .orElse(OptionalLong.empty());
    }

    /**
     * The owner wants neither the job nor its MP3 any more. A settled job expires, any other is
     * cancelled; a worker or an upload that is busy with it learns so from its next heartbeat. The
     * sweeper deletes the media; an upload that ends with its request, and still runs, deletes what
     * it has written.
     *
     * @return false when it was cancelled or expired already
     */
    public boolean cancel(String id) {
        Criteria job = JobDocuments.id(id);
        // in the order in which a status may change meanwhile
        Criteria unresumable = JobDocuments.id(id).and(ResumableUploads.EXPIRES).isNull();
        return documents.apply(Transition.CANCEL_UPLOAD, unresumable, cancelled())
                || documents.apply(Transition.CANCEL_UPLOAD, job, withoutFiles(cancelled()))
                || documents.apply(Transition.CANCEL, job, withoutFiles(cancelled()))
                || documents.apply(Transition.EXPIRE, job, withoutFiles(expired()));
    }

    /**
     * The same for all jobs of an owner whose account is deleted.
     *
     * @return how many there were
     */
    public long cancelAllOf(String owner) {
        JobDocuments patient = documents.patient();
        Criteria jobs = where("owner.id").is(owner);
        Criteria unresumable = where("owner.id").is(owner).and(ResumableUploads.EXPIRES).isNull();
        return patient.applyToAll(Transition.CANCEL_UPLOAD, unresumable, cancelled())
                + patient.applyToAll(Transition.CANCEL_UPLOAD, jobs, withoutFiles(cancelled()))
                + patient.applyToAll(Transition.CANCEL, jobs, withoutFiles(cancelled()))
                + patient.applyToAll(Transition.EXPIRE, jobs, withoutFiles(expired()));
    }

    /**
     * Replaces the MP3 of a done job by one with other tags, which is stored already.
     *
     * @return false when the job is no longer done, or its tags were changed meanwhile
     */
    public boolean replaceMp3(Job job, Job.Result result) {
        return documents.updateWithin(
                Status.DONE,
                JobDocuments.id(job.id())
                        .and("attempt")
                        .is(job.attempt())
                        .and("result.revision")
                        .is(job.result() == null ? null : job.result().revision()),
                new Update().set("result", result));
    }

    private Update cancelled() {
        return new Update().set("finishedAt", clock.instant()).unset("lease").unset("upload");
    }

    private static Update withoutFiles(Update update) {
        return update.set(JobDocuments.FILES_TO_DELETE, true);
    }

    /** No notification is due any more. */
    static Update expired() {
        return new Update().set("notification.sent", true);
    }

    /**
     * What an owner has stored.
     *
     * @param waiting jobs that wait for a worker or are being uploaded
     * @param bytes of videos and MP3s in the store, and of running uploads
     */
    public record Usage(long waiting, long bytes) {}

    /** Computed from an index alone, where the store supports that. */
    public Usage usage(String owner) {
        Document stored =
                new Document("owner._id", owner)
                        .append(
                                "$or",
                                // failed jobs are kept long, and most of them without their video
                                List.of(
                                        new Document("status", new Document("$in", COUNTED)),
                                        new Document("status", Status.FAILED.name())
                                                .append("source.stored", true)));
        List<Document> groups =
                documents.aggregate(
                        Aggregates.match(stored),
                        Aggregates.group(
                                new Document("status", "$status")
                                        .append("stored", "$source.stored"),
                                Accumulators.sum("jobs", 1),
                                Accumulators.sum("videos", "$source.bytes"),
                                Accumulators.sum("mp3s", "$result.bytes")));
        long waiting = 0;
        long bytes = 0;
        for (Document group : groups) {
            Document of = group.get("_id", Document.class);
            Status status = Status.valueOf(of.getString("status"));
            if (status == Status.UPLOADING || status == Status.QUEUED)
                waiting += number(group, "jobs");
            if (of.getBoolean("stored")) bytes += number(group, "videos");
            bytes += number(group, "mp3s");
        }
        return new Usage(waiting, bytes);
    }

    /**
     * Bytes of the MP3s, on all converters, whose attempts have not ended, so that they are not in
     * the usage: by owner.
     */
    public Map<String, Long> outputInProgress() {
        List<Document> owners =
                documents.aggregate(
                        Aggregates.match(JobDocuments.LEASED),
                        Aggregates.group("$owner._id", Accumulators.sum("bytes", "$lease.output")));
        Map<String, Long> bytes = new HashMap<>();
        for (Document owner : owners) bytes.put(owner.getString("_id"), number(owner, "bytes"));
        return bytes;
    }

    /**
     * How many queued jobs are before this one. It is an estimate: owners who have no job running
     * come first. Counts are capped at {@link #MAX_COUNT}.
     */
    public long position(Job job) {
        return documents
                .mongo()
                .count(
                        query(
                                        where("status")
                                                .is(Status.QUEUED)
                                                .orOperator(
                                                        where("startTag").lt(job.startTag()),
                                                        where("startTag")
                                                                .is(job.startTag())
                                                                .and("_id")
                                                                .lt(new ObjectId(job.id()))))
                                .limit(MAX_COUNT),
                        Job.class);
    }

    private static long number(Document document, String name) {
        return document.get(name, Number.class).longValue();
    }

    /**
     * How many jobs are not settled. Counts are capped at {@link #MAX_COUNT}.
     *
     * @param uploading jobs whose video is being uploaded
     * @param queued jobs that wait for a worker
     * @param oldest when the queued job that has waited longest was created; null when none waits
     */
    public record Load(long uploading, long queued, long converting, @Nullable Instant oldest) {}

    /** Computed from indexes alone, where the store supports that. */
    public Load load() {
        Job oldest =
                documents
                        .mongo()
                        .findOne(
                                query(where("status").is(Status.QUEUED))
                                        .with(Sort.by(Direction.ASC, "createdAt")),
                                Job.class);
        return new Load(
                count(Status.UPLOADING),
                count(Status.QUEUED),
                count(Status.CONVERTING),
                oldest == null ? null : oldest.createdAt());
    }

    private long count(Status status) {
        return documents
                .mongo()
                .count(query(where("status").is(status)).limit(MAX_COUNT), Job.class);
    }
}
