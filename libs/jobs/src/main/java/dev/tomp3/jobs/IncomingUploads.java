package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import com.mongodb.client.model.Accumulators;
import com.mongodb.client.model.Aggregates;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.Job.Source;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Job.Upload;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.BulkOperations;
import org.springframework.data.mongodb.core.BulkOperations.BulkMode;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Uploads from their first byte to their last. A job is never lost once {@link #accept} returned
 * it, and an upload that does not get there leaves no document; {@link ResumableUploads} tells what
 * else holds for those that several requests bring.
 *
 * <ol>
 *   <li>{@link #begin} records the upload before its first byte is stored.
 *   <li>{@link #heartbeat} says that uploads continue, and how far they are. It names those whose
 *       jobs were cancelled, or that the sweeper gave up.
 *   <li>{@link #offer} lets a worker claim the upload before it is complete.
 *   <li>{@link #accept} ends the upload: the job is queued, or converting when a worker holds it.
 *   <li>{@link #discard} removes an upload that failed; {@link #abandon} removes one whose gateway
 *       was lost.
 * </ol>
 */
public final class IncomingUploads {
    private final JobDocuments documents;
    private final UploadAcceptance acceptance;
    private final FairShare fairShare;
    private final Clock clock;
    private final Duration keep;

    /**
     * Uploads of the jobs in the database.
     *
     * @param keep how long a resumable upload is kept after its last byte
     */
    IncomingUploads(JobDocuments documents, FairShare fairShare, Clock clock, Duration keep) {
        this.documents = documents;
        JobDocuments patient = documents.patient();
        this.acceptance = new UploadAcceptance(patient, new FairShare(patient.mongo()));
        this.fairShare = fairShare;
        this.clock = clock;
        this.keep = keep;
    }

    /**
     * Records an upload that begins.
     *
     * @param bytes the announced length, or 0; it counts towards the owner's quota until the upload
     *     is complete
     */
    public Job begin(Owner owner, String name, Options options, long bytes) {
        Upload upload = new Upload(0, 0, null);
        return begin(owner, new Source(name, bytes, true), options, upload, null);
    }

    /**
     * Records an upload that begins, whether one request brings it or several, as {@link
     * ResumableUploads} describes them.
     *
     * @param idempotencyKey for an upload whose client may ask for it before it is accepted
     * @throws DuplicateKeyException when that key names a job already
     */
    Job begin(
            Owner owner,
            Source source,
            Options options,
            Upload upload,
            @Nullable String idempotencyKey) {
        return documents.insert(
                new Job(
                        new ObjectId().toHexString(),
                        owner,
                        source,
                        options,
                        Status.UPLOADING,
                        0,
                        0,
                        0,
                        0,
                        null,
                        null,
                        upload,
                        null,
                        null,
                        null,
                        clock.instant(),
                        null,
                        null,
                        idempotencyKey == null
                                ? null
                                : JobDocuments.key(owner.id(), idempotencyKey)));
    }

    /**
     * Says that the account of this owner is deleted. An upload that is recorded later learns it
     * from {@link #isOwnerDeleted}; the caller cancels those that were recorded before.
     */
    public void ownerDeleted(String owner) {
        fairShare.markDeleted(owner);
    }

    /** Whether an upload that was recorded belongs to nobody any more. */
    public boolean isOwnerDeleted(Job upload) {
        return fairShare.isDeleted(upload.owner().id());
    }

    /**
     * How far an upload is.
     *
     * @param job with the name and the options that the upload gave
     * @param received bytes that have arrived
     * @param safe of a resumable upload, how many of them the media store has safe
     */
    public record Progress(Job job, long received, long safe) {}

    /**
     * Says that uploads continue, in one command for all: with a command for each, many uploads
     * would get their heartbeats late from a slow store, and be given up.
     *
     * @return the ids of the uploads that must end: the job was cancelled, or the upload given up
     */
    public Set<String> heartbeat(Collection<Progress> uploads) {
        if (uploads.isEmpty()) return Set.of();
        BulkOperations updates = documents.mongo().bulkOps(BulkMode.UNORDERED, Job.class);
        Set<String> ended = new HashSet<>();
        for (Progress upload : uploads) {
            ended.add(upload.job().id());
            updates.updateOne(
                    query(continuing(upload.job())), JobDocuments.stamped(heartbeat(upload)));
        }
        if (updates.execute().getMatchedCount() == ended.size()) return Set.of();
        Query running = query(where("_id").in(ended).and("status").is(Status.UPLOADING));
        running.fields().include("upload");
        Map<String, Job> sent = new HashMap<>();
        uploads.forEach(upload -> sent.put(upload.job().id(), upload.job()));
        documents.mongo().query(Job.class).as(Running.class).matching(running).stream()
                .filter(upload -> upload.continues(sent.get(upload.id())))
                .forEach(upload -> ended.remove(upload.id()));
        return ended;
    }

    /** What {@link #heartbeat} reads of a job. */
    private record Running(String id, @Nullable Upload upload) {
        boolean continues(@Nullable Job sent) {
            Resumable own = sent == null ? null : sent.resumable();
            Resumable now = upload == null ? null : upload.resumable();
            return own == null || (now != null && now.requests() == own.writer());
        }
    }

    /**
     * Matches an upload as long as the request that receives it may go on, and has not ended: a
     * heartbeat that was sent before its end may be carried out after it.
     */
    private static Criteria continuing(Job job) {
        Resumable resumable = job.resumable();
        Criteria running = uploading(job.id());
        return resumable == null
                ? running
                : running.and(ResumableUploads.REQUESTS)
                        .is(resumable.writer())
                        .and(ResumableUploads.OPEN)
                        .is(true);
    }

    private Update heartbeat(Progress upload) {
        Update update =
                JobDocuments.described(upload.job())
                        .inc("upload.heartbeat", 1)
                        .set("upload.received", upload.received());
        return upload.job().resumable() == null
                ? update
                : update.max(ResumableUploads.OFFSET, upload.safe())
                        .set(ResumableUploads.EXPIRES, clock.instant().plus(keep));
    }

    /**
     * Records that the upload is longer than it announced.
     *
     * @param bytes the length, which counts towards the owner's quota from now on
     */
    public void recordSize(String id, long bytes) {
        documents.updateWithin(
                Status.UPLOADING,
                JobDocuments.id(id),
                new Update().set("source.bytes", bytes).set("upload.received", bytes));
    }

    /**
     * Bytes that running uploads have announced, on all gateways, and that did not arrive yet. A
     * resumable upload that nobody continues does not run: an announcement alone must not take the
     * disk from others for a day.
     */
    public long pendingBytes() {
        Document running =
                new Document("status", Status.UPLOADING.name())
                        .append("source.bytes", new Document("$gt", 0))
                        .append(ResumableUploads.OPEN, new Document("$ne", false));
        List<Document> sums =
                documents.aggregate(
                        Aggregates.match(running),
                        Aggregates.group(
                                null,
                                Accumulators.sum("announced", "$source.bytes"),
                                Accumulators.sum("received", "$upload.received")));
        if (sums.isEmpty()) return 0;
        Document sum = sums.getFirst();
        long announced = sum.get("announced", Number.class).longValue();
        return Math.max(0, announced - sum.get("received", Number.class).longValue());
    }

    /**
     * Lets a worker claim the upload before it is complete.
     *
     * @param job with the name and the options that the upload gave
     * @return the job as it is then; empty when the upload must end, as after {@link #heartbeat}
     */
    public Optional<Job> offer(Job job) {
        return documents.updateFirstWithin(
                Status.UPLOADING,
                JobDocuments.id(job.id()),
                JobDocuments.described(job)
                        .set("startTag", fairShare.nextStartTag(job.owner().id()))
                        .set("due", JobDocuments.IMMEDIATELY));
    }

    /**
     * Ends an upload whose bytes are safely stored. When an answer of the store is lost, it is
     * asked until it is known whether the job was accepted.
     *
     * @param job with the name and the options that the upload gave
     * @param idempotencyKey sent by the client, so that it can ask again for a lost answer
     * @return the job; the earlier one when the key names one already; empty when the upload was
     *     cancelled or given up before
     */
    public Optional<Job> accept(Job job, long bytes, @Nullable String idempotencyKey) {
        return acceptance.accept(job, bytes, idempotencyKey);
    }

    /**
     * Removes an upload that failed.
     *
     * @return false when it was accepted after all, so that its video is needed
     */
    public boolean discard(String id) {
        if (documents.remove(query(uploading(id)))) return true;
        return documents.find(id).filter(job -> job.status() != Status.CANCELLED).isEmpty();
    }

    /** Uploads that end with their requests. A resumable one goes on after its gateway is lost. */
    List<Job> running() {
        Criteria unresumable = where("status").is(Status.UPLOADING).and(ResumableUploads.EXPIRES);
        return documents.mongo().find(query(unresumable.isNull()), Job.class);
    }

    /** Removes the upload if its gateway has sent no heartbeat since it was read. */
    boolean abandon(Job job) {
        long heartbeat = job.upload() == null ? 0 : job.upload().heartbeat();
        Criteria unchanged = uploading(job.id()).and("upload.heartbeat").is(heartbeat);
        return documents.remove(query(unchanged));
    }

    private static Criteria uploading(String id) {
        return JobDocuments.id(id).and("status").is(Status.UPLOADING);
    }
}
