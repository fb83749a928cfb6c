package dev.tomp3.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedMongoTest {
    private static final String PASSWORD = "pass word/@:%ü";

    private EmbeddedMongo mongo;
    private MongoClient client;
    private MongoDatabase database;
    private MongoCollection<Document> jobs;

    @BeforeEach
    void start() {
        use(() -> EmbeddedMongo.start(null, 0, "tomp3", PASSWORD));
    }

    @AfterEach
    void stop() {
        client.close();
        mongo.close();
    }

    @Test
    void rejects_a_wrong_password_and_an_unknown_user() {
        for (String login : List.of("tomp3:wrong", "root:secret")) {
            assertThatThrownBy(() -> ping(login + "@", "?authSource=admin"))
                    .as(login)
                    .isInstanceOf(MongoSecurityException.class);
        }
    }

    @Test
    void answers_while_the_documents_of_the_answer_are_changed() throws Exception {
        for (int id = 0; id < 200; id++) jobs.insertOne(new Document("_id", id));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> changes =
                    threads.submit(() -> {
                        for (int n = 0; n < 300; n++) {
                            jobs.updateMany(new Document(), Updates.set("field" + n % 20, n));
                            jobs.updateMany(new Document(), Updates.unset("field" + (n + 9) % 20));
                        }
                    });
            MongoCollection<Document> patient = jobs.withTimeout(5, TimeUnit.SECONDS);
            while (!changes.isDone()) {
                assertThat(patient.find().into(new ArrayList<>())).hasSize(200);
            }
            changes.get();
        }
    }

    @Test
    void rejects_every_command_of_an_unauthenticated_client() {
        try (MongoClient intruder = connect("", "")) {
            MongoDatabase tomp3 = intruder.getDatabase("tomp3");
            List<Callable<?>> attempts =
                    List.of(
                            () -> tomp3.getCollection("jobs").find().first(),
                            () -> tomp3.getCollection("jobs").insertOne(new Document()),
                            () -> tomp3.getCollection("jobs").countDocuments(),
                            () -> tomp3.runCommand(new Document("dropDatabase", 1)),
                            () ->
                                    tomp3.runCommand(
                                            new Document("getMore", 1L)
                                                    .append("collection", "jobs")),
                            () -> tomp3.runCommand(new Document("serverStatus", 1)),
                            () -> intruder.listDatabaseNames().first());
            for (Callable<?> attempt : attempts) {
                assertThatThrownBy(attempt::call)
                        .isInstanceOfSatisfying(
                                MongoCommandException.class,
                                e -> assertThat(e.getErrorCode()).isEqualTo(13));
            }
        }
    }

    @Test
    void rejects_a_proof_without_a_challenge_and_other_mechanisms() {
        try (MongoClient intruder = connect("", "")) {
            MongoDatabase admin = intruder.getDatabase("admin");
            List<Document> attempts =
                    List.of(
                            new Document("saslContinue", 1)
                                    .append("conversationId", 1)
                                    .append(
                                            "payload",
                                            "c=biws,r=x,p=eA==".getBytes(StandardCharsets.UTF_8)),
                            new Document("saslStart", 1)
                                    .append("mechanism", "PLAIN")
                                    .append(
                                            "payload",
                                            "\0tomp3\0x".getBytes(StandardCharsets.UTF_8)),
                            new Document("saslStart", 1)
                                    .append("mechanism", "SCRAM-SHA-256")
                                    .append("payload", "nonsense".getBytes(StandardCharsets.UTF_8)),
                            new Document("saslStart", 1)
                                    .append("mechanism", "SCRAM-SHA-256")
                                    .append("payload", "text"));
            for (Document attempt : attempts) {
                assertThatThrownBy(() -> admin.runCommand(attempt))
                        .isInstanceOfSatisfying(
                                MongoCommandException.class,
                                e -> assertThat(e.getErrorCode()).isEqualTo(18));
            }
        }
    }

    @Test
    void listens_on_loopback_only() throws Exception {
        List<InetAddress> others =
                NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .filter(address -> !address.isLoopbackAddress())
                        .toList();
        for (InetAddress address : others) {
            try (Socket socket = new Socket()) {
                InetSocketAddress target = new InetSocketAddress(address, mongo.port());
                assertThatThrownBy(() -> socket.connect(target, 500))
                        .isInstanceOf(java.io.IOException.class);
            }
        }
    }

    @Test
    void answers_hello_as_a_primary() {
        assertThat(database.runCommand(new Document("hello", 1)))
                .containsEntry("isWritablePrimary", true);
    }

    @Test
    void a_unique_sparse_index_rejects_a_duplicate_key_and_ignores_documents_without_one() {
        jobs.createIndex(
                Indexes.ascending("idempotency"), new IndexOptions().unique(true).sparse(true));
        jobs.insertOne(new Document("idempotency", "a"));
        jobs.insertOne(new Document("status", "queued"));
        jobs.insertOne(new Document("status", "queued"));
        assertThatThrownBy(() -> jobs.insertOne(new Document("idempotency", "a")))
                .isInstanceOfSatisfying(
                        MongoWriteException.class,
                        e -> assertThat(e.getError().getCode()).isEqualTo(11000));
        assertThat(jobs.countDocuments()).isEqualTo(3);
    }

    @Test
    void concurrent_claims_take_each_job_once() throws Exception {
        List<Document> queued = new ArrayList<>();
        for (int turn = 0; turn < 100; turn++) {
            queued.add(new Document("status", "queued").append("startTag", 99 - turn));
        }
        jobs.insertMany(queued);
        assertThat(claim()).containsEntry("startTag", 0).containsEntry("status", "converting");
        List<Integer> claimed = new ArrayList<>();
        Callable<List<Integer>> worker =
                () -> {
                    List<Integer> mine = new ArrayList<>();
                    for (Document job = claim(); job != null; job = claim()) {
                        mine.add(job.getInteger("startTag"));
                    }
                    return mine;
                };
        try (ExecutorService workers = Executors.newFixedThreadPool(4)) {
            for (Future<List<Integer>> done : workers.invokeAll(Collections.nCopies(4, worker))) {
                claimed.addAll(done.get());
            }
        }
        assertThat(claimed).doesNotHaveDuplicates().hasSize(99);
    }

    @Test
    void documents_and_indexes_survive_a_restart(@TempDir Path directory) {
        Path file = directory.resolve("mongo.mv");
        use(() -> EmbeddedMongo.start(file, 0, "tomp3", PASSWORD));
        jobs.createIndex(Indexes.ascending("key"), new IndexOptions().unique(true).sparse(true));
        jobs.insertOne(new Document("key", "a"));
        use(() -> EmbeddedMongo.start(file, 0, "tomp3", PASSWORD));
        assertThat(jobs.countDocuments(Filters.eq("key", "a"))).isEqualTo(1);
        assertThatThrownBy(() -> jobs.insertOne(new Document("key", "a")))
                .isInstanceOf(MongoException.class);
    }

    /** Compares an indexed collection with one without indexes. */
    @Test
    void an_index_finds_all_documents_after_changes_and_a_restart(@TempDir Path directory) {
        Path file = directory.resolve("mongo.mv");
        use(() -> EmbeddedMongo.start(file, 0, "tomp3", PASSWORD));
        jobs.createIndex(Indexes.ascending("status", "startTag"));
        jobs.createIndex(Indexes.ascending("source.stored"));
        jobs.createIndex(Indexes.ascending("due", "status"));
        Random random = new Random(7);
        for (int i = 0; i < 400; i++) {
            change(random.nextLong());
            if (i == 200) {
                use(() -> EmbeddedMongo.start(file, 0, "tomp3", PASSWORD));
                jobs.createIndex(Indexes.ascending("status", "startTag"));
            }
            if (i % 20 == 0) assertFindsTheSame();
        }
        assertFindsTheSame();
    }

    private void change(long seed) {
        for (MongoCollection<Document> each : List.of(jobs, database.getCollection("plain"))) {
            Random random = new Random(seed);
            Document one = new Document("_id", random.nextInt(60));
            String status = List.of("queued", "converting", "done").get(random.nextInt(3));
            boolean stored = random.nextBoolean();
            Instant due = Instant.ofEpochMilli(random.nextInt(10));
            switch (random.nextInt(9)) {
                case 0 -> each.deleteOne(one);
                case 1 -> each.updateOne(one, Updates.set("status", status));
                case 2 -> each.updateOne(one, Updates.unset("status"));
                case 3 ->
                        each.updateMany(
                                Filters.eq("status", status), Updates.set("source.stored", stored));
                case 4 ->
                        each.findOneAndUpdate(
                                Filters.eq("status", status),
                                Updates.set("status", "converting"),
                                new FindOneAndUpdateOptions()
                                        .sort(Sorts.ascending("startTag", "_id")));
                case 5 -> each.updateOne(one, Updates.set("due", due));
                case 6 -> each.updateOne(one, Updates.unset("due"));
                case 7 ->
                        each.findOneAndUpdate(
                                together(Filters.lte("due", due), Filters.ne("status", status)),
                                Updates.set("due", Instant.ofEpochMilli(random.nextInt(20))),
                                new FindOneAndUpdateOptions().sort(Sorts.ascending("due", "_id")));
                default ->
                        each.replaceOne(
                                one,
                                new Document("status", status)
                                        .append("due", stored ? due : status)
                                        .append("startTag", random.nextInt(10))
                                        .append("source", new Document("stored", stored)),
                                new ReplaceOptions().upsert(true));
            }
        }
    }

    private void assertFindsTheSame() {
        for (Bson query :
                List.of(
                        Filters.eq("status", "queued"),
                        Filters.in("status", "converting", "done"),
                        together(Filters.eq("status", "done"), Filters.gt("startTag", 4)),
                        together(
                                Filters.eq("status", "queued"),
                                Filters.eq("source.stored", true),
                                Filters.nin("startTag", 1, 2, 3)),
                        Filters.eq("source.stored", false),
                        Filters.ne("status", "done"),
                        Filters.exists("status", false),
                        Filters.eq("status", null),
                        Filters.lte("due", Instant.ofEpochMilli(4)),
                        Filters.lt("due", Instant.ofEpochMilli(4)),
                        Filters.gt("due", Instant.ofEpochMilli(4)),
                        together(
                                Filters.gte("due", Instant.ofEpochMilli(2)),
                                Filters.lt("due", Instant.ofEpochMilli(7))),
                        together(
                                Filters.gt("due", Instant.ofEpochMilli(7)),
                                Filters.lt("due", Instant.ofEpochMilli(2))),
                        Filters.eq("due", Instant.ofEpochMilli(4)),
                        Filters.lte("due", "done"),
                        Filters.exists("due", false),
                        together(Filters.eq("_id", 7), Filters.eq("status", "done")),
                        together(Filters.in("_id", 3, 7, 99), Filters.gt("startTag", 4)),
                        together(Filters.gt("_id", 30), Filters.eq("status", "done")))) {
            assertThat(all(jobs, query)).isEqualTo(all(database.getCollection("plain"), query));
            assertThat(jobs.countDocuments(query)).isEqualTo(all(jobs, query).size());
        }
    }

    /** Filters.and makes a query for $and, which no index answers. */
    private static Bson together(Bson... conditions) {
        BsonDocument query = new BsonDocument();
        for (Bson condition : conditions) {
            condition
                    .toBsonDocument()
                    .forEach((key, value) -> {
                        if (query.containsKey(key))
                            query.getDocument(key).putAll(value.asDocument());
                        else query.put(key, value);
                    });
        }
        return query;
    }

    private static List<Document> all(MongoCollection<Document> collection, Bson query) {
        return collection.find(query).sort(Sorts.ascending("_id")).into(new ArrayList<>());
    }

    @Test
    void an_acknowledged_write_survives_a_sigkill(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("mongo.mv");
        List<String> acknowledged = KilledJvm.run(KilledMongo.class, file, 500);
        use(() -> EmbeddedMongo.start(file, 0, "tomp3", PASSWORD));
        List<String> found =
                jobs.find(Filters.eq("status", "converting"))
                        .map(job -> job.getString("name"))
                        .into(new ArrayList<>());
        assertThat(found).containsAll(acknowledged);
    }

    /** Inserts and updates, and prints each name once both are acknowledged. */
    static final class KilledMongo {
        public static void main(String[] args) {
            EmbeddedMongoTest test = new EmbeddedMongoTest();
            test.use(() -> EmbeddedMongo.start(Path.of(args[0]), 0, "tomp3", PASSWORD));
            for (int i = 0; ; i++) {
                test.jobs.insertOne(new Document("name", "job " + i).append("status", "queued"));
                test.claim();
                System.out.println("job " + i);
            }
        }
    }

    private Document claim() {
        return jobs.findOneAndUpdate(
                Filters.eq("status", "queued"),
                Updates.set("status", "converting"),
                new FindOneAndUpdateOptions()
                        .sort(Sorts.ascending("startTag"))
                        .returnDocument(ReturnDocument.AFTER));
    }

    private void use(Supplier<EmbeddedMongo> started) {
        if (mongo != null) {
            stop();
        }
        mongo = started.get();
        client = MongoClients.create(mongo.uri("tomp3"));
        database = client.getDatabase("tomp3");
        jobs = database.getCollection("jobs");
    }

    private void ping(String login, String options) {
        try (MongoClient other = connect(login, options)) {
            other.getDatabase("tomp3").getCollection("jobs").countDocuments();
        }
    }

    private MongoClient connect(String login, String options) {
        return MongoClients.create(
                "mongodb://" + login + "127.0.0.1:" + mongo.port() + "/" + options);
    }
}
