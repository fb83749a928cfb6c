package dev.tomp3.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.github.benmanes.caffeine.cache.Ticker;
import com.mongodb.client.model.Projections;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.ConversionConfiguration;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Sweeper;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.platform.ProbeIntervals;
import dev.tomp3.servers.TestBroker;
import dev.tomp3.servers.TestMongo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.DeclarableCustomizer;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.data.mongodb.core.MongoTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The service on a free port, with its own dependencies and a stub of auth. */
final class Gateway implements AutoCloseable {
    /** An outage shows in the metrics after half a second and not after ten. */
    private static final ProbeIntervals SHORT_PROBES =
            new ProbeIntervals(
                    Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(25));

    /** Small, so that a test can exceed it. */
    static final int MAX_UPLOAD = 1024 * 1024;

    /** Its pages may use the gateway of {@link #onGridFs()}. */
    static final String OTHER_SITE = "https://pages.example.org";

    private static final JsonMapper JSON = new JsonMapper();
    private static Gateway onFiles;
    private static Gateway onGridFs;

    final AuthStub auth;
    private final TestMongo mongo;
    private final TestBroker broker;
    private final dev.tomp3.servers.Wire mongoWire;
    private final dev.tomp3.servers.Wire brokerWire;
    private final ConfigurableApplicationContext context;
    private final AtomicLong later = new AtomicLong();
    private volatile boolean stopped;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> settings;
    private final int port;

    /** Shared by all tests with this store, because starting it takes most of their time. */
    static synchronized Gateway onFiles() throws IOException {
        if (onFiles == null) onFiles = start("files:" + directory("media"));
        return onFiles;
    }

    static synchronized Gateway onGridFs() throws IOException {
        // this one stands behind a proxy, and serves pages of another site; onFiles() does not
        if (onGridFs == null) {
            onGridFs =
                    start(
                            "gridfs",
                            "TRUSTED_PROXIES=127.0.0.1",
                            "CORS_ORIGINS=" + OTHER_SITE + ",http://localhost:3000");
        }
        return onGridFs;
    }

    static Gateway start(String store, String... settings) throws IOException {
        return start(beans -> {}, store, settings);
    }

    /** With beans of its own. */
    static Gateway start(
            ApplicationContextInitializer<GenericApplicationContext> beans,
            String store,
            String... settings)
            throws IOException {
        TestMongo mongo = TestMongo.empty(directory("documents").resolve("mongo"));
        TestBroker broker = TestBroker.empty();
        return new Gateway(mongo, broker, new AuthStub(), beans, store, List.of(settings));
    }

    private Gateway(
            TestMongo mongo,
            TestBroker broker,
            AuthStub auth,
            ApplicationContextInitializer<GenericApplicationContext> beans,
            String store,
            List<String> more)
            throws IOException {
        this.mongo = mongo;
        this.broker = broker;
        this.mongoWire = mongo.wire();
        this.brokerWire = new dev.tomp3.servers.Wire(broker.host(), broker.port());
        this.auth = auth;
        settings = new ArrayList<>(more);
        settings.add("MONGODB_URI=" + mongo.uri(mongoWire));
        broker.settings("127.0.0.1", brokerWire.port())
                .forEach(setting -> settings.add(setting.substring("--".length())));
        settings.add("MEDIA_STORE=" + store);
        this.context =
                run(
                        settings,
                        broker.declarables(),
                        auth,
                        () -> (stopped ? 0 : System.nanoTime()) + later.get(),
                        beans);
        this.port = port(context);
    }

    private static Path directory(String name) throws IOException {
        return Files.createTempDirectory(Files.createDirectories(Path.of("target")), name);
    }

    static ConfigurableApplicationContext run(
            List<String> settings, DeclarableCustomizer declarables, AuthStub auth, Ticker ticker) {
        return run(settings, declarables, auth, ticker, beans -> {});
    }

