package dev.tomp3.jobs;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Result;
import dev.tomp3.servers.TestMongo;
import org.springframework.data.mongodb.core.MongoTemplate;

/** Jobs in a document store that begins empty. */
final class Store implements AutoCloseable {
    static final Owner ADA = new Owner("ada", "ada@example.org", true);
    static final Owner BOB = new Owner("bob", "bob@example.org", false);

    final MovableClock clock = new MovableClock();
    final MongoTemplate mongo;
    final Jobs jobs;
    private final TestMongo server;
    private final MongoClient client;

    Store() {
        server = TestMongo.empty();
        client = MongoClients.create(server.uri());
        mongo = new MongoTemplate(client, server.database());
        jobs = jobs(0);
        jobs.createIndexes();
    }

    /** The same jobs, with a limit of those of one owner that are converted at the same time. */
    Jobs jobs(int mostAtOnce) {
        return new JobConfiguration().jobs(mongo, clock, mostAtOnce);
    }

    Job uploading(Owner owner) {
        return jobs.begin(owner, "a.mp4", Options.NONE);
    }

    Job queued(Owner owner) {
        return jobs.accept(uploading(owner), 1000, null).orElseThrow();
    }

    /** The next one in turn. */
    Job claimed() {
        return jobs.claim("worker").orElseThrow();
    }

    Job converting(Owner owner) {
        Job job = queued(owner);
        Job claimed = claimed();
        if (!claimed.id().equals(job.id())) throw new IllegalStateException("another one waits");
        return claimed;
    }

    Job done(Owner owner) {
        Job job = converting(owner);
        if (!jobs.succeed(job, result(job))) throw new IllegalStateException();
        return now(job);
    }

    Job failed(Owner owner) {
        Job job = converting(owner);
        if (!jobs.fail(job, new Failure(Failure.Code.CORRUPT))) throw new IllegalStateException();
        return now(job);
    }

    Job now(Job job) {
        return jobs.findEvenIncomplete(job.id()).orElseThrow();
    }

    static Result result(Job job) {
        return new Result(job.attemptFile(), 100, 1000);
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
