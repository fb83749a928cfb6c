package dev.tomp3.bench;

import com.mongodb.client.MongoCollection;
import dev.tomp3.converter.ConverterService;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Sweeper;
import dev.tomp3.jobs.UploadConfiguration;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.platform.Dependency;
import dev.tomp3.processes.CommandLine;
import dev.tomp3.processes.UsageError;
import dev.tomp3.servers.TestBroker;
import dev.tomp3.servers.TestMongo;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.DeclarableCustomizer;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * What the queries of the job's life cost while many jobs of many owners wait, on the MongoDB and
 * the RabbitMQ that {@code TEST_BACK_ENDS}, {@code TEST_MONGODB_IMAGE} and the like choose. No file
 * is converted. Run it in a JVM with the heap of a service, so that its end shows what exceeds it.
 */
final class StoreBacklog {
    private static final int OWNERS = 1000;
    private static final int WORKERS = 16;
    private static final int BATCH = 1000;
    private static final int CALLS = 30;
    private static final Duration CLAIMING = Duration.ofSeconds(20);
    private static final Duration SWEEPING = Duration.ofSeconds(15);

    private final Jobs jobs;
    private final IncomingUploads uploads;
    private final ClaimQueue queue;
    private final Attempts attempts;
    private final Sweeper sweeper;
    private final RabbitTemplate rabbit;
    private final MongoTemplate mongo;

    /** Starts neither the listener nor the sweeper of the service. */
    private static final class NothingRuns implements LifecycleProcessor {
        @Override
        public void onRefresh() {}

        @Override
        public void onClose() {}

        @Override
        public void start() {}

        @Override
        public void stop() {}

        @Override
        public boolean isRunning() {
            return false;
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private StoreBacklog(ConfigurableApplicationContext service) {
        jobs = service.getBean(Jobs.class);
        uploads = service.getBean(IncomingUploads.class);
        queue = service.getBean(ClaimQueue.class);
        attempts = service.getBean(Attempts.class);
        sweeper = service.getBean(Sweeper.class);
        rabbit = service.getBean(RabbitTemplate.class);
        mongo = service.getBean(MongoTemplate.class);
    }

    /**
     * Prints a table.
     *
     * @param args the number of waiting jobs, 100,000 by default
     */
    public static void main(String[] args) throws Exception {
        int waiting = 100_000;
        try {
            CommandLine line = new CommandLine(List.of(args));
            while (line.hasNext()) {
                String option = line.next();
                if (!option.equals("--waiting")) throw CommandLine.unknown(option);
                waiting = Math.toIntExact(line.number(option, 1));
            }
        } catch (UsageError e) {
            System.err.println("bench: " + e.getMessage() + "; see ./bench --help");
            System.exit(2);
            return;
        }
        try (TestBroker broker = TestBroker.empty();
                TestMongo store = TestMongo.empty();
                ConfigurableApplicationContext service = start(broker, store)) {
            for (Dependency dependency : service.getBeansOfType(Dependency.class).values())
                if (!dependency.name().equals("media")) dependency.initialize();
            new StoreBacklog(service).measure(waiting);
        }
        System.exit(0);
    }

    /** A converter that begins nothing by itself. */
    static ConfigurableApplicationContext start(TestBroker broker, TestMongo store) {
        List<String> arguments = new ArrayList<>(broker.settings());
        arguments.add("--MONGODB_URI=" + store.uri());
        return new SpringApplicationBuilder(ConverterService.class, UploadConfiguration.class)
                .web(WebApplicationType.NONE)
                .lazyInitialization(true)
                .bannerMode(Banner.Mode.OFF)
                .initializers((GenericApplicationContext beans) -> {
                    beans.registerBean(DeclarableCustomizer.class, broker::declarables);
                    beans.registerBean(
                            AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME,
                            LifecycleProcessor.class,
                            NothingRuns::new);
                })
                .run(arguments.toArray(String[]::new));
    }

    private void measure(int waiting) throws Exception {
        System.out.println(
                "| what | first, ms | median, ms | p95, ms |\n| --- | --- | --- | --- |");
        time("a job's life, none waiting", this::life);
        insert(waiting);
        String others = "%,d waiting".formatted(waiting);
        time("a job's life, " + others, this::life);
        List<Job> claimed = new ArrayList<>();
        time("claim, " + others, () -> claimed.add(queue.claim("bench").orElseThrow()));
        for (Job job : claimed) attempts.release(job, Duration.ZERO);
        time("usage of an owner, " + others, () -> jobs.usage("owner-7"));
        time("list of an owner, " + others, () -> jobs.list("owner-7", null, 50));
        time("load, " + others, jobs::load);
        time("republish without messages, " + others, sweeper::republish);
        time("reclaim, " + others, sweeper::reclaimLeases);
        claim();
        publish(waiting);
        sweep();
        explain("claim", claimable(), new Document("startTag", 1).append("_id", 1), 1);
        explain(
                "list of an owner",
                new Document("owner._id", "owner-7"),
                new Document("_id", -1),
                50);
    }

    /** What the stores do for the upload of one job, and for the conversion of the first one. */
    private void life() {
        Job.Owner owner = new Job.Owner(UUID.randomUUID().toString(), "somebody@example.org", true);
        Job upload = uploads.begin(owner, "a.mp4", Options.NONE, 1000);
        Jobs.Usage _ = jobs.usage(owner.id());
        Job _ = uploads.accept(upload, 1000, null).orElseThrow();
        Job claimed = queue.claim("bench").orElseThrow();
        attempts.heartbeat(claimed, 50);
        attempts.succeed(claimed, new Job.Result(1000, 1000, List.of()));
        boolean _ = queue.needsWakeUp(owner.id());
    }

    private void time(String what, Call call) throws Exception {
        double[] took = new double[CALLS];
        double first = millis(call);
        for (int i = 0; i < CALLS; i++) took[i] = millis(call);
        Arrays.sort(took);
        System.out.printf(
                Locale.ROOT,
                "| %s | %.1f | %.1f | %.1f |%n",
                what,
                first,
                took[CALLS / 2],
                took[CALLS * 95 / 100]);
    }

    private static double millis(Call call) throws Exception {
        long start = System.nanoTime();
        call.run();
        return (System.nanoTime() - start) / 1e6;
    }

    /** Queued copies of a job, with the start tags that a fair queue gives. */
    private void insert(int count) {
        Job.Owner owner = new Job.Owner("owner", "owner@example.org", true);
        Job seed = uploads.begin(owner, "a.mp4", Options.NONE, 1000);
        Job _ = uploads.accept(seed, 1000, null).orElseThrow();
        MongoCollection<Document> all =
                mongo.getCollection("jobs").withTimeout(10, TimeUnit.MINUTES);
        Document job = all.find(new Document("_id", new ObjectId(seed.id()))).first();
        if (job == null) throw new IllegalStateException("the job is gone");
        all.deleteOne(new Document("_id", job.get("_id")));
        long tag = job.get("startTag", Number.class).longValue();
        List<Document> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Document of = new Document("_id", "owner-" + i % OWNERS);
            of.append("email", "owner@example.org").append("mail", true);
            batch.add(
                    new Document(job)
                            .append("_id", new ObjectId())
                            .append("owner", of)
                            .append("startTag", tag + i / OWNERS));
            if (batch.size() == BATCH || i == count - 1) {
                all.insertMany(batch);
                batch.clear();
            }
        }
    }

