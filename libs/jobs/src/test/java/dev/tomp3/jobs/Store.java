package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.tomp3.jobs.IncomingUploads.Progress;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Result;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.platform.Dependency.UnusableException;
import dev.tomp3.servers.MongoProxy;
import dev.tomp3.servers.TestMongo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Update;

/** All collaborators on a document store that starts empty. */
final class Store implements AutoCloseable {
    static final Owner ADA = new Owner("ada", "ada@example.org", true);
    static final Owner BOB = new Owner("bob", "bob@example.org", false);
    static final Result RESULT = new Result(100, 1000, List.of());
    static final Failure CORRUPT = new Failure(Failure.Code.CORRUPT);
    static final Duration KEEP_UPLOAD = Duration.ofDays(1);
    static final Retention.Periods PERIODS =
            new Retention.Periods(Duration.ofHours(1), Duration.ofDays(7), Duration.ofDays(30));

    final MovableClock clock = new MovableClock();
    final MongoTemplate mongo;
    final JobDocuments documents;
    final FairShare fairShare;
    final Jobs jobs;
    final IncomingUploads uploads;
    final ResumableUploads resumables;
    final ClaimQueue queue;
    final Attempts attempts;
    final Notifications notifications;
    final Retention retention;
    final JobChanges changes;
    final Restores restores;
    final @Nullable MongoProxy proxy;
    private final TestMongo server;
    private final MongoClient client;

    Store() {
        this(null);
    }

    /** A store whose answers can be lost, used as the services use it. */
    static Store behindProxy() throws IOException {
        TestMongo server = TestMongo.empty();
        return new Store(new Proxied(server, server.proxy()));
    }

    private record Proxied(TestMongo server, MongoProxy proxy) {}

    private Store(@Nullable Proxied proxied) {
        proxy = proxied == null ? null : proxied.proxy();
        server = proxied == null ? TestMongo.empty() : proxied.server();
        MongoClientSettings.Builder settings = MongoClientSettings.builder();
        String uri = proxied == null ? server.uri() : server.uri(proxied.proxy());
        settings.applyConnectionString(new ConnectionString(uri));
        if (proxied != null) new JobConfiguration().mongoSettings().customize(settings);
        client = MongoClients.create(settings.build());
        mongo = new MongoTemplate(client, server.database());
        documents = new JobConfiguration().jobDocuments(mongo);
        restores = new Restores(documents, clock);
        try {
            documents.createIndexes();
        } catch (UnusableException e) {
            throw new IllegalStateException(e);
        }
        if (restores.isWithin(Duration.ZERO)) throw new IllegalStateException("not empty");
        fairShare = new FairShare(mongo);
        jobs = new Jobs(documents, clock);
        uploads = new IncomingUploads(documents, fairShare, clock, KEEP_UPLOAD);
        resumables = new ResumableUploads(documents, uploads, clock, KEEP_UPLOAD);
        queue = queue(0);
        attempts = new Attempts(documents, clock, Timing.PRODUCTION);
        notifications = new Notifications(documents, clock, Timing.PRODUCTION);
        retention = new Retention(documents, clock, PERIODS, Timing.PRODUCTION);
        // the dates of changes are the server's
        changes = new JobChanges(documents, Clock.systemUTC());
    }

    /** The same queue, with a limit of jobs of one owner that are converted at the same time. */
    ClaimQueue queue(int maxConcurrentPerOwner) {
        return new ClaimQueue(documents, fairShare, clock, maxConcurrentPerOwner);
    }

    Job uploading(Owner owner) {
        return uploads.begin(owner, "a.mp4", Options.NONE, 0);
    }

    /** An upload that a worker may claim. */
    Job offered(Owner owner) {
        return uploads.offer(
                        uploading(owner).as("early.mkv", new Options(64, null, true, null, false)))
                .orElseThrow();
    }

    Job queued(Owner owner) {
        return uploads.accept(uploading(owner), 1000, null).orElseThrow();
    }

    /** The next job of the queue. */
    Job claimed() {
        return queue.claim("worker").orElseThrow();
    }

    /** Whether the upload may continue after a heartbeat. */
    boolean continues(Job upload, long received) {
        return uploads.heartbeat(List.of(new Progress(upload, received, received))).isEmpty();
    }

    /** A claimed job whose worker has begun. */
    Job begun(Job job) {
        if (!attempts.begin(job)) throw new IllegalStateException();
        return now(job);
    }

    Job converting(Owner owner) {
        Job job = queued(owner);
        Job claimed = claimed();
        if (!claimed.id().equals(job.id())) throw new IllegalStateException("another one waits");
        return claimed;
    }

    Job done(Owner owner) {
        Job job = converting(owner);
        if (!attempts.succeed(job, RESULT)) throw new IllegalStateException();
        return now(job);
    }

    Job failed(Owner owner) {
        Job job = converting(owner);
        if (!attempts.fail(job, CORRUPT)) throw new IllegalStateException();
        return now(job);
    }

    /** The document as it is now. */
    Job now(Job job) {
        return jobs.find(job.id()).orElseThrow();
    }

    List<Job> all() {
        return mongo.findAll(Job.class);
    }

    List<Job> in(Status status) {
        return mongo.find(query(where("status").is(status)), Job.class);
    }

    void set(Job job, String field, Object value) {
        mongo.updateFirst(query(where("_id").is(job.id())), Update.update(field, value), Job.class);
    }

    @Override
    public void close() {
        client.close();
        try {
            if (proxy != null) proxy.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.close();
    }
}
