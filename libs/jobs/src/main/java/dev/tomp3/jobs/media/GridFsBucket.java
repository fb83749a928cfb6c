package dev.tomp3.jobs.media;

import com.mongodb.MongoException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The collections of one GridFS bucket, for example {@code videos.files}, {@code videos.chunks} and
 * {@code videos.writing}.
 *
 * <p>A file is complete when it has a document in {@code files}. A file without one is found by its
 * note in {@code writing}, which says how many chunks of it there may be. Notes are written before
 * the chunks and before a deletion, so that whatever a crashed process leaves is found without
 * reading all chunks.
 *
 * <p>Chunks are addressed in exactly one form, {@code {files_id, n}}, which every
 * MongoDB-compatible server answers from its index.
 */
final class GridFsBucket {
    private static final int DELETES_AT_ONCE = 256;
    private static final int PAGE = 1000;
    private static final Document ID = new Document("_id", 1);

    /** Listing and deleting may take longer than a request. */
    private static final Duration MAINTENANCE = Duration.ofMinutes(10);

    /** For the first try of a write; together with {@link #PING} within three seconds. */
    private static final Duration FIRST_TRY = Duration.ofSeconds(2);

    /** A server that does not answer a ping in this time cannot be reached. */
    private static final Duration PING = Duration.ofMillis(400);

    /** For the second try of a write to a slow server. */
    private static final Duration SECOND_TRY = Duration.ofSeconds(7);

    private final MongoDatabase database;
    private final MongoCollection<Document> files;
    private final MongoCollection<Document> chunks;
    private final MongoCollection<Document> writing;
    private final int chunkSize;

    GridFsBucket(MongoDatabase database, Bucket bucket, int chunkSize) {
        String name = bucket.name().toLowerCase(Locale.ROOT);
        this.database = database;
        this.files = database.getCollection(name + ".files");
        this.chunks = database.getCollection(name + ".chunks");
        this.writing = database.getCollection(name + ".writing");
        this.chunkSize = chunkSize;
    }

    int chunkSize() {
        return chunkSize;
    }

    void createIndexes() {
        chunks.createIndex(Indexes.ascending("files_id", "n"), new IndexOptions().unique(true));
    }

    /** The document of a complete file; null when there is none. */
    @Nullable Document file(String id) throws IOException {
        try {
            return files.find(new Document("_id", id)).first();
        } catch (MongoException e) {
            throw new IOException("GridFS could not look for " + id, e);
        }
    }

    /** The note on a file that is being written or deleted; null when there is none. */
    @Nullable Document note(String id) throws IOException {
        try {
            return writing.find(new Document("_id", id)).first();
        } catch (MongoException e) {
            throw new IOException("GridFS could not look for " + id, e);
        }
    }

    /** Lists in pages, so that the action may take its time. Files of other tools are left out. */
    void forEachId(Consumer<String> action) throws IOException {
        try {
            forEachId(files, action);
            forEachId(
                    writing,
                    id -> {
                        if (files.find(new Document("_id", id)).first() == null) action.accept(id);
                    });
        } catch (MongoException e) {
            throw new IOException("GridFS could not list its files", e);
        }
    }

    private static void forEachId(MongoCollection<Document> collection, Consumer<String> action) {
        List<String> page = page(collection, "");
        while (!page.isEmpty()) {
            page.forEach(action);
            page = page(collection, page.getLast());
        }
    }

    /** The next ids in order. Those of other tools are no strings, and are at the end of all. */
    private static List<String> page(MongoCollection<Document> collection, String after) {
        List<String> ids = new ArrayList<>();
        Document later = new Document("_id", new Document("$gt", after));
        for (Document each :
                maintenance(collection).find(later).projection(ID).sort(ID).limit(PAGE))
            if (each.get("_id") instanceof String id) ids.add(id);
        return ids;
    }

