package dev.tomp3.chaos;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** Reads the MongoDB directly, without the services. */
final class Database implements AutoCloseable {
    private static final String TIMEOUTS =
            "serverSelectionTimeoutMS=2000&connectTimeoutMS=2000&socketTimeoutMS=20000";

    private static final int BATCH = 500;
    private static final String WAITING = "waiting-";
    private static final long WAITING_TAG = 1L << 50;

    private final MongoClient client;
    private final MongoDatabase database;

    Database(String uri, String database) {
        client = MongoClients.create(uri + (uri.contains("?") ? "&" : "?") + TIMEOUTS);
        this.database = client.getDatabase(database);
    }

    /**
     * The progress of a job.
     *
     * @param heartbeat null without a lease
     */
    record Progress(String id, String status, int attempt, @Nullable Long heartbeat, int percent) {
        static Progress of(Document job) {
            Document lease = job.get("lease", Document.class);
            return new Progress(
                    Database.id(job),
                    job.getString("status"),
                    job.getInteger("attempt", 0),
                    lease == null ? null : lease.get("heartbeat", Number.class).longValue(),
                    job.getInteger("progress", 0));
        }

        boolean settled() {
            return !Set.of("UPLOADING", "QUEUED", "CONVERTING").contains(status);
        }
    }

    private static String id(Document job) {
        return job.get("_id", ObjectId.class).toHexString();
    }

    /** The jobs in a state; empty if the store does not answer. */
    List<Progress> in(String status) {
        List<Progress> found = new ArrayList<>();
        try {
            Document wanted = new Document("status", status);
            for (Document job : database.getCollection("jobs").find(wanted))
                found.add(Progress.of(job));
        } catch (MongoException e) {
            return List.of();
        }
        return found;
    }

    /** One job; null if it does not exist or the store does not answer. */
    @Nullable Progress of(String id) {
        try {
            for (Document job :
                    database.getCollection("jobs").find(new Document("_id", new ObjectId(id))))
                return Progress.of(job);
        } catch (MongoException e) {
            return null;
        }
        return null;
    }

    /** The process that runs the sweeper; empty if there is none. */
    String leader() {
        Document leader = database.getCollection("leader").find().first();
        return leader == null ? "" : leader.getString("holder");
    }

    /**
     * Backs everything up while the services write: jobs before the chunks that they need, and
     * chunks before the notes and the files that name them.
     */
    Backup backUp() throws IOException {
        Set<String> settled = new HashSet<>();
        Set<String> waiting = new HashSet<>();
        for (Document job : database.getCollection("jobs").find()) {
            Progress progress = Progress.of(job);
            (progress.settled() ? settled : waiting).add(progress.id());
        }
        List<String> names = new ArrayList<>();
        for (String name : database.listCollectionNames())
            if (name.matches("jobs|fairShare|secrets|webhook.*|(videos|mp3s)\\..*"))
                names.add(name);
        names.sort(Comparator.comparingInt(Database::order));
        Map<String, Path> collections = new LinkedHashMap<>();
        for (String name : names)
            collections.put(name, Backup.dump(database.getCollection(name, RawBsonDocument.class)));
        return new Backup(collections, settled, waiting);
    }

    private static int order(String collection) {
        if (collection.equals("jobs")) return 0;
        if (collection.endsWith(".chunks")) return 1;
        return collection.endsWith(".writing") ? 2 : 3;
    }

    /** Replaces all documents. */
    void restore(Backup backup) throws IOException {
        for (String name : database.listCollectionNames())
            if (!name.startsWith("system."))
                database.getCollection(name).deleteMany(new Document());
        backup.restoreTo(database);
    }

    /** Inserts jobs of 1,000 other owners, which wait for a retry in an hour. */
    void insertWaiting(int count) {
        Document job = database.getCollection("jobs").find(new Document("status", "DONE")).first();
        if (job == null) throw new IllegalStateException("there is no job yet");
        for (String field : List.of("lease", "result", "finishedAt", "notification", "startedAt"))
            job.remove(field);
        job.remove("idempotencyKey");
        job.get("source", Document.class).put("stored", false);
        Date later = Date.from(Instant.now().plus(Duration.ofHours(1)));
        job.append("status", "QUEUED").append("due", later).append("startTag", WAITING_TAG);
        Document owner = job.get("owner", Document.class);
        for (int i = 0; i < count; i += BATCH) {
            List<Document> batch = new ArrayList<>();
            for (int j = i; j < i + BATCH; j++) {
                Document copy = new Document(job).append("_id", new ObjectId());
                batch.add(
                        copy.append(
                                "owner", new Document(owner).append("_id", WAITING + j % 1000)));
            }
            database.getCollection("jobs").insertMany(batch);
        }
    }

