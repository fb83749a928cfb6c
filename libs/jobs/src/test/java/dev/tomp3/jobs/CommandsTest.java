package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import dev.tomp3.jobs.IncomingUploads.Progress;
import dev.tomp3.servers.MongoProxy;
import dev.tomp3.servers.MongoProxy.Treatment;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the services send to MongoDB. */
@Tag("back-end")
class CommandsTest {
    private Store store;
    private MongoProxy proxy;

    @BeforeEach
    void start() throws IOException {
        store = Store.behindProxy();
        proxy = Objects.requireNonNull(store.proxy);
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @Test
    void the_uri_decides_nothing_that_data_depend_on() {
        MongoClientSettings all =
                settings(
                        "mongodb://host/?readPreference=secondaryPreferred&readConcernLevel=local"
                                + "&w=1&journal=false&retryWrites=false&retryReads=false");
        assertThat(all.getReadPreference()).isEqualTo(ReadPreference.primary());
        assertThat(all.getReadConcern()).isEqualTo(ReadConcern.MAJORITY);
        assertThat(all.getWriteConcern()).isEqualTo(WriteConcern.MAJORITY);
        assertThat(all.getRetryWrites()).isTrue();
        assertThat(all.getRetryReads()).isTrue();
    }

    /** The driver opens two at a time otherwise, each with a login that takes 10 ms and more. */
    @Test
    void many_connections_are_opened_at_once_after_an_outage() {
        assertThat(settings("mongodb://host/").getConnectionPoolSettings().getMaxConnecting())
                .isEqualTo(8);
    }

    private static MongoClientSettings settings(String uri) {
        MongoClientSettings.Builder settings =
                MongoClientSettings.builder().applyConnectionString(new ConnectionString(uri));
        new JobConfiguration().mongoSettings().customize(settings);
        return settings.build();
    }

    @Test
    void a_job_is_found_by_its_key_only_once_a_majority_has_it() {
        store.uploads.accept(store.uploading(ADA), 1000, "key");
        count(find ->
                first(find, "find")
                        && find.getDocument("readConcern")
                                .get("level")
                                .equals(new BsonString("majority")));
        assertThat(store.jobs.findByKey(ADA.id(), "key")).isPresent();
        assertThat(proxy.treated()).isEqualTo(1);
    }

    @Test
    void the_end_of_an_upload_has_thirty_seconds() {
        Job upload = store.uploading(ADA);
        count(command ->
                (first(command, "findAndModify") || first(command, "update"))
                        && command.getNumber("maxTimeMS").longValue() < 20_000);
        assertThat(store.uploads.accept(upload, 1000, null)).isPresent();
        assertThat(proxy.treated()).isZero();
    }

    @Test
    void a_request_has_three_seconds_and_a_worker_thirty() {
        Job job = store.queued(ADA);
        count(find -> first(find, "find") && find.getNumber("maxTimeMS").longValue() < 3_000);
        assertThat(store.jobs.find(job.id())).isPresent();
        assertThat(proxy.treated()).isEqualTo(1);
        count(claim ->
                first(claim, "findAndModify") && claim.getNumber("maxTimeMS").longValue() > 20_000);
        Duration day = Duration.ofDays(1);
        JobProperties properties =
                new JobProperties(0, new JobProperties.Keep(day, day, day, day, day));
        assertThat(
                        new ConversionConfiguration()
                                .claimQueue(
                                        store.documents,
                                        StoreClock.agreeingWith(store.clock),
                                        properties)
                                .claim("worker"))
                .isPresent();
        assertThat(proxy.treated()).isEqualTo(1);
    }

    @Test
    void the_heartbeats_of_all_uploads_are_one_command() {
        List<Job> uploads =
                List.of(store.uploading(ADA), store.uploading(ADA), store.uploading(ADA));
        store.jobs.cancel(uploads.get(1).id());
        count(update -> first(update, "update"));
        assertThat(
                        store.uploads.heartbeat(
                                uploads.stream()
                                        .map(upload -> new Progress(upload, 7, 7))
                                        .toList()))
                .containsExactly(uploads.get(1).id());
        assertThat(proxy.treated()).isEqualTo(1);
        assertThat(List.of(store.now(uploads.get(0)), store.now(uploads.get(2))))
                .allSatisfy(upload ->
                        assertThat(upload.upload()).isEqualTo(new Job.Upload(1, 7, null)));
    }

    @Test
    void the_jobs_that_wait_are_listed_without_their_contents() {
        Job job = store.queued(ADA);
        count(find ->
                first(find, "find")
                        && find.getDocument("projection", new BsonDocument()).keySet().size() == 1);
        assertThat(store.queue.due(10)).containsExactly(job.id());
        assertThat(proxy.treated()).isEqualTo(1);
    }

    private void count(Predicate<BsonDocument> command) {
        proxy.treat(new Treatment.Delayed(Duration.ZERO), 100, command);
    }

    private static boolean first(BsonDocument command, String name) {
        return command.getFirstKey().equals(name);
    }
}
