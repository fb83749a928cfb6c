package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import com.mongodb.client.MongoCollection;
import dev.tomp3.jobs.Job.Announcement;
import dev.tomp3.jobs.Job.Lease;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Result;
import dev.tomp3.jobs.Job.Source;
import dev.tomp3.jobs.Job.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.aggregation.Aggregation;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The job's transitions, all of them:
 *
 * <pre>
 * queued -> converting -> done | failed         converting -> queued      handed back, lease lost, passing failure
 * queued | converting -> cancelled              done | failed -> expired
 * </pre>
 *
 * Each is one atomic update that names the state it leaves, and a worker's also the attempt it is
 * made under: whoever comes late changes nothing and is told so. There are no transactions; every
 * invariant lies within one document.
 */
public final class Jobs {
    /** So many lost workers are enough: the next one may be lost to the same file. */
    static final int STRIKES = 5;

    /** An upload that is shorter than this has come whole before anybody could begin with it. */
    public static final long FIRST_BYTES = 4 << 20;

    /** How long a key keeps naming the job it was first used for. */
    static final Duration KEY_KEPT = Duration.ofHours(24);

    /** How long the notifier has before the sweep sends the event again. */
    private static final Duration ANNOUNCED_WITHIN = Duration.ofSeconds(30);

    /** Beyond that, a number says no more. */
    private static final int COUNTED = 100_000;

    /** A time that has come on every machine, whatever its clock says. */
    private static final Instant AT_ONCE = Instant.EPOCH;

    /** Of a job in any other state, nothing lies in the store but what is about to go. */
    private static final List<Status> STORED =
            List.of(Status.QUEUED, Status.CONVERTING, Status.DONE, Status.FAILED);

    private static final FindAndModifyOptions CHANGED =
            FindAndModifyOptions.options().returnNew(true);
    private static final String TURNS = "turns";
    private static final String CLOCK = "clock";

    private static final String HELD_BACK = "heldBack";

    /** How often a worker looks whether those that came after it make room. */
    private static final int LOOKS = 5;

    private static final Duration PAUSE = Duration.ofMillis(20);

    private final MongoTemplate mongo;
    private final Clock clock;
    private final int mostAtOnce;

    /** With the driver's own mapping: users ask for nothing as often as for a job by its id. */
    private final MongoCollection<Job> byId;

    /**
     * All jobs in one database.
     *
     * @param mostAtOnce jobs of one owner that are converted at the same time; 0 for any number
     */
    public Jobs(MongoTemplate mongo, Clock clock, int mostAtOnce) {
        this.mongo = mongo;
        this.clock = clock;
        this.mostAtOnce = mostAtOnce;
        this.byId =
                mongo.getCollection(mongo.getCollectionName(Job.class))
                        .withDocumentClass(Job.class);
    }

    void createIndexes() {
        var jobs = mongo.indexOps(Job.class);
        jobs.createIndex(new Index("idempotencyKey", Direction.ASC).unique().sparse());
        jobs.createIndex(
                new Index("status", Direction.ASC)
                        .on("turn", Direction.ASC)
                        .on("_id", Direction.ASC));
        // past the owners who are passed over
        jobs.createIndex(
                new Index("status", Direction.ASC)
                        .on("owner.id", Direction.ASC)
                        .on("turn", Direction.ASC)
                        .on("_id", Direction.ASC));
        jobs.createIndex(new Index("status", Direction.ASC).on("createdAt", Direction.ASC));
        jobs.createIndex(new Index("owner.id", Direction.ASC).on("_id", Direction.DESC));
        // with all that usage() reads
        jobs.createIndex(
                new Index("owner.id", Direction.ASC)
                        .on("status", Direction.ASC)
                        .on("source.stored", Direction.ASC)
                        .on("source.bytes", Direction.ASC)
                        .on("result.bytes", Direction.ASC));
        jobs.createIndex(
                new Index("announcement.made", Direction.ASC)
                        .on("announcement.due", Direction.ASC)
                        .sparse());
        jobs.createIndex(new Index("source.complete", Direction.ASC).on("status", Direction.ASC));
        // what retention looks for each minute, past all that is kept
        jobs.createIndex(new Index("source.stored", Direction.ASC).on("finishedAt", Direction.ASC));
        jobs.createIndex(new Index("status", Direction.ASC).on("finishedAt", Direction.ASC));
    }

