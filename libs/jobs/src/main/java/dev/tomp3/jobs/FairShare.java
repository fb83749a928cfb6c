package dev.tomp3.jobs;

import com.mongodb.client.result.DeleteResult;
import com.mongodb.client.result.UpdateResult;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.CollectionCallback;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * Start-time fair queueing between owners, at a cost of one for each job, so that a thousand jobs
 * of one owner do not stand before another owner's one.
 *
 * <ol>
 *   <li>A job's start tag is the start tag of its owner's previous job plus one, or the virtual
 *       time if that is later: an owner gets no credit for having been idle.
 *   <li>The virtual time is the largest start tag that was claimed.
 *   <li>An owner is throttled when a wake-up found no other jobs than those of owners at their
 *       limit: those jobs have lost their wake-ups.
 * </ol>
 *
 * A throttled owner's jobs have earlier start tags than the others by the time they may be claimed,
 * and would be served alone for as long; {@link ClaimQueue#claim} prevents that.
 */
final class FairShare {
    private static final String COLLECTION = "fairShare";
    private static final String VIRTUAL_TIME = "virtualTime";
    private static final String START_TAG = "startTag";
    private static final String LAST_SERVED = "lastServed";
    private static final String THROTTLED = "throttled";
    private static final String DELETED = "deleted";

    private final MongoTemplate mongo;

    FairShare(MongoTemplate mongo) {
        this.mongo = mongo;
    }

    /** The start tag of the owner's next job. */
    long nextStartTag(String owner) {
        long now = virtualTime().map(FairShare::startTag).orElse(0L);
        Document own = ofOwner(owner);
        // of an owner who was served lately it is not earlier than the virtual time
        Document later = ofOwner(owner).append(START_TAG, new Document("$gte", now));
        return takeTag(later)
                .or(() -> {
                    upsert(own, new Document("$max", new Document(START_TAG, now)));
                    return takeTag(own);
                })
                .orElse(now);
    }

    private Optional<Long> takeTag(Document owner) {
        Document next = new Document("$inc", new Document(START_TAG, 1L));
        return Optional.ofNullable(with(all -> all.findOneAndUpdate(owner, next)))
                .map(FairShare::startTag);
    }

    /** Advances the virtual time to a job that was claimed. */
    void served(Job job) {
        upsert(
                new Document("_id", VIRTUAL_TIME),
                new Document("$max", new Document(START_TAG, job.startTag()))
                        .append("$set", new Document(LAST_SERVED, job.owner().id())));
    }

    /** The owner of the last job that was claimed. */
    Optional<String> lastServed() {
        return virtualTime().map(time -> time.getString(LAST_SERVED));
    }

    void throttle(String owner) {
        update(
                ofOwner(owner).append(THROTTLED, new Document("$ne", true)),
                new Document("$set", new Document(THROTTLED, true)));
    }

    boolean isThrottled(String owner) {
        return find(ofOwner(owner).append(THROTTLED, true)).isPresent();
    }

    void stopThrottling(String owner) {
        update(
                ofOwner(owner).append(THROTTLED, true),
                new Document("$unset", new Document(THROTTLED, "")));
    }

    /** An owner whose next start tag is the virtual time anyway needs no document. */
    void forgetIdleOwners() {
        long now = virtualTime().map(FairShare::startTag).orElse(0L);
        Document idle =
                new Document("_id", new Document("$ne", VIRTUAL_TIME))
                        .append(START_TAG, new Document("$lte", now))
                        .append(THROTTLED, new Document("$ne", true))
                        .append(DELETED, new Document("$ne", true));
        DeleteResult _ = with(all -> all.deleteMany(idle));
    }

    /** Marks an owner whose account was deleted; the mark stays, because ids are never reused. */
    void markDeleted(String owner) {
        upsert(ofOwner(owner), new Document("$set", new Document(DELETED, true)));
    }

    boolean isDeleted(String owner) {
        return find(ofOwner(owner).append(DELETED, true)).isPresent();
    }

    private static Document ofOwner(String owner) {
        return new Document("_id", "owner:" + owner);
    }

    private Optional<Document> virtualTime() {
        return find(new Document("_id", VIRTUAL_TIME));
    }

    private Optional<Document> find(Document query) {
        return Optional.ofNullable(with(all -> all.find(query).first()));
    }

    private void update(Document query, Document update) {
        UpdateResult _ = with(all -> all.updateOne(query, update));
    }

    private void upsert(Document query, Document update) {
        UpdateResult _ = with(all -> all.updateOne(query, update, JobDocuments.UPSERT));
    }

    /** The plain driver: every upload and every claim passes here several times. */
    private <T> @Nullable T with(CollectionCallback<T> call) {
        return mongo.execute(COLLECTION, call);
    }

    private static long startTag(Document document) {
        return document.get(START_TAG, Number.class).longValue();
    }
}
