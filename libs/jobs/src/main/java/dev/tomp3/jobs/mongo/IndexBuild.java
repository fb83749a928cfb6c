package dev.tomp3.jobs.mongo;

import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.IndexModel;
import dev.tomp3.platform.Dependency.UnusableException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.Document;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates all indexes of a collection in one command, so that the collection is read once, and
 * without a time limit: MongoDB aborts a build that exceeds the limit of its command, and each
 * retry would begin anew. A long build is logged. Indexes that exist with other options are left to
 * an operator.
 */
public final class IndexBuild {
    private static final Logger log = LoggerFactory.getLogger(IndexBuild.class);
    private static final Set<Integer> CONFLICTS =
            Set.of(85 /* IndexOptionsConflict */, 86 /* IndexKeySpecsConflict */);

    private final MongoCollection<Document> collection;
    private final List<IndexModel> indexes;
    private final Duration logInterval;

    public IndexBuild(MongoDatabase database, String collection, List<IndexModel> indexes) {
        this(database, collection, indexes, Duration.ofSeconds(10));
    }

    IndexBuild(
            MongoDatabase database,
            String collection,
            List<IndexModel> indexes,
            Duration logInterval) {
        this.collection = database.getCollection(collection).withTimeout(0, TimeUnit.MILLISECONDS);
        this.indexes = indexes;
        this.logInterval = logInterval;
    }

    /**
     * Returns when all indexes exist.
     *
     * @throws UnusableException when an index exists with other keys or options
     */
    public void run() throws UnusableException {
        Thread watch = Thread.ofVirtual().name("index-build").start(this::logWhileRunning);
        try {
            var _ = collection.createIndexes(indexes);
        } catch (MongoCommandException e) {
            if (!CONFLICTS.contains(e.getErrorCode())) throw e;
            throw new UnusableException(
                    "An index of MongoDB has other keys or options than this version needs (%s). Drop"
                                    .formatted(e.getErrorMessage())
                            + " it in mongosh and start again: "
                            + dropCommands());
        } finally {
            watch.interrupt();
        }
    }

    private void logWhileRunning() {
        String name = collection.getNamespace().getFullName();
        try {
            for (Duration passed = logInterval; ; passed = passed.plus(logInterval)) {
                Thread.sleep(logInterval);
                log.info(
                        "Building {} indexes of {} since {} s",
                        indexes.size(),
                        name,
                        passed.toSeconds());
            }
        } catch (InterruptedException e) {
            return; // the build has ended
        }
    }

    private String dropCommands() {
        StringJoiner commands = new StringJoiner("; ");
        for (Document existing : collection.listIndexes()) {
            if (indexes.stream().anyMatch(wanted -> conflict(existing, wanted)))
                commands.add(
                        "db.getCollection(\"%s\").dropIndex(\"%s\")"
                                .formatted(
                                        collection.getNamespace().getCollectionName(),
                                        existing.getString("name")));
        }
        return commands.toString();
    }

    private static boolean conflict(Document existing, IndexModel wanted) {
        BsonDocument keys = wanted.getKeys().toBsonDocument();
        String existingName = existing.getString("name");
        String existingKeys = name(existing.get("key", Document.class).toBsonDocument());
        boolean sameName = existingName.equals(name(keys));
        boolean sameKeys = existingKeys.equals(name(keys));
        boolean sameOptions =
                existing.getBoolean("unique", false) == wanted.getOptions().isUnique()
                        && existing.getBoolean("sparse", false) == wanted.getOptions().isSparse();
        return (sameName || sameKeys) && !(sameName && sameKeys && sameOptions);
    }

    /** The name that an index of these keys has by default. */
    private static String name(BsonDocument keys) {
        StringJoiner name = new StringJoiner("_");
        keys.forEach((key, order) -> name.add(key).add(order(order)));
        return name.toString();
    }

    private static String order(BsonValue order) {
        return order.isNumber()
                ? String.valueOf(order.asNumber().intValue())
                : String.valueOf(order);
    }
}