    // ---- the gateway's part

    /** Names a job for an upload whose length nobody told. */
    public Job begin(Owner owner, String name, Options options) {
        return begin(owner, name, options, 0);
    }

    /**
     * Names a job for an upload that begins. Nobody sees it before {@link #accept}.
     *
     * @param bytes how long it will be, for all that is known; counted as the owner's until the
     *     upload is complete
     */
    public Job begin(Owner owner, String name, Options options, long bytes) {
        Instant now = clock.instant();
        return mongo.insert(
                new Job(
                        new ObjectId().toHexString(),
                        owner,
                        new Source(name, bytes, false, 0, true, false),
                        options,
                        Status.QUEUED,
                        0,
                        0,
                        0,
                        0,
                        now,
                        null,
                        null,
                        null,
                        null,
                        now,
                        null,
                        null,
                        null));
    }

    /**
     * Says that the upload goes on.
     *
     * @return false when it was given up for dead
     */
    public boolean touchUpload(String id) {
        return mongo.updateFirst(upload(id), new Update().inc("source.beat", 1), Job.class)
                        .getMatchedCount()
                == 1;
    }

    /** Says how long the upload has become; counted as the owner's until it is complete. */
    public void weigh(String id, long bytes) {
        change(upload(id), new Update().set("source.bytes", bytes));
    }

    /**
     * What an owner has here.
     *
     * @param waiting jobs that wait for a worker or are being uploaded
     * @param bytes of videos and MP3s in the store, and of uploads under way
     */
    public record Usage(long waiting, long bytes) {}

    /** Counted from an index alone, where the store can. */
    public Usage usage(String owner) {
        Aggregation groups =
                Aggregation.newAggregation(
                        Aggregation.match(where("owner.id").is(owner).and("status").in(STORED)),
                        Aggregation.group("status", "source.stored")
                                .count()
                                .as("jobs")
                                .sum("source.bytes")
                                .as("videos")
                                .sum("result.bytes")
                                .as("mp3s"));
        long waiting = 0;
        long bytes = 0;
        for (Document group : mongo.aggregate(groups, Job.class, Document.class)) {
            Document of = group.get("_id", Document.class);
            if (of.getString("status").equals(Status.QUEUED.name()))
                waiting += number(group, "jobs");
            if (of.getBoolean("stored")) bytes += number(group, "videos");
            bytes += number(group, "mp3s");
        }
        return new Usage(waiting, bytes);
    }

    private static long number(Document document, String name) {
        return document.get(name, Number.class).longValue();
    }

    /**
     * Lets a worker begin with an upload that is still arriving. It stays unseen, and is not
     * settled before it is complete.
     *
     * @param job with the name and the options that it is to have
     * @return the job as it is then; empty when the upload was given up for dead
     */
    public Optional<Job> offer(Job job) {
        Update update =
                named(job)
                        .set("source.early", true)
                        .set("turn", nextTurn(job.owner().id()))
                        .set("due", AT_ONCE);
        return Optional.ofNullable(
                mongo.findAndModify(upload(job.id()), update, CHANGED, Job.class));
    }

    private static Update named(Job job) {
        return new Update().set("source.name", job.source().name()).set("options", job.options());
    }

    /**
     * The upload is complete and its bytes are safe: from here on the job is not lost.
     *
     * @param job with the name and the options that it is to have
     * @param idempotencyKey what the client gave so that a lost answer can be asked for again
     * @return the job; the earlier one when the key has one already; empty when the upload was
     *     given up for dead
     */
    public Optional<Job> accept(Job job, long bytes, @Nullable String idempotencyKey) {
        Update update = named(job).set("source.complete", true).set("source.bytes", bytes);
        if (!Boolean.TRUE.equals(job.source().early()))
            update.set("turn", nextTurn(job.owner().id())).set("due", AT_ONCE);
        if (idempotencyKey != null)
            update.set("idempotencyKey", key(job.owner().id(), idempotencyKey));
        try {
            return Optional.ofNullable(
                    mongo.findAndModify(upload(job.id()), update, CHANGED, Job.class));
        } catch (DuplicateKeyException e) {
            return findByKey(job.owner().id(), String.valueOf(idempotencyKey));
        }
    }

