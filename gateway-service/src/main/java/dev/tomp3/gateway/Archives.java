package dev.tomp3.gateway;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.stereotype.Component;

/**
 * Lists of MP3s that are downloaded together. Only the list is stored: the archive is made of the
 * MP3s while it is downloaded.
 */
@Component
class Archives {
    private static final int MAX_JOBS = 1000;
    private static final Duration LIFETIME = Duration.ofDays(1);
    private static final int MAX_PER_OWNER = 100;
    private static final String COLLECTION = "archives";

    /** File systems allow 255 bytes; some are for the number of a name that occurs twice. */
    private static final int MAX_NAME_BYTES = 240;

    private final MongoTemplate mongo;
    private final Jobs jobs;
    private final Clock clock;
    private volatile boolean indexed;

    Archives(MongoTemplate mongo, Jobs jobs, Clock clock) {
        this.mongo = mongo;
        this.jobs = jobs;
        this.clock = clock;
    }

    /**
     * @param jobs all done, in the order of the archive
     */
    record Archive(String id, List<Job> jobs, Instant expiresAt) {
        StoredZip zip() {
            List<StoredZip.Entry> entries = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (Job job : jobs) {
                Instant finished = job.finishedAt();
                entries.add(
                        new StoredZip.Entry(
                                unique(job.source().name(), names),
                                Mp3Delivery.ready(job).bytes(),
                                finished == null ? job.createdAt() : finished));
            }
            return new StoredZip(entries);
        }
    }

    /**
     * @throws ProblemException when the caller has no such job, or one has no MP3
     */
    Archive create(@Nullable List<@Nullable String> wanted, CurrentUser caller) {
        Set<String> ids = new LinkedHashSet<>();
        for (String id : wanted == null ? List.<@Nullable String>of() : wanted)
            ids.add(id == null ? "" : id);
        if (ids.isEmpty() || ids.size() > MAX_JOBS) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, "jobs has 1 to " + MAX_JOBS + " ids.");
        }
        Map<String, Job> found = jobs.findAll(ids);
        List<Job> all = new ArrayList<>();
        for (String id : ids) {
            Job job = found.get(id);
            if (job == null || !caller.mayTouch(job)) {
                throw new ProblemException(
                        Problem.NOT_FOUND,
                        "You have no job of the id at position " + (all.size() + 1) + ".");
            }
            if (job.status() != Status.DONE) {
                throw new ProblemException(
                        Problem.NOT_READY,
                        "The job %s is %s.".formatted(id, job.status().wire()),
                        Map.of("job", id, "job_status", job.status().wire()));
            }
            all.add(job);
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Archive archive = new Archive(new ObjectId().toHexString(), all, now.plus(LIFETIME));
        store(archive, caller.id(), now);
        return archive;
    }

    private void store(Archive archive, String owner, Instant now) {
        if (!indexed) {
            var indexes = mongo.indexOps(COLLECTION);
            indexes.createIndex(new Index("expiresAt", Direction.ASC));
            indexes.createIndex(new Index("owner", Direction.ASC).on("_id", Direction.DESC));
            indexed = true;
        }
        mongo.remove(query(where("expiresAt").lt(now)), COLLECTION);
        List<ObjectId> surplus =
                mongo
                        .find(
                                query(where("owner").is(owner))
                                        .with(Sort.by(Direction.DESC, "_id"))
                                        .skip(MAX_PER_OWNER - 1),
                                Document.class,
                                COLLECTION)
                        .stream()
                        .map(document -> document.getObjectId("_id"))
                        .toList();
        if (!surplus.isEmpty()) mongo.remove(query(where("_id").in(surplus)), COLLECTION);
        mongo.insert(
                new Document("_id", new ObjectId(archive.id()))
                        .append("owner", owner)
                        .append("expiresAt", archive.expiresAt())
                        .append("jobs", archive.jobs().stream().map(Job::id).toList()),
                COLLECTION);
    }

    /**
     * An archive as it was created; empty when it has expired.
     *
     * @throws ProblemException 410 when one of its MP3s was deleted meanwhile
     */
    Optional<Archive> find(String id) {
        Document document =
                mongo.findOne(query(where("_id").is(new ObjectId(id))), Document.class, COLLECTION);
        if (document == null) return Optional.empty();
        List<String> ids = document.getList("jobs", String.class);
        Map<String, Job> found = jobs.findAll(ids);
        List<Job> all = new ArrayList<>();
        for (String job : ids) {
            Job there = found.get(job);
            if (there == null || there.status() != Status.DONE) {
                throw new ProblemException(
                        Problem.GONE,
                        "The MP3 of the job " + job + " was deleted.",
                        Map.of("job", job));
            }
            all.add(there);
        }
        return Optional.of(new Archive(id, all, document.getDate("expiresAt").toInstant()));
    }

    /** A name that is legal on Windows, too, and that no other entry has, ignoring case. */
    private static String unique(String video, Set<String> names) {
        String mp3 = Mp3Delivery.name(video);
        String base =
                mp3.substring(0, mp3.length() - ".mp3".length())
                        .replaceAll("[\\p{Cc}\\\\/:*?\"<>|]", "_");
        while ((base + ".mp3").getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES)
            base = base.substring(0, base.offsetByCodePoints(base.length(), -1));
        String name = base + ".mp3";
        for (int number = 2; !names.add(folded(name)); number++)
            name = base + " (" + number + ").mp3";
        return name;
    }

    private static String folded(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }
}
