package dev.tomp3.jobs.media;

import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.IndexModel;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.mongo.IndexBuild;
import dev.tomp3.platform.Dependency.UnusableException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
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
 * the chunks and before a deletion, so that what a crashed process leaves is found without reading
 * all chunks. Two things leave strays, chunks with neither: a write that the server carries out
 * after the file was deleted and its writer has died, and a backup in another order than ours.
 *
 * <p>Chunks are written, read and deleted in exactly one form, {@code {files_id, n}}, which every
 * MongoDB-compatible server answers from its index.
 */
final class GridFsBucket {
    private static final int DELETES_AT_ONCE = 256;
    private static final String WRITER = "writer";

    private final MongoDatabase database;
    private final String name;
    private final MongoCollection<Document> files;
    private final MongoCollection<Document> chunks;
    private final MongoCollection<Document> writing;
    private final int chunkSize;
    private final @Nullable Long writer;

    GridFsBucket(MongoDatabase database, Bucket bucket, int chunkSize) {
        this(database, bucket.name().toLowerCase(Locale.ROOT), chunkSize, null);
    }

    private GridFsBucket(
            MongoDatabase database, String name, int chunkSize, @Nullable Long writer) {
        this.database = database;
        this.name = name;
        this.files = database.getCollection(name + ".files");
        this.chunks = database.getCollection(name + ".chunks");
        this.writing = database.getCollection(name + ".writing");
        this.chunkSize = chunkSize;
        this.writer = writer;
    }

    /**
     * The same bucket, to continue a file whose chunks may be written already.
     *
     * @param chunkSize of that file
     * @param number of the writer: a chunk of a later one is not replaced
     */
    GridFsBucket ofWriter(int chunkSize, long number) {
        return new GridFsBucket(database, name, chunkSize, number);
    }

    int chunkSize() {
        return chunkSize;
    }

    GridFsListing listing() {
        return new GridFsListing(files, chunks, writing);
    }

    void createIndexes() throws UnusableException {
        IndexModel everyChunk =
                new IndexModel(Indexes.ascending("files_id", "n"), new IndexOptions().unique(true));
        new IndexBuild(database, chunks.getNamespace().getCollectionName(), List.of(everyChunk))
                .run();
        // other tools look for files by their names
        IndexModel byName = new IndexModel(Indexes.ascending("filename", "uploadDate"));
        new IndexBuild(database, files.getNamespace().getCollectionName(), List.of(byName)).run();
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

    void delete(String id) throws IOException {
        Document file = file(id);
        Document note = note(id);
        try {
            long count =
                    file == null && note == null
                            ? strayChunks(id)
                            : Math.max(chunkCount(file), notedChunks(note));
            if (file == null && note == null && count == 0) return;
            note(id, count, () -> true);
            files.deleteOne(new Document("_id", id));
            deleteChunks(id, count);
        } catch (MongoException e) {
            throw new IOException("GridFS could not delete " + id, e);
        }
    }

    private long strayChunks(String id) {
        Document last =
                chunks.find(new Document("files_id", id))
                        .projection(new Document("_id", 0).append("n", 1))
                        .sort(new Document("files_id", -1).append("n", -1))
                        .first();
        return last == null ? 0 : last.getInteger("n") + 1L;
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
    void note(String id, long count, BooleanSupplier wanted) {
        Consumer<MongoCollection<Document>> write =
                all ->
                        all.updateOne(
                                new Document("_id", id),
                                Updates.combine(
                                        Updates.max("chunks", count),
                                        Updates.set("chunkSize", chunkSize)),
                                new UpdateOptions().upsert(true));
        RepeatedWrite.run(writing, wanted, write, write);
    }

    void insertChunk(String id, int n, Binary data, BooleanSupplier wanted) {
        Document document = chunk(id, n).append("_id", new ObjectId()).append("data", data);
        if (writer != null) {
            putChunk(id, n, data, writer, wanted);
            return;
        }
        // the filter is the shard key of a sharded bucket
        RepeatedWrite.run(
                chunks,
                wanted,
                all -> all.insertOne(document),
                all -> replace(all, chunk(id, n), document));
    }

    /** Where a later writer's chunk is, the upsert fails, as it would be a second one. */
    private void putChunk(String id, int n, Binary data, long number, BooleanSupplier wanted) {
        Document document = chunk(id, n).append("data", data).append(WRITER, number);
        Document which = chunk(id, n).append(WRITER, new Document("$lte", number));
        Consumer<MongoCollection<Document>> write = all -> replace(all, which, document);
        RepeatedWrite.run(chunks, wanted, write, write);
    }

    /**
     * Makes a file incomplete, if it is complete: it was committed by a process that was lost
     * before it could say so.
     *
     * @return the size of its chunks
     */
    int reopen(String id) throws IOException {
        Document file = file(id);
        Document note = note(id);
        try {
            if (file != null) {
                int size = file.get("chunkSize", Number.class).intValue();
                ofWriter(size, 0).note(id, chunkCount(file), () -> true);
                files.deleteOne(new Document("_id", id));
                return size;
            }
        } catch (MongoException e) {
            throw new IOException("GridFS could not continue " + id, e);
        }
        return note == null || note.get("chunkSize") == null
                ? chunkSize
                : note.get("chunkSize", Number.class).intValue();
    }

    /** Deletes all chunks of an incomplete file but the first ones; its note stays. */
    void deleteChunksFrom(String id, long first) throws IOException {
        try {
            deleteChunks(id, first, notedChunks(note(id)));
        } catch (MongoException e) {
            throw new IOException("GridFS could not truncate " + id, e);
        }
    }

    byte[] readChunk(String id, long n) throws IOException {
        try {
            // a download that has begun cannot be answered with an error any more
            Document document = RepeatedWrite.once(chunks).find(chunk(id, n)).first();
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
        Document which = new Document("_id", id);
        Consumer<MongoCollection<Document>> write = all -> replace(all, which, file);
        RepeatedWrite.run(files, () -> true, write, write);
        Consumer<MongoCollection<Document>> forget = all -> all.deleteOne(which);
        RepeatedWrite.run(writing, () -> true, forget, forget);
    }

    /** Deletes the first chunks of a file, and then its note. */
    void deleteChunks(String id, long count) {
        deleteChunks(id, 0, count);
        writing.deleteOne(new Document("_id", id));
    }

    private void deleteChunks(String id, long first, long count) {
        List<DeleteOneModel<Document>> deletes = new ArrayList<>();
        for (long n = first; n < count; n++) {
            deletes.add(new DeleteOneModel<>(chunk(id, n)));
            if (deletes.size() == DELETES_AT_ONCE || n == count - 1) {
                GridFsListing.maintenance(chunks)
                        .bulkWrite(deletes, new BulkWriteOptions().ordered(false));
                deletes.clear();
            }
        }
    }

    private static void replace(
            MongoCollection<Document> collection, Document which, Document document) {
        collection.replaceOne(which, document, new ReplaceOptions().upsert(true));
    }

    private static Document chunk(String id, long n) {
        return new Document("files_id", id).append("n", Math.toIntExact(n));
    }
}
