package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/**
 * What has changed since a time, for those who wait for it. Every change dates its job by the clock
 * of the store, in the same update, and a job that is removed leaves a record for {@link #KEPT}.
 *
 * <p>A change becomes visible later than its date says, as a majority must have it first, and after
 * a failover the clock of the store may be behind. The reader therefore asks for more than it has
 * not seen, and recognises what it has:
 *
 * <ol>
 *   <li>usually the last {@link #OVERLAP} once more,
 *   <li>after a break {@link #LATE}: no writer waits longer for a majority,
 *   <li>now and then {@link #LATEST}: by more, no clock may be wrong ({@link StoreClock}).
 * </ol>
 */
public final class JobChanges {
    public static final Duration OVERLAP = Duration.ofSeconds(10);
    public static final Duration LATE = Duration.ofSeconds(30);
    public static final Duration LATEST = StoreClock.TOLERANCE;

    /** For how long the removal of a job is known. */
    public static final Duration KEPT = Duration.ofHours(1);

    /** Jobs in one reply; the embedded server sends no large ones. */
    private static final int MAX_BATCH = 50;

    private final JobDocuments documents;
    private final Clock clock;

    JobChanges(JobDocuments documents, Clock clock) {
        this.documents = documents;
        this.clock = clock;
    }

    /**
     * A job as it is now.
     *
     * @param owner the id of the owner
     * @param job null when the job was removed
     * @param at when it was changed last, by the clock of the store
     */
    public record Change(String id, String owner, @Nullable Job job, Instant at) {}

    /** The time of the store. */
    public Instant now() {
        return clock.instant();
    }

    /**
     * The jobs of these owners that were changed at this time or later, each as it is now, in the
     * order of their changes.
     */
    public List<Change> since(Instant from, Collection<String> owners) {
        List<Change> changes = new ArrayList<>();
        Query changed = query(where("owner._id").in(owners).and(JobDocuments.CHANGED).gte(from));
        for (Document found : find(changed, documents.collection())) {
            Job job = documents.mongo().getConverter().read(Job.class, found);
            changes.add(
                    new Change(
                            job.id(),
                            job.owner().id(),
                            job,
                            found.getDate(JobDocuments.CHANGED).toInstant()));
        }
        changes.addAll(removedSince(from, owners));
        changes.sort(Comparator.comparing(Change::at));
        return changes;
    }

    private List<Change> removedSince(Instant from, Collection<String> owners) {
        Query removed =
                query(where(JobDocuments.OWNER).in(owners).and(JobDocuments.CHANGED).gte(from));
        List<Document> records = find(removed, JobDocuments.REMOVED);
        if (records.isEmpty()) return List.of();
        Criteria ids = where("_id").in(records.stream().map(each -> each.get("_id")).toList());
        Query existing = query(ids);
        existing.fields().include("_id");
        List<ObjectId> kept =
                find(existing, documents.collection()).stream()
                        .map(each -> each.getObjectId("_id"))
                        .toList();
        return records.stream()
                .filter(each -> !kept.contains(each.getObjectId("_id")))
                .map(each ->
                        new Change(
                                each.getObjectId("_id").toHexString(),
                                each.getString(JobDocuments.OWNER),
                                null,
                                each.getDate(JobDocuments.CHANGED).toInstant()))
                .toList();
    }

    private List<Document> find(Query query, String collection) {
        return documents.mongo().find(query.cursorBatchSize(MAX_BATCH), Document.class, collection);
    }
}
