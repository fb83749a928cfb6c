package dev.tomp3.bench;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bson.Document;
import org.bson.types.ObjectId;

/**
 * The cost of a job while many others wait. For each job that is done another is uploaded, so that
 * the number of waiting jobs stays the same. Also measures how long a single video of another user
 * takes meanwhile.
 */
final class Backlog {
    private static final String TITLE = "Clips of 30 s, while others wait";
    private static final List<String> HEAD =
            List.of(
                    "waiting",
                    "jobs",
                    "CPU of the services a job, ms",
                    "CPU of ffmpeg, ms",
                    "jobs a minute",
                    "another user's, s",
                    "memory, MB");
    private static final Pattern DONE =
            Pattern.compile(
                    "^converter_jobs_total\\{[^}]*result=\"success\"[^}]*} (\\S+)",
                    Pattern.MULTILINE);
    private static final int ROUNDS = 4;
    private static final int OTHERS = 5;
    private static final int UPLOADS_AT_ONCE = 4;

    /** Long, because each request for metrics makes the system count the waiting jobs. */
    private static final int POLL_INTERVAL_MS = 500;

    private final Report report;
    private final SystemUnderTest tomp3;
    private final User user;
    private final User another;
    private final Path clip;
    private final int jobs;

    /**
     * @param jobs the number of jobs to measure in each round
     */
    Backlog(Report report, SystemUnderTest tomp3, User user, Path clip, int jobs)
            throws IOException {
        this.report = report;
        this.tomp3 = tomp3;
        this.user = user;
        this.another = user.create("another@example.org", "another password");
        this.clip = clip;
        this.jobs = jobs;
    }

    /** CPU seconds of one job. */
    private record Cost(double services, double ffmpeg, double jobsAMinute) {}

    private record Costs(Spread services, Spread ffmpeg) {}

    /** Compares an empty queue with a number of waiting jobs, which are uploaded. */
    void measure(int waiting) throws IOException, InterruptedException {
        Costs empty = cost(0);
        upload(waiting);
        compare(empty, cost(waiting), waiting);
    }

    /** The same with jobs that are inserted into the store: uploading them would take hours. */
    void measure(int waiting, SeparateProcesses separate) throws IOException, InterruptedException {
        Costs empty = cost(0);
        String seed = user.trip(clip, Duration.ofMillis(20)).job();
        insert(separate, seed, waiting);
        compare(empty, cost(waiting), waiting);
    }

    /**
     * Uses the same CPU time of ffmpeg for both: the clip is the same, so any difference is due to
     * the machine.
     */
    private void compare(Costs empty, Costs full, int waiting) {
        double ffmpeg = empty.ffmpeg.median();
        report.atMost(
                "CPU a job with %,d waiting against none".formatted(waiting),
                1.1,
                (full.services.median() + ffmpeg) / (empty.services.median() + ffmpeg),
                " x");
    }

    private Costs cost(int waiting) throws IOException, InterruptedException {
        List<Cost> costs = new ArrayList<>();
        List<Double> others = new ArrayList<>();
        String memory;
        try (Watch watch = new Watch(tomp3)) {
            // the first round is a warm-up
            for (int i = 0; i <= ROUNDS; i++) {
                Cost cost = round();
                if (i > 0) costs.add(cost);
            }
            for (int i = 0; i < OTHERS; i++) {
                User.Trip trip = another.trip(clip, Duration.ofMillis(20));
                others.add(trip.wall());
                another.delete(trip.job());
            }
            memory = watch.memory().toString();
        }
        Costs all =
                new Costs(
                        Spread.of(costs.stream().map(cost -> 1e3 * cost.services).toList()),
                        Spread.of(costs.stream().map(cost -> 1e3 * cost.ffmpeg).toList()));
        report.row(
                TITLE,
                HEAD,
                List.of(
                        Integer.toString(waiting),
                        costs.size() + " x " + jobs,
                        all.services.toString(),
                        all.ffmpeg.toString(),
                        Spread.of(costs.stream().map(Cost::jobsAMinute).toList()).toString(),
                        Spread.of(others).toString(),
                        memory));
        report.raw("backlog", Map.of("waiting", waiting, "rounds", costs, "another_user", others));
        return all;
    }

