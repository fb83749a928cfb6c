package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Lease;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.platform.InvalidConfiguration;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The order in which waiting jobs are given to workers. No two workers get the same job, and no
 * owner ever has more jobs converting than the limit allows.
 *
 * <ol>
 *   <li>An owner who has no job converting, and was not the last one served, comes before all
 *       others: however many jobs the others have waiting, a single job waits only for those that
 *       are running.
 *   <li>Otherwise the job with the smallest start tag comes first ({@link FairShare}). Owners at
 *       their limit are throttled.
 *   <li>Uploads that workers may claim early come after all complete jobs.
 *   <li>When workers claim several jobs of one owner at the same time, a worker keeps its job only
 *       after it has seen, with its own job claimed, no more jobs than the limit. The worker whose
 *       job is later in the queue releases it at once; the other one waits briefly for that.
 * </ol>
 */
public final class ClaimQueue {
    private static final Logger log = LoggerFactory.getLogger(ClaimQueue.class);

    /** How often a worker checks whether the later ones have released their jobs. */
    private static final int CHECKS = 5;

    private static final Duration PAUSE = Duration.ofMillis(20);

    /** What {@link #due} reads of a job. */
    private record Waiting(String id, Job.Owner owner) {}

    private final JobDocuments documents;
    private final FairShare fairShare;
    private final Clock clock;
    private final int maxConcurrentPerOwner;

    /**
     * A queue of all jobs in the database.
     *
     * @param maxConcurrentPerOwner jobs of one owner that are converted at the same time; 0: no
     *     limit
     */
    ClaimQueue(
            JobDocuments documents, FairShare fairShare, Clock clock, int maxConcurrentPerOwner) {
        if (maxConcurrentPerOwner < 0)
            throw new InvalidConfiguration("MAX_CONCURRENT_JOBS_PER_USER is negative");
        this.documents = documents;
        this.fairShare = fairShare;
        this.clock = clock;
        this.maxConcurrentPerOwner = maxConcurrentPerOwner;
    }

    /**
     * Claims the next job. The lease and the attempt are recorded before any work is done. A job
     * whose claim was carried out while the answer was lost is found by the lease, which is another
     * one for each call.
     *
     * @return empty when no job waits that may be claimed
     */
    public Optional<Job> claim(String worker) {
        String lease = worker + ":" + UUID.randomUUID();
        while (true) {
            Map<String, Integer> converting = convertingByOwner();
            Set<String> atLimit = atLimit(converting);
            Set<String> served = new HashSet<>(converting.keySet());
            fairShare.lastServed().ifPresent(served::add);
            Optional<Job> claimed = claim(lease, served, atLimit);
            if (claimed.isEmpty()) {
                // a throttled owner's job may have ended in between, without a wake-up for the next
                if (atLimit.isEmpty() || !throttle(atLimit)) return Optional.empty();
            } else if (isKept(claimed.get())) {
                return claimed;
            }
        }
    }

    private Optional<Job> claim(String lease, Set<String> served, Set<String> atLimit) {
        try {
            Optional<Job> claimed = Optional.empty();
            if (!served.equals(atLimit)) claimed = claimQueued(lease, served);
            if (claimed.isEmpty()) claimed = claimQueued(lease, atLimit);
            return claimed.isPresent() ? claimed : claimUpload(lease, atLimit);
        } catch (DataAccessException e) {
            Optional<Job> adopted = UntilKnown.ask(() -> documents.leasedBy(lease));
            if (adopted.isEmpty()) throw e;
            log.info("Adopted job {}: the answer to its claim was lost", adopted.get().id());
            return adopted;
        }
    }

    /** Releases the job unless its owner may have another one running. */
    private boolean isKept(Job job) {
        boolean within = false;
        try {
            within = isWithinLimit(job);
        } finally {
            if (!within) UntilKnown.ask(() -> undo(job));
        }
        if (!within) return false;
        try {
            fairShare.served(job);
        } catch (DataAccessException e) {
            log.debug("The next job may be one of the same owner: {}", e.toString());
        }
        return true;
    }

    /** Whether a complete job waits, for a worker that would rather not wait for an upload. */
    public boolean hasWaitingJob() {
        return documents.mongo().exists(query(queued(atLimit(convertingByOwner()))), Job.class);
    }

