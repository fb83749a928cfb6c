package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.IndexModel;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.result.UpdateResult;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.mongo.IndexBuild;
import dev.tomp3.platform.Dependency.UnusableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.BulkOperations;
import org.springframework.data.mongodb.core.BulkOperations.BulkMode;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The collection of jobs: its indexes, the queries that several collaborators share, and the only
 * methods that change a job's status. Every change is dated, see {@link JobChanges}.
 */
final class JobDocuments {
    /** Due immediately on every machine, despite clock skew. */
    static final Instant IMMEDIATELY = Instant.EPOCH;

    /** Set while files may be stored of a job that its owner has deleted. */
    static final String FILES_TO_DELETE = "filesToDelete";

    /** When the document was changed last, by the clock of the store; see {@link JobChanges}. */
    static final String CHANGED = "changed";

    /** The jobs that were removed lately: id, owner, and when. */
    static final String REMOVED = "removedJobs";

    /** Of a removed job. */
    static final String OWNER = "owner";

    /**
     * Jobs that a worker holds. A range of texts, which an index answers; a test for presence would
     * read every upload.
     */
    static final Document LEASED =
            new Document(
                            "status",
                            new Document(
                                    "$in",
                                    List.of(Status.CONVERTING.name(), Status.UPLOADING.name())))
                    .append("lease.worker", new Document("$gt", ""));

    static final UpdateOptions UPSERT = new UpdateOptions().upsert(true);
    private static final IndexOptions SPARSE = new IndexOptions().sparse(true);

    private static final List<IndexModel> INDEXES =
            List.of(
                    new IndexModel(
                            Indexes.ascending("idempotencyKey"),
                            new IndexOptions().unique(true).sparse(true)),
                    new IndexModel(Indexes.ascending("status", "startTag", "_id")),
                    // skips the jobs of throttled owners
                    new IndexModel(Indexes.ascending("status", "owner._id", "startTag", "_id")),
                    new IndexModel(Indexes.ascending("status", "createdAt")),
                    // tells the uploads that end with their requests from the resumable ones
                    new IndexModel(Indexes.ascending("status", ResumableUploads.EXPIRES)),
                    // skips the uploads that no worker has claimed
                    new IndexModel(Indexes.ascending("status", "lease.worker")),
                    new IndexModel(
                            Indexes.compoundIndex(
                                    Indexes.ascending("owner._id"), Indexes.descending("_id"))),
                    // covers everything that Jobs.usage reads
                    new IndexModel(
                            Indexes.ascending(
                                    "owner._id",
                                    "status",
                                    "source.stored",
                                    "source.bytes",
                                    "result.bytes")),
                    new IndexModel(
                            Indexes.ascending("notification.sent", "notification.due"), SPARSE),
                    // find what is to be deleted without reading what is kept
                    new IndexModel(Indexes.ascending("source.stored", "finishedAt")),
                    new IndexModel(Indexes.ascending("status", "finishedAt")),
                    new IndexModel(Indexes.ascending(FILES_TO_DELETE), SPARSE),
                    // has few keys of the last seconds, however many owners are asked for
                    new IndexModel(Indexes.ascending(CHANGED, "owner._id")));

    private static final List<IndexModel> INDEXES_OF_REMOVED =
            List.of(
                    new IndexModel(Indexes.ascending(CHANGED, OWNER)),
                    new IndexModel(Indexes.ascending(OWNER)));

    /** First the smaller start tag, then the older job. */
    static final Sort QUEUE_ORDER = Sort.by(Direction.ASC, "startTag", "_id");

    private static final FindAndModifyOptions RETURN_AFTER =
            FindAndModifyOptions.options().returnNew(true);

    /** Longer than the election of another primary takes, and than a majority usually lags. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final MongoTemplate mongo;

    /** Uses the driver's own mapping, for the most frequent queries. */
    private final MongoCollection<Job> jobs;

    JobDocuments(MongoTemplate mongo) {
        this.mongo = mongo;
        this.jobs =
                mongo.getCollection(mongo.getCollectionName(Job.class))
                        .withDocumentClass(Job.class);
    }

    MongoTemplate mongo() {
        return mongo;
    }

    String collection() {
        return mongo.getCollectionName(Job.class);
    }

    /**
     * The same documents, with more time for each operation: for workers, for the sweeper, and for
     * an upload of which everything is stored. A request that has just begun is better refused.
     */
    JobDocuments patient() {
        return new JobDocuments(
                new MongoTemplate(
                        new TimeLimitedDatabases(mongo.getMongoDatabaseFactory(), PATIENCE),
                        mongo.getConverter()));
    }

