package dev.tomp3.jobs.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.gridfs.GridFSBucket;
import com.mongodb.client.gridfs.GridFSBuckets;
import com.mongodb.client.gridfs.model.GridFSFile;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import com.mongodb.event.CommandSucceededEvent;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.servers.MongoProxy;
import dev.tomp3.servers.TestMongo;
import dev.tomp3.servers.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("back-end")
class GridFsStoreTest extends MediaStoreTest {
    @TempDir private static Path directory;
    private static TestMongo mongo;
    private static MongoClient client;
    private static MongoDatabase database;

    @BeforeAll
    static void start() {
        mongo = TestMongo.empty(directory.resolve("mongo"));
        client = MongoClients.create(mongo.uri());
        database = client.getDatabase(mongo.database());
    }

    @AfterAll
    static void stop() {
        client.close();
        mongo.close();
    }

    private final AtomicLong nanos = new AtomicLong();

    @BeforeEach
    void empty() {
        for (String name :
                List.of(
                        "videos.files",
                        "videos.chunks",
                        "videos.writing",
                        "mp3s.files",
                        "mp3s.chunks",
                        "mp3s.writing")) database.getCollection(name).deleteMany(new Document());
    }

    @Override
    MediaStore store() {
        return new GridFsStore(
                database, CHUNK, HeapBudget.unlimited(), Clock.systemUTC(), nanos::get);
    }

    private static MediaStore storeIn(MongoDatabase database) {
        return new GridFsStore(
                database, CHUNK, HeapBudget.unlimited(), Clock.systemUTC(), System::nanoTime);
    }

    @Override
    MediaStore bigStore() {
        return new GridFsStore(
                database, 255 << 10, HeapBudget.unlimited(), Clock.systemUTC(), System::nanoTime);
    }

    @Override
    long pieces(Bucket bucket) {
        return database.getCollection(bucket.name().toLowerCase(Locale.ROOT) + ".chunks")
                .countDocuments();
    }