    /**
     * To be asked when a job was settled or released: whether a worker must be woken for another
     * job of this owner, because its wake-ups came while the owner was throttled.
     */
    public boolean needsWakeUp(String owner) {
        if (maxConcurrentPerOwner == 0 || !fairShare.isThrottled(owner)) return false;
        Criteria waiting = queued(Set.of()).and("owner.id").is(owner);
        if (documents.mongo().exists(query(waiting), Job.class)) return true;
        fairShare.stopThrottling(owner);
        return false;
    }

    /**
     * The first jobs that workers could claim now, in the order of the queue: none of an owner at
     * the limit, and of the others no more than the limit allows.
     */
    List<String> due(int limit) {
        Map<String, Integer> converting =
                maxConcurrentPerOwner == 0 ? Map.of() : convertingByOwner();
        Map<String, Integer> counted = new HashMap<>(converting);
        Query query =
                query(queued(atLimit(converting))).with(JobDocuments.QUEUE_ORDER).limit(limit);
        query.fields().include("owner");
        return documents.mongo().query(Job.class).as(Waiting.class).matching(query).stream()
                .filter(job ->
                        maxConcurrentPerOwner == 0
                                || counted.merge(job.owner().id(), 1, Integer::sum)
                                        <= maxConcurrentPerOwner)
                .map(Waiting::id)
                .toList();
    }

    /** Forgets owners of whom nothing is to be known until their next job. */
    void forgetIdleOwners() {
        fairShare.forgetIdleOwners();
    }

    private Optional<Job> claimQueued(String lease, Set<String> exceptOwners) {
        return documents.applyToFirst(Transition.CLAIM, due(exceptOwners), lease(lease));
    }

    private Optional<Job> claimUpload(String lease, Set<String> exceptOwners) {
        return documents.updateFirstWithin(
                Status.UPLOADING, due(exceptOwners).and("lease").exists(false), lease(lease));
    }

    private Update lease(String worker) {
        return new Update()
                .set("progress", 0)
                .set("startedAt", clock.instant())
                .set("lease", new Lease(worker, 0, false))
                .inc("attempt", 1);
    }

    private Criteria queued(Set<String> exceptOwners) {
        return due(exceptOwners).and("status").is(Status.QUEUED);
    }

    private Criteria due(Set<String> exceptOwners) {
        Instant now = clock.instant();
        Criteria due = where("due").lte(now);
        return exceptOwners.isEmpty() ? due : due.and("owner.id").nin(exceptOwners);
    }

    private Map<String, Integer> convertingByOwner() {
        Map<String, Integer> owners = new HashMap<>();
        for (Job job : documents.leased()) owners.merge(job.owner().id(), 1, Integer::sum);
        return owners;
    }

    private Set<String> atLimit(Map<String, Integer> converting) {
        if (maxConcurrentPerOwner == 0) return Set.of();
        return converting.entrySet().stream()
                .filter(owner -> owner.getValue() >= maxConcurrentPerOwner)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private boolean isWithinLimit(Job job) {
        if (maxConcurrentPerOwner == 0) return true;
        for (int check = 0; check < CHECKS; check++) {
            List<Job> converting = documents.leasedOf(job.owner().id());
            if (converting.size() <= maxConcurrentPerOwner) return true;
            boolean first =
                    converting.stream()
                            .sorted(Comparator.comparingLong(Job::startTag).thenComparing(Job::id))
                            .limit(maxConcurrentPerOwner)
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

    /** Undoes a claim. No work was done, so it does not count as an attempt. */
    private boolean undo(Job job) {
        Criteria untouched = JobDocuments.attempt(job).and("lease.heartbeat").is(0L);
        return (job.status() == Status.UPLOADING
                        && documents.updateWithin(Status.UPLOADING, untouched, unclaimed(job)))
                || documents.apply(Transition.RELEASE, untouched, unclaimed(job));
    }

    private static Update unclaimed(Job job) {
        Update update =
                new Update()
                        .set("progress", 0)
                        .set("due", JobDocuments.IMMEDIATELY)
                        .inc("attempt", -1)
                        .unset("lease");
        return job.attempt() == 1 ? update.unset("startedAt") : update;
    }

    /** Throttles the owners; returns whether one of them is below the limit by now. */
    private boolean throttle(Set<String> owners) {
        owners.forEach(fairShare::throttle);
        return !atLimit(convertingByOwner()).containsAll(owners);
    }
}