    private static ConfigurableApplicationContext run(
            List<String> settings,
            DeclarableCustomizer declarables,
            AuthStub auth,
            Ticker ticker,
            ApplicationContextInitializer<GenericApplicationContext> more) {
        List<String> all = new ArrayList<>(settings);
        // the tests send many requests without a token
        String strangers = "MAX_REQUESTS_PER_MINUTE_PER_ADDRESS=";
        if (settings.stream().noneMatch(setting -> setting.startsWith(strangers)))
            all.add(strangers + 0);
        all.add("GATEWAY_PORT=0");
        all.add("BIND=127.0.0.1");
        all.add("AUTH_SVC_ADDRESS=" + auth.address());
        all.add("MAX_UPLOAD=" + MAX_UPLOAD + "B");
        all.add("GRIDFS_CHUNK=255KB");
        // the converter's part, for what a worker would do
        return new SpringApplicationBuilder(GatewayService.class, ConversionConfiguration.class)
                .initializers((GenericApplicationContext beans) -> {
                    beans.registerBean(DeclarableCustomizer.class, () -> declarables);
                    beans.registerBean(ProbeIntervals.class, () -> SHORT_PROBES);
                    beans.registerBean(
                            "testTicker",
                            Ticker.class,
                            () -> ticker,
                            definition -> definition.setPrimary(true));
                    more.initialize(beans);
                })
                .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .run(all.stream().map(setting -> "--" + setting).toArray(String[]::new));
    }

    static int port(ConfigurableApplicationContext context) {
        return context.getEnvironment().getRequiredProperty("local.server.port", int.class);
    }

    int port() {
        return port;
    }

    /** The addresses of its dependencies, for another gateway. */
    List<String> settings() {
        return settings;
    }