    void createIndexes() throws UnusableException {
        new IndexBuild(mongo.getDb(), jobs.getNamespace().getCollectionName(), INDEXES).run();
        new IndexBuild(mongo.getDb(), REMOVED, INDEXES_OF_REMOVED).run();
    }

    /**
     * Sums of jobs. With the plain driver: several are computed for each job, and Spring Data takes
     * longer to map the stages than a store takes to answer.
     */
    List<Document> aggregate(Bson... stages) {
        return Objects.requireNonNull(
                mongo.execute(_ ->
                        jobs.aggregate(List.of(stages), Document.class).into(new ArrayList<>())));
    }

    Optional<Job> find(String id) {
        if (!ObjectId.isValid(id)) return Optional.empty();
        Document query = new Document("_id", new ObjectId(id));
        return Optional.ofNullable(mongo.execute(_ -> jobs.find(query).first()));
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
        return findAll(LEASED);
    }

    List<Job> leasedOf(String owner) {
        return findAll(new Document(LEASED).append("owner._id", owner));
    }

    private List<Job> findAll(Document query) {
        return Objects.requireNonNull(mongo.execute(_ -> jobs.find(query).into(new ArrayList<>())));
    }

    /** The job that was claimed with this lease. */
    Optional<Job> leasedBy(String worker) {
        Criteria lease =
                where("status")
                        .in(Status.CONVERTING, Status.UPLOADING)
                        .and("lease.worker")
                        .is(worker);
        return Optional.ofNullable(mongo.findOne(query(lease), Job.class));
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
        return changeFirst(query, update);
    }

    /** Makes the transition for every job that matches; returns how many did. */
    long applyToAll(Transition transition, Criteria which, Update update) {
        update.set("status", transition.to());
        return mongo.updateMulti(leaving(transition, which), stamped(update), Job.class)
                .getModifiedCount();
    }

    /** Changes a job that stays in this status. */
    boolean updateWithin(Status status, Criteria which, Update update) {
        return change(query(which).addCriteria(where("status").is(status)), update);
    }

    /** Changes the first job that matches and stays in this status; returns it as it is then. */
    Optional<Job> updateFirstWithin(Status status, Criteria which, Update update) {
        Query query = query(which).addCriteria(where("status").is(status)).with(QUEUE_ORDER);
        return changeFirst(query, update);
    }

    boolean change(Query query, Update update) {
        return mongo.updateFirst(query, stamped(update), Job.class).getModifiedCount() == 1;
    }

    Optional<Job> changeFirst(Query query, Update update) {
        return Optional.ofNullable(
                mongo.findAndModify(query, stamped(update), RETURN_AFTER, Job.class));
    }

    /** Every change of a job goes through here, so that {@link JobChanges} finds it. */
    static Update stamped(Update update) {
        return update.currentDate(CHANGED);
    }

    /** Records a new job. */
    Job insert(Job job) {
        Document fields = new Document();
        mongo.getConverter().write(job, fields);
        Document id = new Document("_id", fields.remove("_id"));
        // an insert has no time of the store
        Document update = stamped(new Update()).getUpdateObject().append("$set", fields);
        UpdateResult _ = mongo.execute(_ -> jobs.updateOne(id, update, UPSERT));
        return job;
    }

    /**
     * Removes a job if it matches. That is recorded before it is done, for {@link JobChanges}: a
     * crash in between leaves a record of a job that exists, which is ignored.
     */
    boolean remove(Query which) {
        return recordRemoval(which) == 1 && mongo.remove(which, Job.class).getDeletedCount() == 1;
    }

    /** Records that the jobs that match are about to be removed; returns how many they are. */
    int recordRemoval(Query which) {
        Query owners = Query.of(which);
        owners.fields().include("owner._id");
        List<Document> found = mongo.find(owners, Document.class, collection());
        if (found.isEmpty()) return 0;
        BulkOperations records = mongo.bulkOps(BulkMode.UNORDERED, REMOVED);
        for (Document job : found) {
            records.upsert(
                    query(where("_id").is(job.getObjectId("_id"))),
                    stamped(new Update().set(OWNER, job.getEmbedded(List.of("owner", "_id"), ""))));
        }
        records.execute();
        return found.size();
    }

    private static Query leaving(Transition transition, Criteria which) {
        Criteria status = where("status");
        return query(which)
                .addCriteria(
                        transition.from().size() == 1
                                ? status.is(transition.from().iterator().next())
                                : status.in(transition.from()));
    }

    /** Sets the name and the options that an upload gave. */
    static Update described(Job job) {
        return new Update().set("source.name", job.source().name()).set("options", job.options());
    }
}
