package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.Document;
import org.springframework.data.mongodb.core.aggregation.Aggregation;
import org.springframework.data.mongodb.core.query.Query;

/** The jobs that are not settled, for those who run the system. */
public final class Backlog {
    private static final List<Status> UNSETTLED =
            List.of(Status.UPLOADING, Status.QUEUED, Status.CONVERTING);

    private final JobDocuments documents;

    Backlog(JobDocuments documents) {
        this.documents = documents;
    }

    /** A user with jobs that are not settled, and how many in each status. */
    public record Share(Job.Owner owner, long uploading, long queued, long converting) {}

    /** The owners with the most jobs that are not settled, those with the most first. */
    public List<Share> shares(int limit) {
        Aggregation groups =
                Aggregation.newAggregation(
                        Aggregation.match(where("status").in(UNSETTLED)),
                        // an index alone answers; the address would need every document
                        Aggregation.group("status", "owner._id").count().as("jobs"));
        Map<String, Map<Status, Long>> counts = new HashMap<>();
        for (Document group : documents.mongo().aggregate(groups, Job.class, Document.class)) {
            Document of = group.get("_id", Document.class);
            counts.computeIfAbsent(of.getString("_id"), _ -> new EnumMap<>(Status.class))
                    .put(
                            Status.valueOf(of.getString("status")),
                            group.get("jobs", Number.class).longValue());
        }
        List<String> owners = new ArrayList<>(counts.keySet());
        owners.sort(
                Comparator.<String>comparingLong(owner ->
                                counts.getOrDefault(owner, Map.of()).values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum())
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()));
        List<Share> shares = new ArrayList<>();
        for (String owner : owners.subList(0, Math.min(limit, owners.size()))) {
            Query any = query(where("owner.id").is(owner));
            Job job = documents.mongo().findOne(any, Job.class);
            if (job == null) continue; // removed meanwhile
            Map<Status, Long> of = counts.getOrDefault(owner, Map.of());
            shares.add(
                    new Share(
                            job.owner(),
                            of.getOrDefault(Status.UPLOADING, 0L),
                            of.getOrDefault(Status.QUEUED, 0L),
                            of.getOrDefault(Status.CONVERTING, 0L)));
        }
        return shares;
    }

    /** Every job that a worker holds: one for each busy worker. */
    public List<Job> held() {
        return documents.leased();
    }
}
