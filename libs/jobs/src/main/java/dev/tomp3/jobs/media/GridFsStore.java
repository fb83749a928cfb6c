package dev.tomp3.jobs.media;

import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
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
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Media in MongoDB, laid out as GridFS (buckets {@code videos} and {@code mp3s}), so that every
 * GridFS tool reads them. Chunks are written first and the {@code files} document last: what has
 * one is whole.
 *
 * <p>What has none is told by a third collection, {@code videos.writing}: before its first chunk,
 * and again every {@link #ANNOUNCED} chunks, a file says up to where it may be written, and a
 * deletion says so before it begins. So whatever a process leaves when it dies is found and deleted
 * without a look at every chunk there is. A process that was stopped for a while may have been
 * taken for dead and its file been deleted, with what told of it: it says so again when it goes on.
 *
 * <p>Chunks are asked for one at a time and in exactly one form, {@code {files_id, n}}, which every
 * back end answers from its index; the driver's own download fetches several megabytes more than it
 * needs for a small range.
 */
final class GridFsStore implements MediaStore {
    private static final int ANNOUNCED = 64;
    private static final int DELETES_AT_ONCE = 256;

    /** Chunks of one file that are being written. */
    static final int WRITES_OF_ONE = 4;

    /** Of all files: so much more memory than one chunk a file is taken, however many there are. */
    static final int WRITES_AT_ONCE = 8;

    /** Shorter than what a writer is given before it is taken for dead. */
    private static final Duration STOPPED = Duration.ofSeconds(5);

    private static final long HOUSEKEEPING_MINUTES = 10;

    /** A write, the first time; together with {@link #ASKED} within three seconds. */
    private static final Duration SOON = Duration.ofSeconds(2);

    /** Something small: whoever does not answer that is away. */
    private static final Duration ASKED = Duration.ofMillis(400);

    /** A write to a store that is slow. */
    private static final Duration LATE = Duration.ofSeconds(7);

    private static final Document ID = new Document("_id", 1);

    private final MongoDatabase database;
    private final int chunkSize;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Semaphore writes = new Semaphore(WRITES_AT_ONCE, true);

    GridFsStore(MongoDatabase database, int chunkSize, Clock clock, LongSupplier nanoTime) {
        this.database = database;
        this.chunkSize = chunkSize;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    @Override
    public MediaOutput create(Bucket bucket, String id) {
        return new Output(bucket, id);
    }

    @Override
    public InputStream open(Bucket bucket, String id, long offset) throws IOException {
        Document file = file(bucket, id);
        if (file == null) throw new NoSuchFileException(id);
        return new Input(
                chunks(bucket),
                id,
                file.get("length", Number.class).longValue(),
                file.get("chunkSize", Number.class).intValue(),
                offset);
    }

    @Override
    public InputStream openUnfinished(Bucket bucket, String id, long offset) throws IOException {
        Document writing;
        try {
            writing = writing(bucket).find(new Document("_id", id)).first();
        } catch (MongoException e) {
            throw new IOException("GridFS did not look for " + id, e);
        }
        Document file = writing == null ? file(bucket, id) : writing;
        if (file == null || file.get("chunkSize") == null) throw new NoSuchFileException(id);
        return new Input(
                chunks(bucket),
                id,
                Long.MAX_VALUE,
                file.get("chunkSize", Number.class).intValue(),
                offset);
    }

    @Override
    public void delete(Bucket bucket, String id) throws IOException {
        Document file = file(bucket, id);
        try {
            Document writing = writing(bucket).find(new Document("_id", id)).first();
            if (file == null && writing == null) return;
            long count = Math.max(whole(file), announced(writing));
            announce(bucket, id, count);
            files(bucket).deleteOne(new Document("_id", id));
            deleteChunks(bucket, id, count);
        } catch (MongoException e) {
            throw new IOException("GridFS did not delete " + id, e);
        }
    }

    @Override
    public void forEachId(Bucket bucket, Consumer<String> action) throws IOException {
        try {
            for (Document file : housekeeping(files(bucket)).find().projection(ID)) {
                action.accept(file.getString("_id"));
            }
            for (Document writing : housekeeping(writing(bucket)).find().projection(ID)) {
                String id = writing.getString("_id");
                if (file(bucket, id) == null) action.accept(id);
            }
        } catch (MongoException e) {
            throw new IOException("GridFS did not list its files", e);
        }
    }

    @Override
    public void check() {
        for (Bucket bucket : Bucket.values()) {
            chunks(bucket)
                    .createIndex(
                            Indexes.ascending("files_id", "n"), new IndexOptions().unique(true));
        }
    }

    @Override
    public Room room() throws IOException {
        try {
            Document stats = database.runCommand(new Document("dbStats", 1));
            double total = number(stats, "fsTotalSize");
            return new Room(total - number(stats, "fsUsedSize"), total);
        } catch (MongoException e) {
            throw new IOException("GridFS did not tell how much room it has", e);
        }
    }

    /** Not every server knows its disk. */
    private static double number(Document stats, String name) {
        return stats.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    private @Nullable Document file(Bucket bucket, String id) throws IOException {
        try {
            return files(bucket).find(new Document("_id", id)).first();
        } catch (MongoException e) {
            throw new IOException("GridFS did not look for " + id, e);
        }
    }

    private void announce(Bucket bucket, String id, long count) {
        Consumer<MongoCollection<Document>> write =
                all ->
                        all.updateOne(
                                new Document("_id", id),
                                Updates.combine(
                                        Updates.max("chunks", count),
                                        Updates.set("chunkSize", chunkSize)),
                                new UpdateOptions().upsert(true));
        patiently(writing(bucket), write, write);
    }

    /**
     * A store that is slow is not away: as long as it answers something small, what took it too
     * long is tried again, and given more time.
     *
     * @param again does nothing where the first has come, although its answer did not
     */
    private void patiently(
            MongoCollection<Document> collection,
            Consumer<MongoCollection<Document>> write,
            Consumer<MongoCollection<Document>> again) {
        try {
            write.accept(collection.withTimeout(SOON.toMillis(), TimeUnit.MILLISECONDS));
        } catch (MongoTimeoutException e) {
            try {
                Document _ =
                        database.withTimeout(ASKED.toMillis(), TimeUnit.MILLISECONDS)
                                .runCommand(new Document("ping", 1));
            } catch (MongoException away) {
                throw e;
            }
            again.accept(collection.withTimeout(LATE.toMillis(), TimeUnit.MILLISECONDS));
        }
    }

    private static void replace(MongoCollection<Document> collection, Document document) {
        collection.replaceOne(
                new Document("_id", document.get("_id")),
                document,
                new ReplaceOptions().upsert(true));
    }

    private static long announced(@Nullable Document writing) {
        return writing == null ? 0 : writing.get("chunks", Number.class).longValue();
    }

    private static long whole(@Nullable Document file) {
        if (file == null) return 0;
        long size = file.get("chunkSize", Number.class).longValue();
        return (file.get("length", Number.class).longValue() + size - 1) / size;
    }

    private void deleteChunks(Bucket bucket, String id, long count) {
        List<DeleteOneModel<Document>> deletes = new ArrayList<>();
        for (long n = 0; n < count; n++) {
            deletes.add(new DeleteOneModel<>(chunk(id, n)));
            if (deletes.size() == DELETES_AT_ONCE || n == count - 1) {
                housekeeping(chunks(bucket))
                        .bulkWrite(deletes, new BulkWriteOptions().ordered(false));
                deletes.clear();
            }
        }
        writing(bucket).deleteOne(new Document("_id", id));
    }

    private MongoCollection<Document> files(Bucket bucket) {
        return database.getCollection(bucket.name().toLowerCase(Locale.ROOT) + ".files");
    }

    private MongoCollection<Document> chunks(Bucket bucket) {
        return database.getCollection(bucket.name().toLowerCase(Locale.ROOT) + ".chunks");
    }

    private MongoCollection<Document> writing(Bucket bucket) {
        return database.getCollection(bucket.name().toLowerCase(Locale.ROOT) + ".writing");
    }

    /** What nobody waits for may take longer than a request. */
    private static MongoCollection<Document> housekeeping(MongoCollection<Document> collection) {
        return collection.withTimeout(HOUSEKEEPING_MINUTES, TimeUnit.MINUTES);
    }

    private static Document chunk(String id, long n) {
        return new Document("files_id", id).append("n", Math.toIntExact(n));
    }

    /**
     * Several chunks are on their way at once, each in a thread of its own, so that the next is
     * taken in while the store writes. What went wrong with one is told by the next call.
     *
     * <p>When {@link #close()} or {@link #flush()} returns, none is on its way any more: what is
     * deleted then stays deleted.
     */
    private final class Output extends MediaOutput {
        private final Bucket bucket;
        private final String id;
        private final Deque<Future<?>> underWay = new ArrayDeque<>();
        private byte[] chunk = new byte[0];
        private int filled;
        private int written;
        private int announced;
        private volatile long moved = nanoTime.getAsLong();
        private volatile boolean failed;
        private boolean committed;

        Output(Bucket bucket, String id) {
            this.bucket = bucket;
            this.id = id;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (failed) flush(); // whoever sends slowly is told now, not with the next chunk
            while (length > 0) {
                if (filled == 0) chunk = new byte[chunkSize];
                int part = Math.min(length, chunkSize - filled);
                System.arraycopy(bytes, offset, chunk, filled, part);
                filled += part;
                offset += part;
                length -= part;
                if (filled == chunkSize) store(new Binary(chunk));
            }
        }

        @Override
        public void flush() throws IOException {
            while (!underWay.isEmpty()) awaitFirst();
        }

        @Override
        public void commit() throws IOException {
            long length = (long) written * chunkSize + filled;
            if (filled > 0) store(new Binary(Arrays.copyOf(chunk, filled)));
            flush();
            try {
                Document file =
                        new Document("_id", id)
                                .append("length", length)
                                .append("chunkSize", chunkSize)
                                .append("uploadDate", Date.from(clock.instant()))
                                .append("filename", id);
                Consumer<MongoCollection<Document>> write = all -> replace(all, file);
                patiently(files(bucket), write, write);
                writing(bucket).deleteOne(new Document("_id", id));
            } catch (MongoException e) {
                failed = true;
                throw new IOException("GridFS did not store " + id, e);
            }
            committed = true;
        }

        @Override
        public void close() throws IOException {
            // a server that has just failed would be waited for; the sweep deletes what it has
            if (committed || failed) return;
            boolean interrupted = Thread.interrupted();
            try {
                interrupted |= endWrites();
                if (!failed) deleteChunks(bucket, id, written);
            } catch (MongoException e) {
                throw new IOException("GridFS did not delete " + id, e);
            } finally {
                if (interrupted) Thread.currentThread().interrupt();
            }
        }

        private void store(Binary data) throws IOException {
            if (underWay.size() == WRITES_OF_ONE) awaitFirst();
            try {
                if (written == announced) {
                    announced += ANNOUNCED;
                    announce(bucket, id, announced);
                }
                writes.acquire();
            } catch (MongoException e) {
                failed = !(e instanceof MongoInterruptedException);
                throw failure(e);
            } catch (InterruptedException e) {
                throw interrupted(id);
            }
            Document document = chunk(id, written).append("_id", new ObjectId());
            document.append("data", data);
            int most = announced;
            long before = moved;
            underWay.add(begin(() -> insert(document, most, before)));
            written++;
            filled = 0;
        }

        private Boolean insert(Document chunk, int most, long before) {
            try {
                patiently(chunks(bucket), all -> all.insertOne(chunk), all -> replace(all, chunk));
                long now = nanoTime.getAsLong();
                // after another's failure the file may have been deleted, too
                if (failed || now - before > STOPPED.toNanos()) announce(bucket, id, most);
                moved = now;
                return true;
            } catch (RuntimeException e) {
                failed = true;
                throw e;
            } finally {
                writes.release();
            }
        }

        private void awaitFirst() throws IOException {
            try {
                underWay.element().get();
                underWay.remove();
            } catch (InterruptedException e) {
                throw interrupted(id);
            } catch (ExecutionException e) {
                throw failure(e.getCause());
            }
        }

        /** Returns whether the thread was interrupted meanwhile. */
        private boolean endWrites() {
            boolean interrupted = false;
            while (!failed && !underWay.isEmpty()) {
                try {
                    underWay.element().get();
                    underWay.remove();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    failed = true;
                }
            }
            return interrupted;
        }

        private IOException failure(@Nullable Throwable cause) {
            return new IOException("GridFS did not store " + id, cause);
        }
    }

    private static <T> Future<T> begin(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.startVirtualThread(task);
        return task;
    }

    private static IOException interrupted(String id) {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("Interrupted at " + id);
    }

    /** Whoever reads on from one chunk to the next has the one after that fetched meanwhile. */
    private static final class Input extends InputStream {
        private final MongoCollection<Document> chunks;
        private final String id;
        private final long length;
        private final int chunkSize;
        private long position;
        private byte[] chunk = new byte[0];
        private long chunkNumber = -1;
        private @Nullable Future<byte[]> ahead;
        private long aheadNumber = -1;

        Input(
                MongoCollection<Document> chunks,
                String id,
                long length,
                int chunkSize,
                long offset) {
            this.chunks = chunks;
            this.id = id;
            this.length = length;
            this.chunkSize = chunkSize;
            this.position = offset;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) == -1 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int wanted) throws IOException {
            if (wanted == 0) return 0;
            if (position >= length) return -1;
            if (position / chunkSize != chunkNumber) load(position / chunkSize);
            if (chunkNumber < 0) return -1;
            int from = (int) (position % chunkSize);
            int part = Math.min(wanted, chunk.length - from);
            if (part <= 0 && !finished()) return -1;
            if (part <= 0) throw new IOException("GridFS has lost a part of " + id);
            System.arraycopy(chunk, from, bytes, offset, part);
            position += part;
            return part;
        }

        @Override
        public long skip(long bytes) {
            long skipped = Math.clamp(bytes, 0, length - position);
            position += skipped;
            return skipped;
        }

        private boolean finished() {
            return length < Long.MAX_VALUE;
        }

        private void load(long n) throws IOException {
            boolean readsOn = n == chunkNumber + 1 && n > 0;
            chunkNumber = -1;
            try {
                chunk = n == aheadNumber && ahead != null ? await(ahead) : fetch(n);
                chunkNumber = n;
            } catch (NoSuchFileException e) {
                if (finished()) throw e;
                return; // it may come
            } finally {
                ahead = null;
            }
            if (readsOn && finished() && (n + 1) * chunkSize < length) {
                aheadNumber = n + 1;
                ahead = begin(() -> fetch(n + 1));
            }
        }

        private byte[] fetch(long n) throws IOException {
            try {
                Document document = chunks.find(chunk(id, n)).first();
                if (document == null) throw new NoSuchFileException(id);
                return document.get("data", Binary.class).getData();
            } catch (MongoException e) {
                throw new IOException("GridFS did not read " + id, e);
            }
        }

        private byte[] await(Future<byte[]> ahead) throws IOException {
            try {
                return ahead.get();
            } catch (InterruptedException e) {
                throw interrupted(id);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof NoSuchFileException) throw new NoSuchFileException(id);
                throw new IOException("GridFS did not read " + id, e.getCause());
            }
        }
    }
}