    Path mediaDirectory() {
        return Path.of(
                settings.stream()
                        .filter(setting -> setting.startsWith("MEDIA_STORE=files:"))
                        .findFirst()
                        .orElseThrow()
                        .substring("MEDIA_STORE=files:".length()));
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    Jobs jobs() {
        return bean(Jobs.class);
    }

    Attempts attempts() {
        return bean(Attempts.class);
    }

    /** Advances the clock of the token caches and of the rate limit. */
    void pass(Duration time) {
        later.addAndGet(time.toNanos());
    }

    /** From now on it passes only when it is told to. */
    void stopTime() {
        later.addAndGet(System.nanoTime());
        stopped = true;
    }

    // ---- outages

    void stopBroker() {
        cut(brokerWire);
    }

    /** An empty one: the broker has lost its disk. */
    void startBroker() {
        broker.wipe();
        mend(brokerWire);
    }

    void stopMongo() {
        cut(mongoWire);
    }

    void startMongo() {
        mend(mongoWire);
    }

    /** It stands there and answers nothing. */
    void hangBroker() {
        brokerWire.hang();
    }

    void wakeBroker() {
        brokerWire.goOn();
    }

    void hangMongo() {
        mongoWire.hang();
    }

    void wakeMongo() {
        mongoWire.goOn();
    }

    /** Stops the service and its dependencies. */
    void stop() {
        context.close();
        stopMongo();
        stopBroker();
    }

    private static void cut(dev.tomp3.servers.Wire wire) {
        try {
            wire.cut();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void mend(dev.tomp3.servers.Wire wire) {
        try {
            wire.mend();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    DeclarableCustomizer declarables() {
        return broker.declarables();
    }

    // ---- people

    /** A user with a token. */
    final class Someone {
        final AuthStub.User user;
        String token;

        Someone(boolean admin) {
            user = auth.user(admin);
            token = auth.token(user);
        }

        HttpRequest.Builder request(String path) {
            return Gateway.this.request(path).header("Authorization", "Bearer " + token);
        }

        HttpResponse<String> get(String path, String... headers) {
            HttpRequest.Builder request = request(path);
            if (headers.length > 0) request.headers(headers);
            return send(request);
        }

        HttpResponse<String> upload(Form form, String... headers) {
            HttpRequest.Builder request = request("/upload").header("Content-Type", Form.TYPE);
            if (headers.length > 0) request.headers(headers);
            return send(request.POST(form.publisher()));
        }

        /** The id of a new job. */
        String uploaded() {
            HttpResponse<String> answer = upload(new Form().file("song.mp4", Form.video(5000)));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
            return json(answer).get("id").asString();
        }

        HttpResponse<String> delete(String path) {
            return send(request(path).DELETE());
        }
    }

    Someone someone() {
        return new Someone(false);
    }

    Someone administrator() {
        return new Someone(true);
    }

    // ---- HTTP

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        return send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request.build(), handler);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The value of one series in an answer of {@code /metrics}. */
    static double metric(String metrics, String series) {
        return metrics.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No " + series + " in " + metrics));
    }

    static JsonNode json(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }

    static JsonNode json(String body) {
        return JSON.readTree(body);
    }

    static void assertProblem(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .as(answer.toString())
                .contains("application/problem+json");
        assertProblem(answer.body(), status, code);
    }

    static void assertProblem(Wire.Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertProblem(answer.body(), status, code);
    }

    static void assertProblem(String body, int status, String code) {
        JsonNode problem = json(body);
        assertThat(problem.get("type").asString()).isEqualTo("urn:tomp3:" + code);
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("title").asString()).isNotBlank();
        assertThat(problem.get("detail").asString()).isNotBlank();
        assertThat(body).doesNotContain("Exception", "\tat ", "dev.tomp3", "<html");
    }

    // ---- what the converter would do, and what lies in the stores

    /** Takes the job as a worker would. */
    Job claim(String id) {
        while (true) {
            Job job = bean(ClaimQueue.class).claim("test").orElseThrow();
            if (job.id().equals(id)) return job;
        }
    }

    /** Settles the job with this MP3. */
    Job convert(String id, byte[] mp3) {
        Job job = claim(id);
        try (MediaOutput out = bean(MediaStore.class).create(Bucket.MP3S, job.attemptFile())) {
            out.write(mp3);
            out.commit();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(attempts().succeed(job, new Job.Result(mp3.length, 61_234, List.of()))).isTrue();
        return job;
    }

    Set<String> media(Bucket bucket) {
        Set<String> ids = new TreeSet<>();
        try {
            bean(MediaStore.class).forEachId(bucket, ids::add);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return ids;
    }

    Inventory inventory() {
        MongoTemplate documents = bean(MongoTemplate.class);
        return new Inventory(
                ids(documents, "jobs"),
                media(Bucket.VIDEOS),
                media(Bucket.MP3S),
                ids(documents, "videos.chunks"));
    }

    private static Set<String> ids(MongoTemplate documents, String collection) {
        Set<String> ids = new TreeSet<>();
        documents
                .getCollection(collection)
                .find()
                .projection(Projections.include("_id"))
                .forEach(document -> ids.add(String.valueOf(document.get("_id"))));
        return ids;
    }

    void assertNothingAddedSince(Inventory before) {
        assertThat(inventory().since(before)).isEqualTo(Inventory.NOTHING);
    }

    boolean hasMoreThan(Inventory before) {
        return !inventory().since(before).equals(Inventory.NOTHING);
    }

    // ---- the log

    /**
     * Collects what is logged at this level or above while it is open; but not what the sweeper
     * logs about jobs that other tests left claimed.
     */
    static final class Log extends AppenderBase<ILoggingEvent> implements AutoCloseable {
        private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
        private final Level level;

        static Log from(Level level) {
            return new Log(level);
        }

        private Log(Level level) {
            this.level = level;
            start();
            root().addAppender(this);
        }

        List<String> lines() {
            return events.stream()
                    .map(event -> event.getLoggerName() + ": " + event.getFormattedMessage())
                    .toList();
        }

        @Override
        protected void append(ILoggingEvent event) {
            if (!event.getLevel().isGreaterOrEqual(level)) return;
            if (!event.getLoggerName().equals(Sweeper.class.getName())) events.add(event);
        }

        @Override
        public void close() {
            root().detachAppender(this);
        }

        private static Logger root() {
            return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        }
    }

    @Override
    public void close() {
        stop();
        broker.close();
        mongo.close();
        auth.close();
    }
}