    void delete(String id) throws IOException {
        Document file = file(id);
        Document note = note(id);
        if (file == null && note == null) return;
        long count = Math.max(chunkCount(file), notedChunks(note));
        try {
            note(id, count);
            files.deleteOne(new Document("_id", id));
            deleteChunks(id, count);
        } catch (MongoException e) {
            throw new IOException("GridFS could not delete " + id, e);
        }
    }

    private static long notedChunks(@Nullable Document note) {
        return note == null ? 0 : note.get("chunks", Number.class).longValue();
    }

    private static long chunkCount(@Nullable Document file) {
        if (file == null) return 0;
        long size = file.get("chunkSize", Number.class).longValue();
        return (file.get("length", Number.class).longValue() + size - 1) / size;
    }

    /** Notes that a file may have this many chunks; a note never gets smaller. */
    void note(String id, long count) {
        Consumer<MongoCollection<Document>> write =
                all ->
                        all.updateOne(
                                new Document("_id", id),
                                Updates.combine(
                                        Updates.max("chunks", count),
                                        Updates.set("chunkSize", chunkSize)),
                                new UpdateOptions().upsert(true));
        writeTwice(writing, write, write);
    }

    void insertChunk(String id, int n, Binary data) {
        Document document = chunk(id, n).append("_id", new ObjectId()).append("data", data);
        writeTwice(chunks, all -> all.insertOne(document), all -> replace(all, document));
    }

    byte[] readChunk(String id, long n) throws IOException {
        try {
            Document document = chunks.find(chunk(id, n)).first();
            if (document == null) throw new NoSuchFileException(id);
            return document.get("data", Binary.class).getData();
        } catch (MongoException e) {
            throw new IOException("GridFS could not read " + id, e);
        }
    }

    /** Makes a file complete, all of whose chunks are stored. */
    void insertFile(String id, long length, Date now) {
        Document file =
                new Document("_id", id)
                        .append("length", length)
                        .append("chunkSize", chunkSize)
                        .append("uploadDate", now)
                        .append("filename", id);
        Consumer<MongoCollection<Document>> write = all -> replace(all, file);
        writeTwice(files, write, write);
        writing.deleteOne(new Document("_id", id));
    }

    /** Deletes the first chunks of a file, and then its note. */
    void deleteChunks(String id, long count) {
        List<DeleteOneModel<Document>> deletes = new ArrayList<>();
        for (long n = 0; n < count; n++) {
            deletes.add(new DeleteOneModel<>(chunk(id, n)));
            if (deletes.size() == DELETES_AT_ONCE || n == count - 1) {
                maintenance(chunks).bulkWrite(deletes, new BulkWriteOptions().ordered(false));
                deletes.clear();
            }
        }
        writing.deleteOne(new Document("_id", id));
    }

    /**
     * Writes, and tries again with more time when the server is slow. A server that answers a ping
     * is slow; any other cannot be reached, and the write fails at once.
     *
     * @param again has no effect when the first try was applied although its answer did not arrive
     */
    private void writeTwice(
            MongoCollection<Document> collection,
            Consumer<MongoCollection<Document>> write,
            Consumer<MongoCollection<Document>> again) {
        try {
            write.accept(within(FIRST_TRY, collection));
        } catch (MongoTimeoutException e) {
            try {
                Document _ =
                        database.withTimeout(PING.toMillis(), TimeUnit.MILLISECONDS)
                                .runCommand(new Document("ping", 1));
            } catch (MongoException unreachable) {
                throw e;
            }
            again.accept(within(SECOND_TRY, collection));
        }
    }

    private static void replace(MongoCollection<Document> collection, Document document) {
        collection.replaceOne(
                new Document("_id", document.get("_id")),
                document,
                new ReplaceOptions().upsert(true));
    }

    private static MongoCollection<Document> maintenance(MongoCollection<Document> collection) {
        return within(MAINTENANCE, collection);
    }

    private static MongoCollection<Document> within(
            Duration time, MongoCollection<Document> collection) {
        return collection.withTimeout(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Document chunk(String id, long n) {
        return new Document("files_id", id).append("n", Math.toIntExact(n));
    }
}
