package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Source;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Job.Upload;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.aggregation.Aggregation;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Uploads from their first byte to their last. A job is never lost once {@link #accept} returned
 * it, and an upload that does not get there leaves no document.
 *
 * <ol>
 *   <li>{@link #begin} records the upload before its first byte is stored.
 *   <li>{@link #heartbeat} says that the upload continues, and how far it is. It returns false once
 *       the job was cancelled or the sweeper gave the upload up.
 *   <li>{@link #offer} lets a worker claim the upload before it is complete.
 *   <li>{@link #accept} ends the upload: the job is queued, or converting when a worker holds it.
 *   <li>{@link #discard} removes an upload that failed; {@link #abandon} removes one whose gateway
 *       was lost.
 * </ol>
 */
public final class IncomingUploads {
    private final JobDocuments documents;
    private final FairShare fairShare;
    private final Clock clock;

    IncomingUploads(JobDocuments documents, FairShare fairShare, Clock clock) {
        this.documents = documents;
        this.fairShare = fairShare;
        this.clock = clock;
    }

    /**
     * Records an upload that begins.
     *
     * @param bytes the announced length, or 0; it counts towards the owner's quota until the upload
     *     is complete
     */
    public Job begin(Owner owner, String name, Options options, long bytes) {
        return documents
                .mongo()
                .insert(
                        new Job(
                                new ObjectId().toHexString(),
                                owner,
                                new Source(name, bytes, true),
                                options,
                                Status.UPLOADING,
                                0,
                                0,
                                0,
                                0,
                                null,
                                null,
                                new Upload(0, 0),
                                null,
                                null,
                                null,
                                clock.instant(),
                                null,
                                null,
                                null));
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
     * Says that the upload continues.
     *
     * @param job with the name and the options that the upload gave
     * @param received bytes that have arrived
     * @return false when the upload must end: the job was cancelled, or the upload given up
     */
    public boolean heartbeat(Job job, long received) {
        return documents.updateWithin(
                Status.UPLOADING,
                JobDocuments.id(job.id()),
                described(job).inc("upload.heartbeat", 1).set("upload.received", received));
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

    /** Bytes that running uploads have announced, on all gateways, and that did not arrive yet. */
    public long pendingBytes() {
        Aggregation sums =
                Aggregation.newAggregation(
                        Aggregation.match(
                                where("status").is(Status.UPLOADING).and("source.bytes").gt(0)),
                        Aggregation.group()
                                .sum("source.bytes")
                                .as("announced")
                                .sum("upload.received")
                                .as("received"));
        Document sum =
                documents
                        .mongo()
                        .aggregate(sums, Job.class, Document.class)
                        .getUniqueMappedResult();
        if (sum == null) return 0;
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
                described(job)
                        .set("startTag", fairShare.nextStartTag(job.owner().id()))
                        .set("due", JobDocuments.IMMEDIATELY));
    }

    /**
     * Ends an upload whose bytes are safely stored.
     *
     * @param job with the name and the options that the upload gave
     * @param idempotencyKey sent by the client, so that it can ask again for a lost answer
     * @return the job; the earlier one when the key names one already; empty when the upload was
     *     cancelled or given up before
     */
    public Optional<Job> accept(Job job, long bytes, @Nullable String idempotencyKey) {
        boolean offered = job.due() != null;
        long startTag = offered ? job.startTag() : fairShare.nextStartTag(job.owner().id());
        try {
            // a worker may claim or release the upload between the two updates
            do {
                Optional<Job> accepted =
                        documents.applyToFirst(
                                Transition.ACCEPT_CLAIMED,
                                JobDocuments.id(job.id()).and("lease").exists(true),
                                accepted(job, bytes, idempotencyKey));
                if (accepted.isEmpty())
                    accepted =
                            documents.applyToFirst(
                                    Transition.ACCEPT,
                                    JobDocuments.id(job.id()).and("lease").exists(false),
                                    accepted(job, bytes, idempotencyKey)
                                            .set("startTag", startTag)
                                            .set("due", JobDocuments.IMMEDIATELY));
                if (accepted.isPresent()) return accepted;
            } while (isUploading(job.id()));
            return Optional.empty();
        } catch (DuplicateKeyException e) {
            return documents.findByKey(job.owner().id(), String.valueOf(idempotencyKey));
        }
    }

    /** Removes an upload that failed. */
    public void discard(String id) {
        documents.mongo().remove(query(uploading(id)), Job.class);
    }

    List<Job> running() {
        return documents.mongo().find(query(where("status").is(Status.UPLOADING)), Job.class);
    }

    /** Removes the upload if its gateway has sent no heartbeat since it was read. */
    boolean abandon(Job job) {
        long heartbeat = job.upload() == null ? 0 : job.upload().heartbeat();
        Criteria unchanged = uploading(job.id()).and("upload.heartbeat").is(heartbeat);
        return documents.mongo().remove(query(unchanged), Job.class).getDeletedCount() == 1;
    }

    private boolean isUploading(String id) {
        return documents.find(id).filter(job -> job.status() == Status.UPLOADING).isPresent();
    }

    private static Criteria uploading(String id) {
        return JobDocuments.id(id).and("status").is(Status.UPLOADING);
    }

    private static Update described(Job job) {
        return new Update().set("source.name", job.source().name()).set("options", job.options());
    }

    private static Update accepted(Job job, long bytes, @Nullable String idempotencyKey) {
        Update update = described(job).set("source.bytes", bytes).unset("upload");
        return idempotencyKey == null
                ? update
                : update.set("idempotencyKey", JobDocuments.key(job.owner().id(), idempotencyKey));
    }
}