    /** Takes back an upload that failed. */
    public void discard(String id) {
        mongo.remove(upload(id), Job.class);
    }

    public Optional<Job> find(String id) {
        return findEvenIncomplete(id).filter(job -> job.source().complete());
    }

    /** The job that was made with this key; it is kept for 24 hours at least. */
    public Optional<Job> findByKey(String owner, String idempotencyKey) {
        Job job =
                mongo.findOne(
                        query(where("idempotencyKey").is(key(owner, idempotencyKey))), Job.class);
        return Optional.ofNullable(job);
    }

    /**
     * One page, newest first.
     *
     * @param owner a user's id; null for everybody's
     * @param before the last id of the page before
     */
    public List<Job> list(@Nullable String owner, @Nullable String before, int limit) {
        Criteria criteria = where("source.complete").is(true);
        if (owner != null) criteria.and("owner.id").is(owner);
        if (before != null) criteria.and("_id").lt(new ObjectId(before));
        return mongo.find(
                query(criteria).with(Sort.by(Direction.DESC, "_id")).limit(limit), Job.class);
    }

    /**
     * The owner wants neither the job nor its MP3 any more. What is settled expires, the rest is
     * cancelled; a worker that is at it learns so from its next beat. The media are the caller's to
     * delete, after this.
     */
    public void cancel(String id) {
        Instant now = clock.instant();
        boolean cancelled =
                change(
                        in(id, Status.QUEUED, Status.CONVERTING),
                        new Update()
                                .set("status", Status.CANCELLED)
                                .set("finishedAt", now)
                                .unset("lease"));
        if (!cancelled) change(in(id, Status.DONE, Status.FAILED), expired());
    }

    /**
     * How much there is to do. No count goes beyond {@link #COUNTED}.
     *
     * @param uploading jobs whose video is on its way
     * @param queued jobs that wait for a worker
     * @param oldest when the one that waits longest was made; null when none waits
     */
    public record Load(long uploading, long queued, long converting, @Nullable Instant oldest) {}

    /** Counted from indexes alone, as far as the store can. */
    public Load load() {
        long uploading = count(where("source.complete").is(false));
        long queuedOrUploading = count(where("status").is(Status.QUEUED));
        long queuedAndUploading =
                count(where("source.complete").is(false).and("status").is(Status.QUEUED));
        Job oldest =
                mongo.findOne(
                        query(where("status").is(Status.QUEUED).and("source.complete").is(true))
                                .with(Sort.by(Direction.ASC, "createdAt")),
                        Job.class);
        return new Load(
                uploading,
                Math.max(0, queuedOrUploading - queuedAndUploading),
                count(where("status").is(Status.CONVERTING)),
                oldest == null ? null : oldest.createdAt());
    }

    private long count(Criteria criteria) {
        return mongo.count(query(criteria).limit(COUNTED), Job.class);
    }

    // ---- the worker's part

    /**
     * Takes the waiting job that is the next. The lease and the attempt stand before any work is
     * done.
     *
     * <ol>
     *   <li>An owner who has no job converting, and was not the last one served, comes before all
     *       others: whatever the others have waiting, a single job waits for no more than those
     *       under way.
     *   <li>Otherwise the first turn comes first. Owners at their limit are passed over.
     *   <li>Uploads that are still arriving come after all that are complete.
     *   <li>Of workers who took jobs of one owner at once, each stays only after it has seen, with
     *       its own job taken, no more than the limit; so there are never more that stay. The later
     *       in the order of service gives way at once, and the earlier waits for that a moment.
     * </ol>
     *
     * @return empty when none waits that may be taken
     */
    public Optional<Job> claim(String worker) {
        while (true) {
            Map<String, Integer> converting = convertingByOwner();
            Set<String> full = full(converting);
            Set<String> served = new HashSet<>(converting.keySet());
            lastServed().ifPresent(served::add);
            Job job = served.equals(full) ? null : claim(worker, served);
            if (job == null) job = claim(worker, full);
            if (job == null) job = claim(worker, arriving(clock.instant(), full));
            if (job == null) {
                // who has been passed over is woken when there is room; there may be by now
                if (full.isEmpty() || !passOver(full)) return Optional.empty();
            } else if (staysWithinLimit(job)) {
                serve(job);
                return Optional.of(job);
            } else {
                giveWay(job);
            }
        }
    }