    /** In slices, each of which takes less than the timeout of a connection. */
    void removeWaiting() {
        Document waiting = new Document("status", "QUEUED").append("startTag", WAITING_TAG);
        List<Object> ids;
        do {
            ids = new ArrayList<>();
            for (Document job :
                    database.getCollection("jobs")
                            .find(waiting)
                            .projection(new Document("_id", 1))
                            .limit(10 * BATCH)) ids.add(job.get("_id"));
            if (!ids.isEmpty())
                database.getCollection("jobs")
                        .deleteMany(new Document("_id", new Document("$in", ids)));
        } while (!ids.isEmpty());
    }

    /** Expires restored jobs whose owner deleted the MP3 during the backup. */
    void expireWithoutMp3() {
        Set<String> files = new HashSet<>();
        Document id = new Document("_id", 1);
        for (Document file : database.getCollection("mp3s.files").find().projection(id))
            files.add(file.getString("_id"));
        for (Document job : database.getCollection("jobs").find(new Document("status", "DONE"))) {
            if (files.contains(id(job) + "-" + job.getInteger("attempt"))) continue;
            database.getCollection("jobs")
                    .updateOne(
                            new Document("_id", job.get("_id")),
                            new Document(
                                    "$set",
                                    new Document("status", "EXPIRED")
                                            .append("notification.sent", true)));
        }
    }

    /** Settled jobs whose owners are not notified yet. */
    List<String> unnotified() {
        List<String> found = new ArrayList<>();
        for (Document job :
                database.getCollection("jobs").find(new Document("notification.sent", false))) {
            found.add(id(job));
        }
        return found;
    }

    /** Deliveries to webhooks that are not settled. */
    List<String> undelivered() {
        List<String> found = new ArrayList<>();
        for (Document delivery :
                database.getCollection("webhook_deliveries")
                        .find(new Document("status", "PENDING"))) {
            found.add(delivery.getString("_id"));
        }
        return found;
    }

    /** Descriptions of everything that was left behind. */
    List<String> orphans() {
        Set<String> videos = new HashSet<>();
        Set<String> optional = new HashSet<>();
        Set<String> mp3s = new HashSet<>();
        List<String> found = new ArrayList<>();
        for (Document job : database.getCollection("jobs").find()) {
            Document source = job.get("source", Document.class);
            if (job.getString("status").equals("UPLOADING")) found.add("upload " + id(job));
            // the video of a settled job may be deleted before the job is updated
            if (source.getBoolean("stored") && Progress.of(job).settled()) optional.add(id(job));
            else if (source.getBoolean("stored")) videos.add(id(job));
            if (job.getString("status").equals("DONE"))
                mp3s.add(id(job) + "-" + job.getInteger("attempt"));
        }
        files("videos", videos, optional, found);
        files("mp3s", mp3s, Set.of(), found);
        return found;
    }

    private void files(
            String bucket, Set<String> needed, Set<String> optional, List<String> found) {
        Set<String> files = new HashSet<>();
        Document id = new Document("_id", 1);
        for (Document file : database.getCollection(bucket + ".files").find().projection(id)) {
            files.add(file.getString("_id"));
        }
        files.stream()
                .filter(file -> !needed.contains(file) && !optional.contains(file))
                .forEach(file -> found.add("file " + file + " in " + bucket));
        needed.stream()
                .filter(file -> !files.contains(file))
                .forEach(file -> found.add("missing file " + file + " in " + bucket));
        Set<String> chunks = new HashSet<>();
        Document owner = new Document("files_id", 1);
        for (Document chunk : database.getCollection(bucket + ".chunks").find().projection(owner)) {
            chunks.add(chunk.getString("files_id"));
        }
        chunks.stream()
                .filter(file -> !files.contains(file))
                .forEach(file -> found.add("chunks of " + file + " in " + bucket));
        for (Document writing : database.getCollection(bucket + ".writing").find()) {
            if (!files.contains(writing.getString("_id")))
                found.add("a write record of " + writing.get("_id") + " in " + bucket);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
