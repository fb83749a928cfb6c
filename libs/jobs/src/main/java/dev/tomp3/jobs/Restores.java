package dev.tomp3.jobs;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Objects;
import org.bson.Document;
import org.bson.types.Binary;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * Recognises data that were restored from a backup: to retention, all of them are old. One document
 * names the UUID that MongoDB gave the collection of jobs. After a restore the collection has
 * another one, or the document is missing while there are jobs; then the document says since when.
 *
 * <p>A copy of MongoDB's files keeps the UUID. Whoever restores one removes the document.
 */
final class Restores {
    private static final Logger log = LoggerFactory.getLogger(Restores.class);
    private static final String COLLECTION = "retention";
    private static final String ID = "jobs";
    private static final String UUID = "uuid";
    private static final String SINCE = "restoredAt";

    private final MongoTemplate mongo;
    private final Clock clock;

    Restores(JobDocuments documents, Clock clock) {
        this.mongo = documents.mongo();
        this.clock = clock;
    }

    /** Looks for a restore; returns when the last one was found, and null when there was none. */
    @Nullable Instant check() {
        Document note = mongo.findById(ID, Document.class, COLLECTION);
        String uuid = uuid();
        boolean restored = note == null ? hasJobs() : !Objects.equals(note.getString(UUID), uuid);
        if (note == null || restored) {
            note = new Document("_id", ID).append(UUID, uuid);
            if (restored) {
                log.warn("The jobs were restored, or come from an earlier version");
                note.append(SINCE, Date.from(clock.instant()));
            }
            mongo.save(note, COLLECTION);
        }
        Date since = note.getDate(SINCE);
        return since == null ? null : since.toInstant();
    }

    /** Whether the data were restored within this time. */
    boolean isWithin(Duration time) {
        Instant since = check();
        return since != null && clock.instant().isBefore(since.plus(time));
    }

    private boolean hasJobs() {
        return mongo.getCollection(mongo.getCollectionName(Job.class)).find().first() != null;
    }

    /** Null where the store does not tell. */
    private @Nullable String uuid() {
        Document jobs =
                mongo.getDb()
                        .listCollections()
                        .filter(new Document("name", mongo.getCollectionName(Job.class)))
                        .first();
        Document info = jobs == null ? null : jobs.get("info", Document.class);
        Object uuid = info == null ? null : info.get("uuid");
        if (uuid == null) return null;
        return uuid instanceof Binary binary
                ? HexFormat.of().formatHex(binary.getData())
                : uuid.toString();
    }
}