    private @Nullable Job claim(String worker, Set<String> exceptOf) {
        return claim(worker, waiting(clock.instant(), exceptOf));
    }

    private @Nullable Job claim(String worker, Query those) {
        Instant now = clock.instant();
        Update update =
                new Update()
                        .set("status", Status.CONVERTING)
                        .set("progress", 0)
                        .set("startedAt", now)
                        .set("lease", new Lease(worker, 0, false))
                        .inc("attempt", 1);
        return mongo.findAndModify(
                those.with(Sort.by(Direction.ASC, "turn", "_id")), update, CHANGED, Job.class);
    }

    private static Query waiting(Instant now, Set<String> exceptOf) {
        return queued(where("source.complete").is(true), now, exceptOf);
    }

    private static Query arriving(Instant now, Set<String> exceptOf) {
        return queued(
                where("source.complete").is(false).and("source.early").is(true), now, exceptOf);
    }

    private static Query queued(Criteria source, Instant now, Set<String> exceptOf) {
        Criteria waiting = source.and("status").is(Status.QUEUED).and("due").lte(now);
        if (!exceptOf.isEmpty()) waiting.and("owner.id").nin(exceptOf);
        return query(waiting);
    }

    private Map<String, Integer> convertingByOwner() {
        Map<String, Integer> owners = new HashMap<>();
        for (Job job : converting()) owners.merge(job.owner().id(), 1, Integer::sum);
        return owners;
    }