    private void claim() throws InterruptedException {
        AtomicLong claims = new AtomicLong();
        AtomicLong failures = new AtomicLong();
        long end = System.nanoTime() + CLAIMING.toNanos();
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            String name = "worker-" + i;
            workers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                while (System.nanoTime() < end) {
                                    try {
                                        Job job = queue.claim(name).orElseThrow();
                                        claims.incrementAndGet();
                                        attempts.fail(job, new Failure(Failure.Code.CORRUPT));
                                    } catch (RuntimeException e) {
                                        failures.incrementAndGet();
                                    }
                                }
                            }));
        }
        for (Thread worker : workers) worker.join();
        System.out.printf(
                Locale.ROOT,
                "%n%d workers: %.1f claims a second, %d exceptions%n",
                WORKERS,
                claims.get() / (double) CLAIMING.toSeconds(),
                failures.get());
    }

    private void publish(int count) {
        Message message = new Event.VideoUploaded("f".repeat(24)).toMessage();
        for (int i = 0; i < count; i++) rabbit.send("tomp3.work", "video", message);
    }

    /** The elected sweeper, while as many messages wait as jobs. */
    private void sweep() throws Exception {
        List<MemoryPoolMXBean> heap =
                ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP)
                        .toList();
        System.gc();
        heap.forEach(MemoryPoolMXBean::resetPeakUsage);
        long before = used(heap);
        long end = System.nanoTime() + SWEEPING.toNanos();
        int passes = 0;
        double longest = 0;
        while (System.nanoTime() < end) {
            sweeper.reclaimLeases();
            longest = Math.max(longest, millis(sweeper::republish));
            passes++;
        }
        long peak = heap.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        System.out.printf(
                Locale.ROOT,
                "sweeper: %d passes, the longest %.0f ms; heap %d MB before, %d MB at most%n%n",
                passes,
                longest,
                before >> 20,
                peak >> 20);
    }

    private static long used(List<MemoryPoolMXBean> heap) {
        return heap.stream().mapToLong(pool -> pool.getUsage().getUsed()).sum();
    }

    private static Document claimable() {
        return new Document("status", "QUEUED")
                .append("due", new Document("$lte", Date.from(Instant.now())));
    }

    private void explain(String what, Document filter, Document sort, int limit) {
        Document find =
                new Document("find", "jobs")
                        .append("filter", filter)
                        .append("sort", sort)
                        .append("limit", limit);
        Document plan = mongo.getDb().runCommand(new Document("explain", find));
        System.out.println("plan of " + what + ": " + names(plan, new TreeSet<>()));
    }

    /** The stages and the indexes of a plan, as MongoDB or PostgreSQL names them. */
    private static Set<String> names(@Nullable Object plan, Set<String> found) {
        switch (plan) {
            case Map<?, ?> object ->
                    object.forEach((key, value) -> {
                        String name = String.valueOf(key).toLowerCase(Locale.ROOT);
                        if (name.equals("stage")
                                || name.equals("node type")
                                || name.replace(" ", "").equals("indexname"))
                            found.add(String.valueOf(value));
                        Set<String> _ = names(value, found);
                    });
            case Collection<?> list ->
                    list.forEach(each -> {
                        Set<String> _ = names(each, found);
                    });
            // PostgreSQL's plan as text
            case String line when line.contains(" Scan") || line.contains("Sort") ->
                    found.add(line.replaceAll("  \\(cost=.*", "").replace("->", "").strip());
            case null, default -> {}
        }
        return found;
    }
}