    private Cost round() throws IOException, InterruptedException {
        long before = done();
        upload(2 * Runtime.getRuntime().availableProcessors());
        Usage used = tomp3.usage();
        double store = tomp3.storeCpu();
        long start = System.nanoTime();
        int replaced = 0;
        long done;
        while ((done = done() - before) < jobs) {
            if (replaced < done) {
                upload((int) (done - replaced));
                replaced = (int) done;
            }
            Thread.sleep(POLL_INTERVAL_MS);
        }
        double seconds = User.since(start);
        Usage use = tomp3.usage().since(used);
        double services = use.cpu() - use.children() + tomp3.storeCpu() - store;
        return new Cost(services / done, use.children() / done, done * 60 / seconds);
    }

    private void upload(int count) throws IOException, InterruptedException {
        Queue<IOException> errors = new ConcurrentLinkedQueue<>();
        AtomicInteger left = new AtomicInteger(count);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Math.min(UPLOADS_AT_ONCE, count); i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                while (left.getAndDecrement() > 0) {
                                    try {
                                        String _ = user.upload(clip);
                                    } catch (IOException e) {
                                        errors.add(e);
                                    }
                                }
                            }));
        }
        for (Thread thread : threads) thread.join();
        if (!errors.isEmpty()) throw new IOException("an upload failed", errors.peek());
    }

    /** The number of jobs converted since the converters started. */
    private long done() throws IOException {
        double done = 0;
        for (URI converter : tomp3.converters()) {
            try (Connection connection = new Connection(converter)) {
                connection.send(
                        "GET /metrics HTTP/1.1\r\nHost: %s\r\n\r\n"
                                .formatted(converter.getAuthority()));
                Matcher matcher = DONE.matcher(connection.answer(true).body());
                if (!matcher.find()) throw new IOException(converter + " does not count its jobs");
                done += Double.parseDouble(matcher.group(1));
            }
        }
        return (long) done;
    }

    /** Inserts queued copies of a job; those that will be converted have a video. */
    private void insert(SeparateProcesses separate, String seed, int count) throws IOException {
        Path video = video(separate.media, seed);
        try (MongoClient client = MongoClients.create(separate.servers.mongo.uri())) {
            MongoCollection<Document> all =
                    client.getDatabase(separate.servers.mongo.database()).getCollection("jobs");
            Document job = all.find(new Document("_id", new ObjectId(seed))).first();
            if (job == null) throw new IOException("no job " + seed);
            for (String field :
                    List.of(
                            "lease",
                            "result",
                            "failure",
                            "notification",
                            "startedAt",
                            "finishedAt")) job.remove(field);
            job.append("status", "QUEUED")
                    .append("progress", 0)
                    .append("attempt", 0)
                    .append("due", Date.from(Instant.EPOCH));
            int withVideos = Math.min(count, 2 * (ROUNDS + 2) * jobs);
            List<Document> batch = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ObjectId id = new ObjectId();
                if (i < withVideos) {
                    String name = id.toHexString();
                    Path shard = separate.media.resolve("videos").resolve(name.substring(22));
                    Files.createDirectories(shard);
                    Files.createLink(shard.resolve(name), video);
                }
                batch.add(new Document(job).append("_id", id));
                if (batch.size() == 1000 || i == count - 1) {
                    all.insertMany(batch);
                    batch.clear();
                }
            }
        }
    }

    private static Path video(Path media, String job) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(
                media.resolve("videos"),
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (file.endsWith(job)) found.add(file);
                        return FileVisitResult.CONTINUE;
                    }
                });
        if (found.isEmpty()) throw new IOException("no video of job " + job);
        return found.getFirst();
    }
}
