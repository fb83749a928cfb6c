package dev.tomp3.bench;

import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.IndexOptions;
import dev.tomp3.embedded.EmbeddedMongo;
import dev.tomp3.processes.Servers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.ObjectId;

/**
 * A separate program with the JVM options of {@code ./run}. It writes a file to GridFS and reads it
 * back chunk by chunk, and prints how many CPU seconds driver and store used. The store is
 * embedded, unless {@code TEST_MONGODB_URI} names a MongoDB, whose CPU time is added if it reports
 * it.
 */
final class StoreCost {
    private static final int EMBEDDED_CHUNK = 255 * 1024;
    private static final int CHUNK = 1024 * 1024;
    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx384m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Dlogback.configurationFile=bench-logback.xml");

    private StoreCost() {}

    /** Runs the program and returns the CPU seconds. */
    static double of(Path video, Path directory) throws IOException, InterruptedException {
        Path store = directory.resolve("store-cost.mv");
        Path out = directory.resolve("store-cost.log");
        List<String> command =
                Servers.java(
                        JVM_OPTIONS,
                        List.of(System.getProperty("java.class.path")),
                        StoreCost.class.getName());
        command.addAll(List.of(video.toString(), store.toString()));
        Process process =
                ChildProcesses.add(
                        new ProcessBuilder(command)
                                .redirectErrorStream(true)
                                .redirectOutput(out.toFile())
                                .start());
        try {
            int status = process.waitFor();
            List<String> lines = Files.readAllLines(out);
            if (status != 0 || lines.isEmpty())
                throw new IOException("the cost of GridFS could not be measured: see " + out);
            return Double.parseDouble(lines.getLast());
        } finally {
            ChildProcesses.end(process);
            Files.deleteIfExists(store);
        }
    }

    public static void main(String[] args) throws IOException {
        Path video = Path.of(args[0]);
        String named = Objects.requireNonNullElse(System.getenv("TEST_MONGODB_URI"), "");
        if (!named.isEmpty()) {
            System.out.println(cost(named, video, CHUNK));
            return;
        }
        try (EmbeddedMongo store = EmbeddedMongo.start(Path.of(args[1]), 0, "bench", "bench")) {
            System.out.println(cost(store.uri("bench"), video, EMBEDDED_CHUNK));
        }
    }

    private static double cost(String uri, Path video, int chunk) throws IOException {
        try (MongoClient client = MongoClients.create(uri)) {
            MongoDatabase database = client.getDatabase("tomp3-bench-" + new ObjectId());
            try {
                MongoCollection<Document> chunks = database.getCollection("cost.chunks");
                chunks.createIndex(
                        new Document("files_id", 1).append("n", 1),
                        new IndexOptions().unique(true));
                double store = storeCpu(database);
                double before = Usage.of(ProcessHandle.current().pid()).cpu();
                int count = write(chunks, video, chunk);
                read(chunks, count);
                return Usage.of(ProcessHandle.current().pid()).cpu()
                        - before
                        + storeCpu(database)
                        - store;
            } finally {
                database.drop();
            }
        }
    }

    private static int write(MongoCollection<Document> chunks, Path video, int size)
            throws IOException {
        byte[] bytes = new byte[size];
        int count = 0;
        try (InputStream in = Files.newInputStream(video)) {
            for (int read; (read = in.readNBytes(bytes, 0, size)) > 0; count++) {
                byte[] data = read == size ? bytes : Arrays.copyOf(bytes, read);
                chunks.insertOne(
                        new Document("files_id", "cost")
                                .append("n", count)
                                .append("data", new Binary(data)));
            }
        }
        return count;
    }

    private static void read(MongoCollection<Document> chunks, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            if (chunks.find(new Document("files_id", "cost").append("n", i)).first() == null)
                throw new IOException("a chunk is missing");
        }
    }

    /**
     * CPU seconds used so far by the MongoDB at {@code TEST_MONGODB_URI}; 0 if it does not report
     * them.
     */
    static double storeCpu(MongoDatabase database) {
        if (Objects.requireNonNullElse(System.getenv("TEST_MONGODB_URI"), "").isEmpty()) return 0;
        Document extra;
        try {
            extra =
                    database.runCommand(new Document("serverStatus", 1))
                            .get("extra_info", new Document());
        } catch (MongoCommandException e) {
            return 0; // not allowed to ask
        }
        Number user = extra.get("user_time_us", Number.class);
        Number system = extra.get("system_time_us", Number.class);
        return user == null || system == null
                ? 0
                : (user.doubleValue() + system.doubleValue()) / 1e6;
    }
}
