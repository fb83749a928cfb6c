package dev.tomp3.jobs.media;

import com.mongodb.MongoException;
import com.mongodb.client.MongoDatabase;
import dev.tomp3.platform.Dependency.UnusableException;
import dev.tomp3.platform.NanoClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.bson.Document;

/**
 * Media in MongoDB, stored as GridFS in the buckets {@code videos} and {@code mp3s}, so that every
 * GridFS tool can read them. {@link GridFsWriter} and {@link GridFsReader} stream the files; {@link
 * GridFsBucket} tells how incomplete files are found and deleted.
 */
final class GridFsStore implements MediaStore {
    /** Chunks of all files that are written at the same time. */
    static final int MAX_WRITES = 8;

    /** What the server's journal and its checkpoints may need on the file system. */
    private static final double JOURNAL = 500 << 20;

    private final MongoDatabase database;
    private final Map<Bucket, GridFsBucket> buckets = new EnumMap<>(Bucket.class);
    private final Clock clock;
    private final NanoClock nanoClock;
    private final HeapBudget heap;
    private final Semaphore permits = new Semaphore(MAX_WRITES, true);

    GridFsStore(
            MongoDatabase database,
            int chunkSize,
            HeapBudget heap,
            Clock clock,
            NanoClock nanoClock) {
        this.heap = heap;
        this.database = database;
        this.clock = clock;
        this.nanoClock = nanoClock;
        for (Bucket bucket : Bucket.values())
            buckets.put(bucket, new GridFsBucket(database, bucket, chunkSize));
    }

    @Override
    public MediaOutput create(Bucket bucket, String id) {
        return new GridFsWriter(in(bucket), id, permits, heap, clock, nanoClock);
    }

    @Override
    public MediaOutput append(Bucket bucket, String id, long offset, long writer)
            throws IOException {
        int chunkSize = in(bucket).reopen(id);
        GridFsWriter output =
                new GridFsWriter(
                        in(bucket).ofWriter(chunkSize, writer),
                        id,
                        permits,
                        heap,
                        clock,
                        nanoClock);
        output.continueAt(offset);
        return output;
    }

    @Override
    public void truncate(Bucket bucket, String id, long offset) throws IOException {
        int chunkSize = in(bucket).reopen(id);
        in(bucket).deleteChunksFrom(id, (offset + chunkSize - 1) / chunkSize);
    }

    @Override
    public InputStream open(Bucket bucket, String id, long offset) throws IOException {
        Document file = in(bucket).file(id);
        if (file == null) throw new NoSuchFileException(id);
        return GridFsReader.complete(
                in(bucket),
                id,
                file.get("length", Number.class).longValue(),
                file.get("chunkSize", Number.class).intValue(),
                heap,
                offset);
    }

    @Override
    public InputStream openInProgress(Bucket bucket, String id, long offset) throws IOException {
        Document note = in(bucket).note(id);
        Document file = note == null ? in(bucket).file(id) : note;
        if (file == null || file.get("chunkSize") == null) throw new NoSuchFileException(id);
        int chunkSize = file.get("chunkSize", Number.class).intValue();
        return GridFsReader.inProgress(in(bucket), id, chunkSize, heap, offset);
    }

    @Override
    public void delete(Bucket bucket, String id) throws IOException {
        in(bucket).delete(id);
    }

    @Override
    public void forEachId(Bucket bucket, Consumer<String> action) throws IOException {
        in(bucket).listing().forEachId(action);
    }

    @Override
    public void forEachStray(Bucket bucket, Consumer<String> action) throws IOException {
        in(bucket).listing().forEachStray(action);
    }

    @Override
    public void prepare() throws UnusableException {
        for (GridFsBucket bucket : buckets.values()) bucket.createIndexes();
    }

    @Override
    public DiskSpace diskSpace() throws IOException {
        try {
            return diskSpace(
                    database.runCommand(new Document("dbStats", 1)),
                    database.runCommand(new Document("collStats", "videos.chunks")));
        } catch (MongoException e) {
            throw new IOException("GridFS could not tell its disk space", e);
        }
    }

    /**
     * MongoDB does not give the space of deleted chunks back to the file system. It writes new
     * chunks there, so that this space counts as free; but the server ends itself, despite the
     * space that it can reuse, when the file system has no room for its journal.
     */
    static DiskSpace diskSpace(Document dbStats, Document chunkStats) {
        double total = number(dbStats, "fsTotalSize");
        double free = total - number(dbStats, "fsUsedSize");
        double reusable = number(chunkStats, "freeStorageSize");
        if (free >= JOURNAL && reusable > 0) free += reusable;
        return new DiskSpace(free, total);
    }

    /** NaN for a server that does not know its disk. */
    private static double number(Document stats, String name) {
        return stats.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    private GridFsBucket in(Bucket bucket) {
        return Objects.requireNonNull(buckets.get(bucket));
    }
}