    @Test
    void a_late_chunk_of_an_earlier_writer_replaces_none_of_a_later_one() throws IOException {
        MediaStore store = store();
        byte[] bytes = new byte[CHUNK + 10];
        Arrays.fill(bytes, (byte) 2);
        try (MediaOutput late = store.append(Bucket.VIDEOS, "late", 0, 1);
                MediaOutput out = store.append(Bucket.VIDEOS, "late", 0, 2)) {
            late.write(new byte[CHUNK / 2]);
            out.write(bytes);
            out.suspend();
            assertThatThrownBy(late::suspend).isInstanceOf(IOException.class);
            out.commit();
        }
        try (InputStream in = store.open(Bucket.VIDEOS, "late", 0)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void reports_the_disk_space_that_the_server_knows() throws IOException {
        MediaStore.DiskSpace disk = store().diskSpace();
        Object total = database.runCommand(new Document("dbStats", 1)).get("fsTotalSize");
        assertThat(disk.total()).isEqualTo(total == null ? Double.NaN : total);
        if (total == null) assertThat(disk.free()).isNaN();
        else assertThat(disk.free()).isBetween(0.0, disk.total());
    }

    @Test
    void counts_space_that_the_server_can_reuse_while_it_has_room_for_its_journal() {
        Document chunks = new Document("freeStorageSize", 5L << 30);
        assertThat(GridFsStore.diskSpace(disk(10L << 30, 8L << 30), chunks).free())
                .isEqualTo(7L << 30);
        assertThat(GridFsStore.diskSpace(disk(10L << 30, (10L << 30) - 1000), chunks).free())
                .isEqualTo(1000);
        assertThat(GridFsStore.diskSpace(disk(10L << 30, 8L << 30), new Document()).free())
                .isEqualTo(2L << 30);
        assertThat(GridFsStore.diskSpace(new Document(), chunks).free()).isNaN();
    }

    private static Document disk(long total, long used) {
        return new Document("fsTotalSize", (double) total).append("fsUsedSize", used);
    }

    @Test
    void can_be_read_by_every_gridfs_tool() throws IOException {
        byte[] bytes = "a video".repeat(1000).getBytes(StandardCharsets.UTF_8);
        try (MediaOutput out = store().create(Bucket.VIDEOS, "652f1b2c3d4e5f6071829304")) {
            out.write(bytes);
            out.commit();
        }
        GridFSBucket tool = GridFSBuckets.create(database, "videos");
        BsonString id = new BsonString("652f1b2c3d4e5f6071829304");
        GridFSFile file = tool.find(new Document("_id", id)).first();
        assertThat(file).isNotNull();
        assertThat(file.getLength()).isEqualTo(bytes.length);
        assertThat(file.getChunkSize()).isEqualTo(CHUNK);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        tool.downloadToStream(id, read);
        assertThat(read.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void fails_to_read_a_file_with_a_missing_chunk() throws IOException {
        String id = "652f1b2c3d4e5f6071829304";
        try (MediaOutput out = store().create(Bucket.VIDEOS, id)) {
            out.write(new byte[3500]);
            out.commit();
        }
        database.getCollection("videos.chunks")
                .deleteOne(new Document("files_id", id).append("n", 2));
        try (InputStream in = store().open(Bucket.VIDEOS, id, 0)) {
            assertThat(in.readNBytes(2000)).hasSize(2000);
            assertThatThrownBy(in::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void deletes_every_chunk_of_a_long_incomplete_file() throws IOException {
        String id = "652f1b2c3d4e5f6071829304";
        MediaOutput abandoned = store().create(Bucket.VIDEOS, id);
        abandoned.write(new byte[200 * CHUNK]);
        abandoned.flush();
        assertThat(pieces(Bucket.VIDEOS)).isEqualTo(200);
        // by another process
        store().delete(Bucket.VIDEOS, id);
        assertThat(pieces(Bucket.VIDEOS)).isZero();
        assertThat(database.getCollection("videos.writing").countDocuments()).isZero();
    }

    @Test
    void lists_its_files_in_pages_and_leaves_out_those_of_other_tools() throws IOException {
        GridFSBucket tool = GridFSBuckets.create(database, "videos");
        ObjectId other = tool.uploadFromStream("holiday", new ByteArrayInputStream(new byte[10]));
        List<Document> many = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 2500; i++) {
            ids.add("%024x".formatted(i));
            many.add(new Document("_id", ids.getLast()).append("chunks", 1L));
        }
        database.getCollection("videos.writing").insertMany(many);
        // deleting what was listed leaves out nothing
        List<String> found = new ArrayList<>();
        store().forEachId(
                        Bucket.VIDEOS,
                        id -> {
                            found.add(id);
                            database.getCollection("videos.writing")
                                    .deleteOne(new Document("_id", id));
                        });
        assertThat(found).isEqualTo(ids);
        assertThat(tool.find(new Document("_id", other)).first()).isNotNull();
    }

    /** Its process was suspended, taken for lost, resumed, and was killed. */
    @Test
    void chunks_written_after_their_file_was_deleted_are_found() throws IOException {
        String id = "652f1b2c3d4e5f6071829304";
        MediaOutput zombie = store().create(Bucket.VIDEOS, id);
        zombie.write(new byte[3 * CHUNK]);
        zombie.flush();
        store().delete(Bucket.VIDEOS, id);
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        zombie.write(new byte[2 * CHUNK]);
        zombie.flush();
        List<String> found = new ArrayList<>();
        store().forEachId(Bucket.VIDEOS, found::add);
        assertThat(found).containsExactly(id);
        store().delete(Bucket.VIDEOS, id);
        assertThat(pieces(Bucket.VIDEOS)).isZero();
    }

    /** As the thread of an attempt is when it has lost its job. */
    @Test
    void an_interrupted_writer_leaves_nothing_though_its_file_was_deleted() throws IOException {
        String id = "652f1b2c3d4e5f6071829304";
        MediaOutput zombie = store().create(Bucket.VIDEOS, id);
        zombie.write(new byte[3 * CHUNK]);
        zombie.flush();
        store().delete(Bucket.VIDEOS, id);
        zombie.write(new byte[2 * CHUNK]);
        Thread.currentThread().interrupt();
        try (zombie) {
            assertThatThrownBy(() -> zombie.write(new byte[2 * CHUNK]))
                    .isInstanceOf(IOException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(pieces(Bucket.VIDEOS)).isZero();
    }

    /** The server carried out a write late, when the file was deleted and its writer had died. */
    @Test
    void chunks_of_which_nothing_else_is_known_are_found() throws IOException {
        MediaOutput running = store().create(Bucket.VIDEOS, "652f1b2c3d4e5f6071829301");
        running.write(new byte[3 * CHUNK]);
        running.flush();
        try (MediaOutput complete = store().create(Bucket.VIDEOS, "652f1b2c3d4e5f6071829302")) {
            complete.write(new byte[3 * CHUNK]);
            complete.commit();
        }
        GridFSBucket tool = GridFSBuckets.create(database, "videos");
        tool.uploadFromStream("holiday", new ByteArrayInputStream(new byte[10]));
        List<String> strays = new ArrayList<>();
        List<Document> late = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            strays.add("%024x".formatted(i));
            late.add(
                    new Document("files_id", strays.getLast())
                            .append("n", i % 3)
                            .append("data", new Binary(new byte[10])));
        }
        database.getCollection("videos.chunks").insertMany(late);
        List<String> found = new ArrayList<>();
        store().forEachStray(Bucket.VIDEOS, found::add);
        assertThat(found).containsExactlyInAnyOrderElementsOf(strays);
        for (String stray : found) store().delete(Bucket.VIDEOS, stray);
        assertThat(pieces(Bucket.VIDEOS)).isEqualTo(3 + 3 + 1);
        assertThat(database.getCollection("videos.writing").countDocuments()).isEqualTo(1);
        running.close();
    }

    @Test
    void an_interrupted_deletion_is_found_and_finished() throws IOException {
        String id = "652f1b2c3d4e5f6071829304";
        try (MediaOutput out = store().create(Bucket.VIDEOS, id)) {
            out.write(new byte[10 * CHUNK]);
            out.commit();
        }
        assertThat(database.getCollection("videos.writing").countDocuments()).isZero();
        // as in the middle of a deletion
        database.getCollection("videos.writing")
                .insertOne(new Document("_id", id).append("chunks", 10L));
        database.getCollection("videos.files").deleteOne(new Document("_id", id));
        database.getCollection("videos.chunks")
                .deleteOne(new Document("files_id", id).append("n", 0));
        List<String> found = new ArrayList<>();
        store().forEachId(Bucket.VIDEOS, found::add);
        assertThat(found).containsExactly(id);
        store().delete(Bucket.VIDEOS, id);
        assertThat(pieces(Bucket.VIDEOS)).isZero();
    }

    @Test
    void a_limited_number_of_chunks_is_written_at_the_same_time() throws Exception {
        try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
                Watched watched = new Watched()) {
            watched.hold(ALL);
            List<Future<?>> written = new ArrayList<>();
            for (String id : List.of("file-a", "file-b", "file-c"))
                written.add(
                        writers.submit(() -> {
                            try (MediaOutput out = watched.store.create(Bucket.VIDEOS, id)) {
                                out.write(new byte[10 * CHUNK]);
                                out.commit();
                            }
                            return id;
                        }));
            await().during(Duration.ofMillis(300))
                    .until(() -> watched.runningInserts.get() == GridFsStore.MAX_WRITES);
            watched.release();
            for (Future<?> each : written) each.get();
        }
        assertThat(pieces(Bucket.VIDEOS)).isEqualTo(30);
        try (Watched watched = new Watched()) {
            watched.hold(ALL);
            Thread writer =
                    Thread.startVirtualThread(() -> {
                        try (MediaOutput out = watched.store.create(Bucket.VIDEOS, "file-d")) {
                            out.write(new byte[10 * CHUNK]);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            await().during(Duration.ofMillis(300))
                    .until(() -> watched.runningInserts.get() == GridFsWriter.MAX_WRITES);
            watched.release();
            writer.join();
        }
        assertThat(pieces(Bucket.VIDEOS)).isEqualTo(30);
    }

    @Test
    void nothing_is_written_after_a_file_was_closed() throws Exception {
        try (Watched watched = new Watched()) {
            MediaOutput out = watched.store.create(Bucket.VIDEOS, "file-a");
            watched.hold(ALL);
            out.write(new byte[3 * CHUNK]);
            CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS).execute(watched::release);
            out.close();
            await().until(() -> watched.inserts.get() == 3 && watched.runningInserts.get() == 0);
        }
        assertThat(pieces(Bucket.VIDEOS)).isZero();
        assertThat(database.getCollection("videos.writing").countDocuments()).isZero();
    }

    @Test
    void reports_a_chunk_that_was_not_written_though_others_were() throws Exception {
        database.getCollection("videos.chunks")
                .insertOne(new Document("files_id", "file-a").append("n", 1));
        MediaOutput out = store().create(Bucket.VIDEOS, "file-a");
        // the third chunk may already wait for the second
        assertThatThrownBy(
                        () -> {
                            out.write(new byte[3 * CHUNK]);
                            out.commit();
                        })
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> out.write(new byte[9 * CHUNK])).isInstanceOf(IOException.class);
        out.close();
        assertThat(database.getCollection("videos.files").countDocuments()).isZero();
        List<String> found = new ArrayList<>();
        store().forEachId(Bucket.VIDEOS, found::add);
        assertThat(found).containsExactly("file-a");
    }

    /** Of two running writes one failed; the writer gave up, and the file was deleted. */
    @Test
    void a_chunk_written_after_a_failure_is_found() throws Exception {
        database.getCollection("videos.chunks")
                .insertOne(new Document("files_id", "file-a").append("n", 0));
        try (Watched watched = new Watched()) {
            MediaOutput out = watched.store.create(Bucket.VIDEOS, "file-a");
            watched.hold(1);
            out.write(new byte[2 * CHUNK]);
            assertThatThrownBy(out::commit).isInstanceOf(IOException.class);
            out.close();
            watched.store.delete(Bucket.VIDEOS, "file-a");
            assertThat(pieces(Bucket.VIDEOS)).isZero();
            watched.release();
            await().untilAsserted(() -> {
                List<String> found = new ArrayList<>();
                store().forEachId(Bucket.VIDEOS, found::add);
                assertThat(found).containsExactly("file-a");
            });
            assertThat(pieces(Bucket.VIDEOS)).isEqualTo(1);
        }
        store().delete(Bucket.VIDEOS, "file-a");
        assertThat(pieces(Bucket.VIDEOS)).isZero();
    }

    @Test
    void prefetches_for_a_sequential_reader_and_not_for_a_small_range() throws Exception {
        try (MediaOutput out = store().create(Bucket.VIDEOS, "file-a")) {
            out.write(new byte[10 * CHUNK]);
            out.commit();
        }
        try (Watched watched = new Watched();
                InputStream in = watched.store.open(Bucket.VIDEOS, "file-a", 0)) {
            assertThat(in.readNBytes(CHUNK)).hasSize(CHUNK);
            assertThat(watched.chunksRead.get()).isEqualTo(1);
            assertThat(in.read()).isZero();
            await().during(Duration.ofMillis(100)).until(() -> watched.chunksRead.get() == 3);
            assertThat(in.readAllBytes()).hasSize(9 * CHUNK - 1);
            assertThat(watched.chunksRead.get()).isEqualTo(10);
        }
    }

    @Test
    void a_chunk_whose_answer_was_lost_is_stored_once() throws IOException {
        byte[] all = bytes(3 * CHUNK + 10);
        List<BsonDocument> repeated = new CopyOnWriteArrayList<>();
        CommandListener listener =
                new CommandListener() {
                    @Override
                    public void commandStarted(CommandStartedEvent event) {
                        BsonDocument command = event.getCommand();
                        if (command.get("update", BsonNull.VALUE)
                                .equals(new BsonString("videos.chunks")))
                            repeated.add(command.clone());
                    }
                };
        try (MongoProxy proxy = mongo.proxy();
                MongoClient through =
                        MongoClients.create(
                                MongoClientSettings.builder()
                                        .applyConnectionString(
                                                new ConnectionString(mongo.uri(proxy)))
                                        .addCommandListener(listener)
                                        .build())) {
            MediaStore lossy = storeIn(through.getDatabase(mongo.database()));
            proxy.treat(
                    new MongoProxy.Treatment.Cut(),
                    2,
                    command -> command.getFirstKey().equals("insert"));
            write(lossy, all);
            assertThat(proxy.treated()).isEqualTo(2);
        }
        assertThat(repeated)
                .isNotEmpty()
                .allSatisfy(command ->
                        assertThat(
                                        command.getArray("updates")
                                                .get(0)
                                                .asDocument()
                                                .getDocument("q")
                                                .keySet())
                                .as("the shard key")
                                .containsExactly("files_id", "n"));
        assertThat(pieces(Bucket.VIDEOS)).isEqualTo(4);
        assertThat(written()).isEqualTo(all);
    }

    @Test
    void a_file_is_stored_although_the_store_is_away_for_a_while() throws IOException {
        byte[] all = bytes(3 * CHUNK + 10);
        try (Wire wire = mongo.wire();
                MongoClient far = MongoClients.create(mongo.uri(wire))) {
            MongoDatabase there =
                    far.getDatabase(mongo.database()).withTimeout(1, TimeUnit.SECONDS);
            MediaStore away = storeIn(there);
            try (MediaOutput out = away.create(Bucket.VIDEOS, "file-a")) {
                out.write(all, 0, CHUNK);
                out.flush();
                wire.cut();
                CompletableFuture.delayedExecutor(4, TimeUnit.SECONDS).execute(() -> mend(wire));
                out.write(all, CHUNK, all.length - CHUNK);
                out.commit();
            }
        }
        assertThat(written()).isEqualTo(all);
    }

    /** The driver does not say then that a connection broke, but that a login failed. */
    @Test
    void a_file_is_stored_although_the_logins_of_connections_break_off() throws IOException {
        byte[] all = bytes(CHUNK + 10);
        try (MongoProxy proxy = mongo.proxy();
                MongoClient through = MongoClients.create(mongo.uri(proxy))) {
            MediaStore lossy = storeIn(through.getDatabase(mongo.database()));
            proxy.treat(
                    new MongoProxy.Treatment.Cut(),
                    2,
                    command -> command.getFirstKey().equals("saslContinue"));
            write(lossy, all);
        }
        assertThat(written()).isEqualTo(all);
    }

    /** A download that has begun cannot be answered with an error any more. */
    @Test
    void a_download_waits_longer_for_a_chunk_than_a_request_waits_for_an_answer()
            throws IOException {
        byte[] all = bytes(2 * CHUNK + 10);
        write(store(), all);
        try (MongoProxy proxy = mongo.proxy();
                MongoClient through = MongoClients.create(mongo.uri(proxy))) {
            MediaStore slow =
                    storeIn(through.getDatabase(mongo.database()).withTimeout(1, TimeUnit.SECONDS));
            try (InputStream in = slow.open(Bucket.VIDEOS, "file-a", 0)) {
                proxy.treat(
                        new MongoProxy.Treatment.Delayed(Duration.ofSeconds(3)),
                        1,
                        command ->
                                command.get("find", BsonNull.VALUE)
                                        .equals(new BsonString("videos.chunks")));
                assertThat(in.readAllBytes()).isEqualTo(all);
            }
            assertThat(proxy.treated()).isEqualTo(1);
        }
    }

    private static void write(MediaStore store, byte[] all) throws IOException {
        try (MediaOutput out = store.create(Bucket.VIDEOS, "file-a")) {
            out.write(all);
            out.commit();
        }
    }

    private byte[] written() throws IOException {
        try (InputStream in = store().open(Bucket.VIDEOS, "file-a", 0)) {
            return in.readAllBytes();
        }
    }

    private static void mend(Wire wire) {
        try {
            wire.mend();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void files_of_other_tools_stop_nothing() throws IOException {
        GridFSBucket tool = GridFSBuckets.create(database, "videos");
        ObjectId other = tool.uploadFromStream("other.mp4", InputStream.nullInputStream());
        database.getCollection("videos.writing").insertOne(new Document("_id", 7));
        try (MediaOutput out = store().create(Bucket.VIDEOS, "file-a")) {
            out.write(1);
            out.commit();
        }
        List<String> found = new ArrayList<>();
        store().forEachId(Bucket.VIDEOS, found::add);
        assertThat(found).containsExactly("file-a");
        tool.delete(other);
    }

    @Test
    void has_the_indexes_that_gridfs_specifies() {
        assertThat(database.getCollection("videos.files").listIndexes())
                .extracting(index -> index.getString("name"))
                .contains("filename_1_uploadDate_1");
        assertThat(database.getCollection("videos.chunks").listIndexes())
                .anySatisfy(index -> {
                    assertThat(index.getString("name")).isEqualTo("files_id_1_n_1");
                    assertThat(index.getBoolean("unique")).isTrue();
                });
    }

    private static final int ALL = -1;

    /** A store whose commands are counted, and whose chunk writes can be held. */
    private static final class Watched implements CommandListener, AutoCloseable {
        final AtomicInteger inserts = new AtomicInteger();
        final AtomicInteger runningInserts = new AtomicInteger();
        final AtomicInteger chunksRead = new AtomicInteger();
        private final CountDownLatch holding = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private volatile @Nullable Predicate<BsonDocument> held;
        private final MongoClient watchedClient =
                MongoClients.create(
                        MongoClientSettings.builder()
                                .applyConnectionString(new ConnectionString(mongo.uri()))
                                .addCommandListener(this)
                                .build());
        final MediaStore store =
                new GridFsStore(
                        watchedClient.getDatabase(mongo.database()),
                        CHUNK,
                        HeapBudget.unlimited(),
                        Clock.systemUTC(),
                        () -> 0);

        /** Holds the write of a chunk, or of all; the others begin when a chunk is held. */
        void hold(int n) {
            held = chunk -> n == ALL || chunk.getInt32("n").getValue() == n;
        }

        void release() {
            released.countDown();
        }

        @Override
        public void commandStarted(CommandStartedEvent event) {
            BsonDocument command = event.getCommand();
            if (event.getCommandName().equals("find")
                    && command.getString("find").getValue().endsWith(".chunks"))
                chunksRead.incrementAndGet();
            if (!event.getCommandName().equals("insert")) return;
            inserts.incrementAndGet();
            runningInserts.incrementAndGet();
            BsonDocument chunk = command.getArray("documents").get(0).asDocument();
            Predicate<BsonDocument> hold = held;
            if (hold == null) return;
            try {
                if (hold.test(chunk)) {
                    holding.countDown();
                    released.await();
                } else {
                    holding.await();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void commandSucceeded(CommandSucceededEvent event) {
            if (event.getCommandName().equals("insert")) runningInserts.decrementAndGet();
        }

        @Override
        public void close() {
            release();
            watchedClient.close();
        }
    }

    @Test
    void takes_memory_only_for_the_bytes_that_came_and_gives_it_back() throws IOException {
        HeapBudget heap = new HeapBudget(10 << 20, Duration.ofMillis(10));
        MediaStore store =
                new GridFsStore(database, 1 << 20, heap, Clock.systemUTC(), System::nanoTime);
        List<MediaOutput> slow = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            slow.add(store.create(Bucket.VIDEOS, "slow" + i));
            slow.getLast().write(bytes(2048));
        }
        assertThat(heap.available()).isGreaterThan(8 << 20);
        // no room for everybody's whole chunk: those that come last fail, and nobody hangs
        int failed = 0;
        for (MediaOutput out : slow) {
            try {
                out.write(bytes(500_000));
            } catch (IOException e) {
                failed++;
            }
        }
        assertThat(failed).isBetween(80, 99);
        for (MediaOutput out : slow) out.close();
        assertThat(heap.available()).isEqualTo(10 << 20);
        byte[] all = bytes(3_500_000);
        try (MediaOutput out = store.create(Bucket.VIDEOS, "whole")) {
            out.write(all);
            out.commit();
        }
        assertThat(heap.available()).isEqualTo(10 << 20);
        try (InputStream in = store.open(Bucket.VIDEOS, "whole", 0)) {
            assertThat(in.readAllBytes()).isEqualTo(all);
            assertThat(heap.available()).isLessThan(10 << 20);
        }
        assertThat(heap.available()).isEqualTo(10 << 20);
    }

    @Test
    void a_reader_waits_for_memory_and_reads_nothing_ahead_under_pressure() throws IOException {
        byte[] all = bytes(400_000);
        try (MediaOutput out = bigStore().create(Bucket.VIDEOS, "big")) {
            out.write(all);
            out.commit();
        }
        HeapBudget heap = new HeapBudget(300 << 10, Duration.ofMillis(10));
        MediaStore store =
                new GridFsStore(database, 255 << 10, heap, Clock.systemUTC(), System::nanoTime);
        try (InputStream in = store.open(Bucket.VIDEOS, "big", 0)) {
            assertThat(in.readAllBytes()).isEqualTo(all);
            try (InputStream other = store.open(Bucket.VIDEOS, "big", 0)) {
                assertThatThrownBy(other::read).isInstanceOf(IOException.class);
            }
        }
        try (InputStream other = store.open(Bucket.VIDEOS, "big", 0)) {
            assertThat(other.readAllBytes()).isEqualTo(all);
        }
    }

    @Test
    void a_slow_store_is_not_taken_for_unreachable() throws IOException {
        byte[] all = bytes(5 << 20);
        try (Wire wire = mongo.wire();
                MongoClient far = MongoClients.create(mongo.uri(wire))) {
            MongoDatabase there = far.getDatabase(mongo.database());
            Document _ = there.runCommand(new Document("ping", 1));
            MediaStore slow =
                    new GridFsStore(
                            there,
                            4 << 20,
                            HeapBudget.unlimited(),
                            Clock.systemUTC(),
                            System::nanoTime);
            // a chunk takes three seconds
            wire.slow(Duration.ofMillis(50));
            try (MediaOutput out = slow.create(Bucket.VIDEOS, "slow")) {
                out.write(all);
                out.commit();
            }
        }
        try (InputStream in = store().open(Bucket.VIDEOS, "slow", 0)) {
            assertThat(in.readAllBytes()).isEqualTo(all);
        }
    }
}
