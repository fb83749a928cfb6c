package dev.tomp3.contract.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.gridfs.GridFSBucket;
import com.mongodb.client.gridfs.GridFSBuckets;
import com.mongodb.client.gridfs.model.GridFSFile;
import dev.tomp3.contract.media.MediaStore.Bucket;
import dev.tomp3.servers.TestMongo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.bson.BsonString;
import org.bson.Document;
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
        return new GridFsStore(database, CHUNK, Clock.systemUTC(), nanos::get);
    }

    @Override
    MediaStore bigStore() {
        return new GridFsStore(database, 255 << 10, Clock.systemUTC(), System::nanoTime);
    }

    @Override
    long pieces(Bucket bucket) {
        return database.getCollection(bucket.name().toLowerCase(Locale.ROOT) + ".chunks")
                .countDocuments();
    }

    @Test
    void asks_the_server_for_room_and_does_not_guess() throws IOException {
        MediaStore.Room room = store().room();
        Object total = database.runCommand(new Document("dbStats", 1)).get("fsTotalSize");
        assertThat(room.total()).isEqualTo(total == null ? Double.NaN : total);
        if (total == null) assertThat(room.free()).isNaN();
        else assertThat(room.free()).isBetween(0.0, room.total());
    }

    @Test
    void is_read_by_every_tool_that_knows_gridfs() throws IOException {
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
    void does_not_pass_off_a_file_with_a_hole_as_whole() throws IOException {
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
    void deletes_every_chunk_of_a_long_file_that_was_never_finished() throws IOException {
        String id = "652f1b2c3d4e5f6071829304";
        MediaOutput abandoned = store().create(Bucket.VIDEOS, id);
        abandoned.write(new byte[200 * CHUNK]);
        assertThat(pieces(Bucket.VIDEOS)).isEqualTo(200);
        // by another process, which knows no more than the store does
        store().delete(Bucket.VIDEOS, id);
        assertThat(pieces(Bucket.VIDEOS)).isZero();
        assertThat(database.getCollection("videos.writing").countDocuments()).isZero();
    }

    /** Its process was stopped, taken for dead, went on, and was killed. */
    @Test
    void what_is_written_on_to_a_file_that_was_deleted_is_found() throws IOException {
        String id = "652f1b2c3d4e5f6071829304";
        MediaOutput zombie = store().create(Bucket.VIDEOS, id);
        zombie.write(new byte[3 * CHUNK]);
        store().delete(Bucket.VIDEOS, id);
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        zombie.write(new byte[2 * CHUNK]);
        List<String> found = new ArrayList<>();
        store().forEachId(Bucket.VIDEOS, found::add);
        assertThat(found).containsExactly(id);
        store().delete(Bucket.VIDEOS, id);
        assertThat(pieces(Bucket.VIDEOS)).isZero();
    }

    /** As the thread of an attempt is when its job is no longer its own. */
    @Test
    void a_writer_that_is_interrupted_leaves_nothing_though_its_file_was_deleted()
            throws IOException {
        String id = "652f1b2c3d4e5f6071829304";
        MediaOutput zombie = store().create(Bucket.VIDEOS, id);
        zombie.write(new byte[3 * CHUNK]);
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

    @Test
    void a_deletion_that_broke_off_is_found_and_ended() throws IOException {
        String id = "652f1b2c3d4e5f6071829304";
        try (MediaOutput out = store().create(Bucket.VIDEOS, id)) {
            out.write(new byte[10 * CHUNK]);
            out.commit();
        }
        assertThat(database.getCollection("videos.writing").countDocuments()).isZero();
        // as it stands in the middle of a deletion
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
}
