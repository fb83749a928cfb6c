package dev.tomp3.chaos;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** Reads the MongoDB directly, without the services. */
final class Database implements AutoCloseable {
    private static final String TIMEOUTS =
            "serverSelectionTimeoutMS=2000&connectTimeoutMS=2000&socketTimeoutMS=20000";

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

    /** Settled jobs whose owners are not notified yet. */
    List<String> unnotified() {
        List<String> found = new ArrayList<>();
        for (Document job :
                database.getCollection("jobs").find(new Document("notification.sent", false))) {
            found.add(id(job));
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
