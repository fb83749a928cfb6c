package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import java.util.Optional;
import org.bson.Document;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

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
        Query own = ofOwner(owner);
        mongo.upsert(own, new Update().max(START_TAG, now), COLLECTION);
        Document before =
                mongo.findAndModify(
                        own, new Update().inc(START_TAG, 1L), Document.class, COLLECTION);
        return before == null ? now : startTag(before);
    }

    /** Advances the virtual time to a job that was claimed. */
    void served(Job job) {
        mongo.upsert(
                query(where("_id").is(VIRTUAL_TIME)),
                new Update().max(START_TAG, job.startTag()).set(LAST_SERVED, job.owner().id()),
                COLLECTION);
    }

    /** The owner of the last job that was claimed. */
    Optional<String> lastServed() {
        return virtualTime().map(time -> time.getString(LAST_SERVED));
    }

    void throttle(String owner) {
        mongo.updateFirst(
                ofOwner(owner).addCriteria(where(THROTTLED).ne(true)),
                new Update().set(THROTTLED, true),
                COLLECTION);
    }

    boolean isThrottled(String owner) {
        return mongo.findOne(throttled(owner), Document.class, COLLECTION) != null;
    }

    void stopThrottling(String owner) {
        mongo.updateFirst(throttled(owner), new Update().unset(THROTTLED), COLLECTION);
    }

    /** An owner whose next start tag is the virtual time anyway needs no document. */
    void forgetIdleOwners() {
        long now = virtualTime().map(FairShare::startTag).orElse(0L);
        mongo.remove(
                query(
                        where("_id")
                                .ne(VIRTUAL_TIME)
                                .and(START_TAG)
                                .lte(now)
                                .and(THROTTLED)
                                .ne(true)
                                .and(DELETED)
                                .ne(true)),
                COLLECTION);
    }

    /** Marks an owner whose account was deleted; the mark stays, because ids are never reused. */
    void markDeleted(String owner) {
        mongo.upsert(ofOwner(owner), new Update().set(DELETED, true), COLLECTION);
    }

    boolean isDeleted(String owner) {
        Query deleted = ofOwner(owner).addCriteria(where(DELETED).is(true));
        return mongo.findOne(deleted, Document.class, COLLECTION) != null;
    }

    private static Query throttled(String owner) {
        return ofOwner(owner).addCriteria(where(THROTTLED).is(true));
    }

    private static Query ofOwner(String owner) {
        return query(where("_id").is("owner:" + owner));
    }

    private Optional<Document> virtualTime() {
        return Optional.ofNullable(mongo.findById(VIRTUAL_TIME, Document.class, COLLECTION));
    }

    private static long startTag(Document document) {
        return document.get(START_TAG, Number.class).longValue();
    }
}