    private Set<String> full(Map<String, Integer> converting) {
        if (mostAtOnce == 0) return Set.of();
        return converting.entrySet().stream()
                .filter(owner -> owner.getValue() >= mostAtOnce)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private boolean staysWithinLimit(Job job) {
        if (mostAtOnce == 0) return true;
        for (int look = 0; look < LOOKS; look++) {
            List<Job> atOnce = convertingOf(job.owner().id());
            if (atOnce.size() <= mostAtOnce) return true;
            boolean first =
                    atOnce.stream()
                            .sorted(Comparator.comparingLong(Job::turn).thenComparing(Job::id))
                            .limit(mostAtOnce)
                            .anyMatch(each -> each.id().equals(job.id()));
            if (!first) return false;
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    private List<Job> convertingOf(String owner) {
        return mongo.find(
                query(where("status").is(Status.CONVERTING).and("owner.id").is(owner)), Job.class);
    }

    /** As if it had not been taken: no work was done. */
    private void giveWay(Job job) {
        Query untouched =
                mine(job)
                        .addCriteria(
                                where("lease.beat").is(0L).and("lease.worker").is(worker(job)));
        Update back = requeue(Duration.ZERO).inc("attempt", -1);
        if (job.attempt() == 1) back.unset("startedAt");
        change(untouched, back);
    }

    private static String worker(Job job) {
        return Objects.requireNonNull(job.lease()).worker();
    }

    /**
     * Remembers that a wake-up found only jobs of owners who are at their limit: those jobs have
     * lost theirs.
     *
     * @return whether one of the owners is below it meanwhile, and nobody else may tell
     */
    private boolean passOver(Set<String> full) {
        for (String owner : full)
            mongo.updateFirst(
                    ofOwner(owner).addCriteria(where(HELD_BACK).ne(true)),
                    new Update().set(HELD_BACK, true),
                    TURNS);
        return !full(convertingByOwner()).containsAll(full);
    }

    /**
     * To be asked when a job was settled or given back: whether somebody must be woken for another
     * one of its owner, as wake-ups came while there were as many under way as may be.
     */
    public boolean holdsBack(String owner) {
        if (mostAtOnce == 0) return false;
        Query passedOver = ofOwner(owner).addCriteria(where(HELD_BACK).is(true));
        if (mongo.findOne(passedOver, Document.class, TURNS) == null) return false;
        Query waiting = waiting(clock.instant(), Set.of()).addCriteria(where("owner.id").is(owner));
        if (mongo.exists(waiting, Job.class)) return true;
        mongo.updateFirst(passedOver, new Update().unset(HELD_BACK), TURNS);
        return false;
    }

    /**
     * Says that the worker lives, and how far it is.
     *
     * @param progress in per cent
     * @return false when the job is no longer this attempt's: cancelled, or taken for lost
     */
    public boolean beat(Job job, int progress) {
        return change(mine(job), new Update().inc("lease.beat", 1).set("progress", progress));
    }

    /**
     * Says that the conversion of a suspicious job begins, in no other's company. A worker that is
     * lost before has another job to blame for it, and this one gets no strike.
     *
     * @return false as {@link #beat} does
     */
    public boolean beginAlone(Job job) {
        return change(mine(job), new Update().inc("lease.beat", 1).set("lease.alone", true));
    }

    /**
     * Settles the job. The file is in the store already; when this returns false, it is the
     * caller's to delete.
     */
    public boolean succeed(Job job, Result result) {
        return change(
                complete(job), settle(Status.DONE).set("result", result).set("progress", 100));
    }

    /** Settles the job for a reason that lies in the file. */
    public boolean fail(Job job, Failure failure) {
        return change(complete(job), settle(Status.FAILED).set("failure", failure));
    }

    private static Query complete(Job job) {
        return mine(job).addCriteria(where("source.complete").is(true));
    }

    /** The length of the job's video when it is complete; empty while it is arriving, or gone. */
    public OptionalLong arrived(String id) {
        return find(id).map(job -> OptionalLong.of(job.source().bytes()))
                .orElse(OptionalLong.empty());
    }

    /** Whether there is a job, complete, for a worker that would rather not wait for an upload. */
    public boolean othersWait() {
        return mongo.exists(waiting(clock.instant(), full(convertingByOwner())), Job.class);
    }

    /**
     * Gives back a job whose upload does not come on. Nobody takes it again before it is complete.
     *
     * @return false when it is complete by now, or no longer this attempt's
     */
    public boolean letGo(Job job) {
        return change(
                mine(job).addCriteria(where("source.complete").is(false)),
                requeue(Duration.ZERO).set("source.early", false));
    }

    /** Gives the job back, for no fault of its own, to be taken again after the delay. */
    public boolean handBack(Job job, Duration delay) {
        return change(mine(job), requeue(delay));
    }

    /**
     * Gives the job back because its worker failed in a way that nobody foresaw; too often, and it
     * fails for good.
     */
    public boolean strike(Job job) {
        return strike(mine(job));
    }

    // ---- the notifier's part

    /** The owner was told; nobody tells it again. */
    public void announced(String id) {
        change(
                query(where("_id").is(id).and("announcement.made").is(false)),
                new Update().set("announcement.made", true));
    }

    /**
     * The owner could not be told now.
     *
     * @param delay when the event comes again by itself
     */
    public void announceLater(String id, Duration delay) {
        change(
                query(where("_id").is(id).and("announcement.made").is(false)),
                new Update()
                        .inc("announcement.tries", 1)
                        .set(
                                "announcement.due",
                                clock.instant().plus(delay).plus(ANNOUNCED_WITHIN)));
    }

    // ---- the sweep's part

    List<Job> converting() {
        return mongo.find(query(where("status").is(Status.CONVERTING)), Job.class);
    }

    /**
     * Takes a job from a worker that has not moved since it was seen so, with a strike; without one
     * where the job waited for the worker's other jobs to end.
     */
    boolean takeBackUnmoved(Job job, Lease lease) {
        Query unmoved = mine(job).addCriteria(where("lease.beat").is(lease.beat()));
        boolean blameless = job.suspicious() && !Boolean.TRUE.equals(lease.alone());
        return blameless ? change(unmoved, requeue(Duration.ZERO)) : strike(unmoved);
    }

    List<Job> uploading() {
        return mongo.find(query(where("source.complete").is(false)), Job.class);
    }

    /** Removes an upload whose gateway has not moved since it was seen so. */
    boolean abandon(Job upload) {
        Query still =
                upload(upload.id()).addCriteria(where("source.beat").is(upload.source().beat()));
        return mongo.remove(still, Job.class).getDeletedCount() == 1;
    }

    /**
     * The first of the jobs that workers could take now, in the order of turns: none of an owner at
     * the limit, and of the others no more than there is room for.
     */
    List<String> due(int limit) {
        Map<String, Integer> taken = mostAtOnce == 0 ? Map.of() : convertingByOwner();
        Map<String, Integer> counted = new HashMap<>(taken);
        Query waiting =
                waiting(clock.instant(), full(taken))
                        .with(Sort.by(Direction.ASC, "turn", "_id"))
                        .limit(limit);
        return mongo.find(waiting, Job.class).stream()
                .filter(job ->
                        mostAtOnce == 0
                                || counted.merge(job.owner().id(), 1, Integer::sum) <= mostAtOnce)
                .map(Job::id)
                .toList();
    }

    /**
     * Jobs whose owners should have been told by now; each is due again later, so that a flood
     * stays a trickle.
     */
    List<Job> unannounced(int limit) {
        Instant now = clock.instant();
        List<Job> late =
                mongo.find(
                        query(where("announcement.made").is(false).and("announcement.due").lte(now))
                                .limit(limit),
                        Job.class);
        for (Job job : late) {
            change(
                    query(where("_id").is(job.id()).and("announcement.made").is(false)),
                    new Update().set("announcement.due", now.plus(ANNOUNCED_WITHIN)));
        }
        return late;
    }

    /** Jobs settled before the instant whose video still lies in the store. */
    List<Job> withVideoSettledBefore(Instant instant, int limit) {
        return mongo.find(
                query(where("finishedAt").lt(instant).and("source.stored").is(true)).limit(limit),
                Job.class);
    }

    void videoDeleted(String id) {
        change(query(where("_id").is(id)), new Update().set("source.stored", false));
    }

    List<Job> doneBefore(Instant instant, int limit) {
        return mongo.find(
                query(where("finishedAt").lt(instant).and("status").is(Status.DONE)).limit(limit),
                Job.class);
    }

    boolean expire(Job job) {
        return change(in(job.id(), Status.DONE, Status.FAILED), expired());
    }

    /** Jobs settled before the instant of which nothing lies in the store any more. */
    long forgetSettledBefore(Instant instant) {
        Collection<Status> over = List.of(Status.FAILED, Status.CANCELLED, Status.EXPIRED);
        return mongo.remove(
                        query(
                                where("finishedAt")
                                        .lt(instant)
                                        .and("source.stored")
                                        .is(false)
                                        .and("status")
                                        .in(over)),
                        Job.class)
                .getDeletedCount();
    }

    void forgetOldKeys() {
        Query old =
                query(
                        where("idempotencyKey")
                                .exists(true)
                                .and("createdAt")
                                .lt(clock.instant().minus(KEY_KEPT)));
        mongo.updateMulti(old, new Update().unset("idempotencyKey"), Job.class);
    }

    /** The job as it stands, also while it is being uploaded. */
    Optional<Job> findEvenIncomplete(String id) {
        if (!ObjectId.isValid(id)) return Optional.empty();
        Document query = new Document("_id", new ObjectId(id));
        return Optional.ofNullable(mongo.execute(_ -> byId.find(query).first()));
    }

    /**
     * True when a file of that id in the store is somebody's: the video of a job, its MP3, or one
     * being written.
     */
    boolean needs(String file) {
        String id = file.substring(0, Math.min(24, file.length()));
        return findEvenIncomplete(id)
                .map(job ->
                        switch (job.status()) {
                            case QUEUED -> file.equals(job.id());
                            case CONVERTING ->
                                    file.equals(job.id()) || file.equals(job.attemptFile());
                            case DONE ->
                                    (job.result() != null && file.equals(job.result().file()))
                                            || (file.equals(job.id()) && job.source().stored());
                            case FAILED -> file.equals(job.id()) && job.source().stored();
                            case CANCELLED, EXPIRED -> false;
                        })
                .orElse(false);
    }

    // ----

    /**
     * Start-time fair queueing with a cost of one a job: an owner's next job starts where the
     * owner's last one ends, or at the turn that is being served, whichever is later. A thousand
     * jobs of one owner do not stand before another's one. Who was passed over has earlier turns
     * than the rest, and would be served alone for as long; {@link #claim} sees to that.
     */
    private long nextTurn(String owner) {
        Document now = mongo.findById(CLOCK, Document.class, TURNS);
        long served = now == null ? 0 : now.get("turn", Number.class).longValue();
        Query mine = ofOwner(owner);
        mongo.upsert(mine, new Update().max("turn", served), TURNS);
        Document before =
                mongo.findAndModify(mine, new Update().inc("turn", 1L), Document.class, TURNS);
        return before == null ? served : before.get("turn", Number.class).longValue();
    }

    private void serve(Job job) {
        mongo.upsert(
                query(where("_id").is(CLOCK)),
                new Update().max("turn", job.turn()).set("served", job.owner().id()),
                TURNS);
    }

    private Optional<String> lastServed() {
        return Optional.ofNullable(mongo.findById(CLOCK, Document.class, TURNS))
                .map(clock -> clock.getString("served"));
    }

    private static Query ofOwner(String owner) {
        return query(where("_id").is("owner:" + owner));
    }

    private boolean strike(Query lost) {
        Query earlier = Query.of(lost).addCriteria(where("strikes").lt(STRIKES - 1));
        if (change(earlier, requeue(Duration.ZERO).inc("strikes", 1))) return true;
        Query last =
                Query.of(lost)
                        .addCriteria(
                                where("strikes").gte(STRIKES - 1).and("source.complete").is(true));
        Update failed = settle(Status.FAILED).set("failure", new Failure(Failure.Code.INTERNAL));
        if (change(last, failed.inc("strikes", 1))) return true;
        // its owner has not been told yet that there is such a job
        Query unseen = Query.of(lost).addCriteria(where("source.complete").is(false));
        return change(unseen, requeue(Duration.ZERO).set("source.early", false));
    }

    private Update settle(Status status) {
        Instant now = clock.instant();
        return new Update()
                .set("status", status)
                .set("finishedAt", now)
                .set("announcement", new Announcement(false, 0, now.plus(ANNOUNCED_WITHIN)))
                .unset("lease");
    }

    /** There is nothing to tell its owner of any more. */
    private static Update expired() {
        return new Update().set("status", Status.EXPIRED).set("announcement.made", true);
    }

    private Update requeue(Duration delay) {
        return new Update()
                .set("status", Status.QUEUED)
                .set("progress", 0)
                .set("due", delay.isZero() ? AT_ONCE : clock.instant().plus(delay))
                .unset("lease");
    }

    private boolean change(Query query, Update update) {
        return mongo.updateFirst(query, update, Job.class).getModifiedCount() == 1;
    }

    private static Query upload(String id) {
        return query(where("_id").is(id).and("source.complete").is(false));
    }

    private static Query mine(Job job) {
        return query(
                where("_id")
                        .is(job.id())
                        .and("status")
                        .is(Status.CONVERTING)
                        .and("attempt")
                        .is(job.attempt()));
    }

    private static Query in(String id, Status... statuses) {
        return query(
                where("_id")
                        .is(id)
                        .and("source.complete")
                        .is(true)
                        .and("status")
                        .in(Stream.of(statuses).toList()));
    }

    private static String key(String owner, String idempotencyKey) {
        return owner + ":" + idempotencyKey;
    }
}
