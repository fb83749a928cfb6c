package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static dev.tomp3.jobs.Store.RESULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.jobs.Job.Status;
import dev.tomp3.servers.MongoProxy;
import dev.tomp3.servers.MongoProxy.Treatment;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.DataAccessException;

/** The store has carried out a write, and its answer is lost. */
@Tag("back-end")
class LostAnswersTest {
    private static final Treatment CUT = new Treatment.Cut();

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

    /** What a server says that was primary when the write began. */
    static Stream<Treatment> losses() {
        return Stream.of(
                CUT,
                replaced(
                        "{ok: 1, lastErrorObject: {n: 1}, value: null, writeConcernError: {code:"
                                + " 11602, codeName: 'InterruptedDueToReplStateChange', errmsg:"
                                + " 'operation was interrupted'}}"),
                replaced(
                        "{ok: 0, code: 10107, codeName: 'NotWritablePrimary', errmsg: 'not"
                                + " primary'}"));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void an_upload_that_is_queued_is_accepted(Treatment loss) {
        Job upload = store.uploading(ADA);
        lose(loss, 2, on("findAndModify", "jobs").and(update -> sets(update, Status.QUEUED)));
        Optional<Job> accepted = store.uploads.accept(upload, 1000, "key");
        assertThat(accepted).map(Job::status).contains(Status.QUEUED);
        assertThat(store.in(Status.QUEUED)).hasSize(1);
        assertThat(store.jobs.findByKey(ADA.id(), "key")).map(Job::id).contains(upload.id());
    }

    @Test
    void an_upload_that_a_worker_has_claimed_is_accepted() {
        Job upload = store.offered(ADA);
        store.claimed();
        lose(CUT, 1, on("findAndModify", "jobs").and(update -> sets(update, Status.CONVERTING)));
        assertThat(store.uploads.accept(upload, 1000, null))
                .map(Job::status)
                .contains(Status.CONVERTING);
    }

    @Test
    void an_upload_that_was_cancelled_is_not_accepted() {
        Job upload = store.uploading(ADA);
        store.jobs.cancel(upload.id());
        lose(CUT, 1, on("findAndModify", "jobs"));
        assertThat(store.uploads.accept(upload, 1000, null)).isEmpty();
    }

    @Test
    void a_repeated_upload_is_answered_with_the_job_of_its_key() {
        Job first = store.uploads.accept(store.uploading(ADA), 1000, "key").orElseThrow();
        Job again = store.uploading(ADA);
        lose(CUT, 1, on("findAndModify", "jobs").and(update -> sets(update, Status.QUEUED)));
        assertThat(store.uploads.accept(again, 1000, "key")).contains(first);
        assertThat(store.in(Status.QUEUED)).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("losses")
    void a_claimed_job_is_adopted(Treatment loss) {
        Job job = store.queued(ADA);
        lose(loss, 1, on("findAndModify", "jobs"));
        Optional<Job> claimed = store.queue.claim("worker");
        assertThat(claimed).map(Job::id).contains(job.id());
        assertThat(store.now(job)).isEqualTo(claimed.orElseThrow());
        assertThat(store.attempts.succeed(claimed.get(), RESULT)).isTrue();
    }

    @Test
    void a_claimed_upload_is_adopted() {
        Job upload = store.offered(ADA);
        // the first command looks for a complete job, and sets its status
        lose(CUT, 1, on("findAndModify", "jobs").and(update -> !setsStatus(update)));
        assertThat(store.queue.claim("worker")).map(Job::id).contains(upload.id());
    }

    @Test
    void a_job_is_claimed_although_the_virtual_time_could_not_be_advanced() {
        Job job = store.queued(ADA);
        lose(CUT, 1, on("update", "fairShare"));
        assertThat(store.queue.claim("worker")).map(Job::id).contains(job.id());
    }

    @Test
    void a_job_is_given_back_when_it_is_not_known_whether_it_is_within_the_limit() {
        Job job = store.queued(ADA);
        Job other = store.queued(BOB);
        lose(
                replaced("{ok: 0, code: 8, codeName: 'UnknownError', errmsg: 'a fault'}"),
                1,
                on("find", "jobs")
                        .and(find -> find.getDocument("filter").containsKey("owner._id")));
        assertThatThrownBy(() -> store.queue(1).claim("worker"))
                .isInstanceOf(DataAccessException.class);
        assertThat(store.in(Status.CONVERTING)).isEmpty();
        assertThat(List.of(store.now(job), store.now(other)))
                .allSatisfy(now -> {
                    assertThat(now.attempt()).isZero();
                    assertThat(now.failureCount()).isZero();
                });
    }

    @Test
    void a_job_above_the_limit_is_given_back() {
        ClaimQueue limited = store.queue(1);
        store.queued(ADA);
        assertThat(limited.claim("worker")).isPresent();
        Job second = store.queued(ADA);
        assertThat(limited.claim("worker")).isEmpty();
        assertThat(store.now(second).status()).isEqualTo(Status.QUEUED);
    }

    @Test
    void a_lease_whose_claim_was_never_answered_is_reclaimed_without_a_failure() {
        Job job = store.converting(ADA);
        assertThat(store.attempts.reclaim(job)).isTrue();
        assertThat(store.now(job).failureCount()).isZero();
        assertThat(store.now(job).due()).isEqualTo(JobDocuments.IMMEDIATELY);
    }

    @Test
    void a_notification_that_was_sent_is_recorded_once() {
        Job job = store.done(ADA);
        lose(CUT, 1, on("update", "jobs"));
        store.notifications.sent(job.id());
        assertThat(Objects.requireNonNull(store.now(job).notification()).sent()).isTrue();
    }

    @Test
    void an_upload_that_was_accepted_after_all_is_not_discarded() {
        Job upload = store.uploading(ADA);
        assertThat(store.uploads.accept(upload, 1000, null)).isPresent();
        assertThat(store.uploads.discard(upload.id())).isFalse();
        assertThat(store.now(upload).status()).isEqualTo(Status.QUEUED);
    }

    @Test
    void failures_back_off() {
        Job job = store.converting(ADA);
        Duration waited = Duration.ZERO;
        for (Duration delay :
                List.of(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(10))) {
            assertThat(store.attempts.countFailure(job)).isTrue();
            store.clock.advance(delay.minusSeconds(1));
            assertThat(store.queue.claim("worker")).isEmpty();
            store.clock.advance(Duration.ofSeconds(1));
            job = store.claimed();
            waited = waited.plus(delay);
        }
        assertThat(waited).isGreaterThan(Duration.ofMinutes(12));
    }

    private void lose(Treatment treatment, int times, Predicate<BsonDocument> command) {
        proxy.treat(treatment, times, command);
    }

    private static boolean setsStatus(BsonDocument command) {
        return command.getDocument("update").getDocument("$set").containsKey("status");
    }

    private static boolean sets(BsonDocument command, Status status) {
        return command.getDocument("update")
                .getDocument("$set")
                .get("status", BsonNull.VALUE)
                .equals(new BsonString(status.name()));
    }

    private static Treatment replaced(String answer) {
        return new Treatment.Replaced(BsonDocument.parse(answer));
    }

    private static Predicate<BsonDocument> on(String command, String collection) {
        return document ->
                document.getFirstKey().equals(command)
                        && document.getString(command).getValue().equals(collection);
    }
}
