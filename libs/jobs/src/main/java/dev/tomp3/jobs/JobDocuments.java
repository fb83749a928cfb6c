package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import com.mongodb.client.MongoCollection;
import dev.tomp3.jobs.Job.Status;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The collection of jobs: its indexes, the queries that several collaborators share, and the only
 * two methods that change a job's status.
 */
final class JobDocuments {
    /** Due immediately on every machine, despite clock skew. */
    static final Instant IMMEDIATELY = Instant.EPOCH;

    /** First the smaller start tag, then the older job. */
    static final Sort QUEUE_ORDER = Sort.by(Direction.ASC, "startTag", "_id");

    private static final FindAndModifyOptions RETURN_BEFORE = FindAndModifyOptions.options();
    private static final FindAndModifyOptions RETURN_AFTER =
            FindAndModifyOptions.options().returnNew(true);

    private final MongoTemplate mongo;

    /** Uses the driver's own mapping: reading a job by its id is the most frequent query. */
    private final MongoCollection<Job> byId;

    JobDocuments(MongoTemplate mongo) {
        this.mongo = mongo;
        this.byId =
                mongo.getCollection(mongo.getCollectionName(Job.class))
                        .withDocumentClass(Job.class);
    }

    MongoTemplate mongo() {
        return mongo;
    }

    String collection() {
        return mongo.getCollectionName(Job.class);
    }

    void createIndexes() {
        var jobs = mongo.indexOps(Job.class);
        jobs.createIndex(new Index("idempotencyKey", Direction.ASC).unique().sparse());
        jobs.createIndex(
                new Index("status", Direction.ASC)
                        .on("startTag", Direction.ASC)
                        .on("_id", Direction.ASC));
        // skips the jobs of throttled owners
        jobs.createIndex(
                new Index("status", Direction.ASC)
                        .on("owner.id", Direction.ASC)
                        .on("startTag", Direction.ASC)
                        .on("_id", Direction.ASC));
        jobs.createIndex(new Index("status", Direction.ASC).on("createdAt", Direction.ASC));
        // skips the uploads that no worker has claimed
        jobs.createIndex(new Index("status", Direction.ASC).on("lease.worker", Direction.ASC));
        jobs.createIndex(new Index("owner.id", Direction.ASC).on("_id", Direction.DESC));
        // covers everything that Jobs.usage reads
        jobs.createIndex(
                new Index("owner.id", Direction.ASC)
                        .on("status", Direction.ASC)
                        .on("source.stored", Direction.ASC)
                        .on("source.bytes", Direction.ASC)
                        .on("result.bytes", Direction.ASC));
        jobs.createIndex(
                new Index("notification.sent", Direction.ASC)
                        .on("notification.due", Direction.ASC)
                        .sparse());
        // find what retention deletes each minute without reading what is kept
        jobs.createIndex(new Index("source.stored", Direction.ASC).on("finishedAt", Direction.ASC));
        jobs.createIndex(new Index("status", Direction.ASC).on("finishedAt", Direction.ASC));
    }

    Optional<Job> find(String id) {
        if (!ObjectId.isValid(id)) return Optional.empty();
        Document query = new Document("_id", new ObjectId(id));
        return Optional.ofNullable(mongo.execute(_ -> byId.find(query).first()));
    }

    /** The job that was accepted with this key. */
    Optional<Job> findByKey(String owner, String idempotencyKey) {
        Criteria key = where("idempotencyKey").is(key(owner, idempotencyKey));
        return Optional.ofNullable(mongo.findOne(query(key), Job.class));
    }

    static String key(String owner, String idempotencyKey) {
        return owner + ":" + idempotencyKey;
    }

    /** Every job that a worker holds, early claimed uploads included. */
    List<Job> leased() {
        return mongo.find(query(leasedCriteria()), Job.class);
    }

    List<Job> leasedOf(String owner) {
        return mongo.find(query(leasedCriteria().and("owner.id").is(owner)), Job.class);
    }

    private static Criteria leasedCriteria() {
        // a range of texts, which an index answers; a test for presence would read every upload
        return where("status").in(Status.CONVERTING, Status.UPLOADING).and("lease.worker").gt("");
    }

    /** Matches the document as long as this attempt of this worker holds the job. */
    static Criteria attempt(Job job) {
        return where("_id")
                .is(job.id())
                .and("attempt")
                .is(job.attempt())
                .and("lease.worker")
                .is(Objects.requireNonNull(job.lease()).worker());
    }

    static Criteria id(String id) {
        return where("_id").is(id);
    }

    /** Makes the transition; returns false when the job is in another status or does not match. */
    boolean apply(Transition transition, Criteria which, Update update) {
        return change(leaving(transition, which), update.set("status", transition.to()));
    }

    /**
     * Makes the transition for the first job that matches, in the order of the queue.
     *
     * @return the job after it; empty when no job matches
     */
    Optional<Job> applyToFirst(Transition transition, Criteria which, Update update) {
        Query query = leaving(transition, which).with(QUEUE_ORDER);
        update.set("status", transition.to());
        return Optional.ofNullable(mongo.findAndModify(query, update, RETURN_AFTER, Job.class));
    }

    /** Makes the transition, and returns the job as it was before it. */
    Optional<Job> applyReturningBefore(Transition transition, Criteria which, Update update) {
        update.set("status", transition.to());
        return Optional.ofNullable(
                mongo.findAndModify(leaving(transition, which), update, RETURN_BEFORE, Job.class));
    }

    /** Changes a job that stays in this status. */
    boolean updateWithin(Status status, Criteria which, Update update) {
        return change(query(which).addCriteria(where("status").is(status)), update);
    }

    /** Changes the first job that matches and stays in this status; returns it as it is then. */
    Optional<Job> updateFirstWithin(Status status, Criteria which, Update update) {
        Query query = query(which).addCriteria(where("status").is(status)).with(QUEUE_ORDER);
        return Optional.ofNullable(mongo.findAndModify(query, update, RETURN_AFTER, Job.class));
    }

    boolean change(Query query, Update update) {
        return mongo.updateFirst(query, update, Job.class).getModifiedCount() == 1;
    }

    private static Query leaving(Transition transition, Criteria which) {
        Criteria status = where("status");
        return query(which)
                .addCriteria(
                        transition.from().size() == 1
                                ? status.is(transition.from().iterator().next())
                                : status.in(transition.from()));
    }
}
