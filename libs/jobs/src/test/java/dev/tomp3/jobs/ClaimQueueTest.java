package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static dev.tomp3.jobs.Store.RESULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.mongodb.core.query.Update;

@Tag("back-end")
class ClaimQueueTest {
    private final Store store = new Store();
    private final ClaimQueue queue = store.queue;
    private final Attempts attempts = store.attempts;

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void owners_of_whom_nothing_is_to_be_known_are_forgotten() {
        store.queued(ADA);
        store.queued(BOB);
        Job waiting = store.queued(BOB);
        store.fairShare.markDeleted("carl");
        store.queue.forgetIdleOwners();
        assertThat(owners()).hasSize(3);
        store.claimed();
        store.claimed();
        assertThat(store.claimed().id()).isEqualTo(waiting.id());
        for (int i = 0; i < 2; i++) {
            store.queued(ADA);
            store.claimed();
        }
        store.queue.forgetIdleOwners();
        assertThat(owners()).contains("owner:carl").doesNotContain("owner:" + BOB.id());
        // an idle owner gets no credit, remembered or not
        Job first = store.queued(ADA);
        assertThat(store.queued(BOB).startTag()).isGreaterThanOrEqualTo(first.startTag() - 1);
    }

    @Test
    void an_owner_who_is_remembered_gets_no_credit_for_having_been_idle() {
        store.done(BOB);
        Job last = store.done(ADA);
        while (last.startTag() < 3) last = store.done(ADA);
        assertThat(owners()).contains("owner:" + BOB.id());
        assertThat(store.queued(BOB).startTag()).isEqualTo(last.startTag());
        assertThat(store.queued(BOB).startTag()).isEqualTo(last.startTag() + 1);
    }

    private List<String> owners() {
        return store.mongo.findAll(Document.class, "fairShare").stream()
                .map(document -> document.getString("_id"))
                .filter(id -> id.startsWith("owner:"))
                .toList();
    }

    @Nested
    class A_claim {
        @Test
        void records_the_attempt_and_the_worker() {
            Job queued = store.queued(ADA);
            store.clock.advance(Duration.ofSeconds(3));
            Job job = queue.claim("worker 7").orElseThrow();
            assertThat(job.id()).isEqualTo(queued.id());
            assertThat(job.status()).isEqualTo(Status.CONVERTING);
            assertThat(job.attempt()).isEqualTo(1);
            assertThat(Objects.requireNonNull(job.lease()).worker()).startsWith("worker 7:");
            assertThat(job.startedAt()).isEqualTo(store.clock.instant());
            assertThat(store.jobs.find(job.id())).contains(job);
            assertThat(queue.claim("worker 8")).isEmpty();
        }

        @Test
        void is_not_delayed_by_a_clock_that_is_behind() {
            store.clock.advance(Duration.ofMinutes(1));
            Job job = store.queued(ADA);
            store.clock.advance(Duration.ofMinutes(-1));
            assertThat(queue.due(10)).containsExactly(job.id());
            Job claimed = queue.claim("worker").orElseThrow();
            store.clock.advance(Duration.ofMinutes(1));
            attempts.release(claimed, Duration.ZERO);
            store.clock.advance(Duration.ofMinutes(-1));
            assertThat(queue.claim("another")).isPresent();
        }

        @Test
        void gives_no_job_to_two_of_many_workers() throws Exception {
            for (int i = 0; i < 200; i++) store.queued(new Owner("o" + i % 7, "o@x", true));
            Callable<List<String>> worker =
                    () ->
                            Stream.generate(() -> queue.claim(Thread.currentThread().getName()))
                                    .takeWhile(Optional::isPresent)
                                    .map(job -> job.orElseThrow().id())
                                    .toList();
            List<String> claimed =
                    Race.of(Collections.nCopies(8, worker)).stream().flatMap(List::stream).toList();
            assertThat(claimed).hasSize(200).doesNotHaveDuplicates();
        }

        @Test
        void does_not_put_one_owners_many_jobs_before_anothers_single_job() {
            for (int i = 0; i < 300; i++) store.queued(ADA);
            assertThat(store.claimed().owner()).isEqualTo(ADA);
            assertThat(store.claimed().owner()).isEqualTo(ADA);
            Job bob = store.queued(BOB);
            List<String> next = Stream.generate(store::claimed).limit(2).map(Job::id).toList();
            assertThat(next).contains(bob.id());
        }

        @Test
        void alternates_between_owners_and_gives_no_credit_for_idling() {
            for (int i = 0; i < 10; i++) store.queued(ADA);
            for (int i = 0; i < 10; i++) store.claimed();
            for (int i = 0; i < 5; i++) store.queued(BOB);
            for (int i = 0; i < 5; i++) store.queued(ADA);
            List<Owner> order = Stream.generate(store::claimed).limit(10).map(Job::owner).toList();
            for (int served = 1; served <= 10; served++) {
                List<Owner> first = order.subList(0, served);
                int ada = Collections.frequency(first, ADA);
                assertThat(ada).isBetween((served - 2) / 2, (served + 2) / 2);
            }
        }

        @Test
        void keeps_an_owners_own_order() {
            List<String> queued =
                    IntStream.range(0, 20).mapToObj(i -> store.queued(ADA).id()).toList();
            assertThat(Stream.generate(store::claimed).limit(20).map(Job::id))
                    .containsExactlyElementsOf(queued);
        }

        @Test
        void skips_a_job_that_is_not_due_yet() {
            Job job = store.converting(ADA);
            assertThat(attempts.release(job, Duration.ofSeconds(30))).isTrue();
            store.clock.advance(Duration.ofSeconds(29));
            assertThat(queue.claim("worker")).isEmpty();
            assertThat(queue.due(10)).isEmpty();
            store.clock.advance(Duration.ofSeconds(1));
            assertThat(queue.due(10)).containsExactly(job.id());
            assertThat(store.claimed().attempt()).isEqualTo(2);
        }
    }

    @Nested
    class The_limit_of_one_owner {
        private static final Owner EVE = new Owner("eve", "eve@example.org", true);

        @Test
        void lets_another_owners_job_be_claimed_meanwhile() {
            ClaimQueue limited = store.queue(2);
            for (int i = 0; i < 4; i++) store.queued(ADA);
            Job first = limited.claim("worker").orElseThrow();
            Job second = limited.claim("worker").orElseThrow();
            Job bob = store.queued(BOB);
            assertThat(limited.claim("worker")).get().extracting(Job::id).isEqualTo(bob.id());
            assertThat(limited.claim("worker")).isEmpty();
            attempts.succeed(first, RESULT);
            assertThat(limited.claim("worker")).get().extracting(Job::owner).isEqualTo(ADA);
            assertThat(limited.claim("worker")).isEmpty();
            store.jobs.cancel(second.id());
            assertThat(limited.claim("worker")).get().extracting(Job::owner).isEqualTo(ADA);
        }

        @Test
        void is_not_exceeded_by_concurrent_claims_and_costs_no_attempt() throws Exception {
            ClaimQueue limited = store.queue(3);
            for (int i = 0; i < 12; i++) store.queued(ADA);
            for (int round = 1; round <= 4; round++) {
                Callable<Optional<Job>> worker = () -> limited.claim("worker");
                List<Job> claimed =
                        Race.of(Collections.nCopies(8, worker)).stream()
                                .flatMap(Optional::stream)
                                .toList();
                assertThat(claimed).hasSize(3);
                assertThat(claimed).extracting(Job::attempt).containsOnly(1);
                assertThat(store.in(Status.CONVERTING))
                        .containsExactlyInAnyOrderElementsOf(claimed);
                List<Job> waiting = store.in(Status.QUEUED);
                assertThat(waiting).hasSize(12 - 3 * round);
                assertThat(waiting)
                        .allSatisfy(job -> {
                            assertThat(job.attempt()).isZero();
                            assertThat(job.startedAt()).isNull();
                            assertThat(job.lease()).isNull();
                            assertThat(job.failureCount()).isZero();
                        });
                for (Job job : claimed) assertThat(attempts.succeed(job, RESULT)).isTrue();
            }
        }

        @Test
        void makes_no_more_jobs_due_than_it_allows() {
            ClaimQueue limited = store.queue(2);
            for (int i = 0; i < 5; i++) store.queued(ADA);
            assertThat(limited.due(100)).hasSize(2);
            Job first = limited.claim("worker").orElseThrow();
            assertThat(limited.due(100)).hasSize(1);
            limited.claim("worker");
            assertThat(limited.due(100)).isEmpty();
            Job bob = store.queued(BOB);
            assertThat(limited.due(100)).containsExactly(bob.id());
            attempts.succeed(first, RESULT);
            assertThat(limited.due(100)).hasSize(2);
        }

        @Test
        void remembers_owners_whose_wake_ups_were_used_up() {
            ClaimQueue limited = store.queue(1);
            for (int i = 0; i < 3; i++) store.queued(ADA);
            Job job = limited.claim("worker").orElseThrow();
            assertThat(limited.needsWakeUp(ADA.id())).isFalse(); // no wake-up was used up
            assertThat(limited.claim("worker")).isEmpty();
            for (int left = 2; left > 0; left--) {
                attempts.succeed(job, RESULT);
                assertThat(limited.needsWakeUp(ADA.id())).isTrue();
                assertThat(limited.needsWakeUp(BOB.id())).isFalse();
                job = limited.claim("worker").orElseThrow();
            }
            attempts.succeed(job, RESULT);
            assertThat(limited.needsWakeUp(ADA.id())).isFalse();
        }

        @Test
        void gives_a_throttled_owner_no_priority_afterwards() {
            ClaimQueue limited = store.queue(1);
            for (int i = 0; i < 40; i++) store.queued(ADA);
            Job ada = limited.claim("worker").orElseThrow();
            for (int i = 0; i < 30; i++) {
                store.queued(BOB);
                Job bob = limited.claim("worker").orElseThrow();
                assertThat(bob.owner()).isEqualTo(BOB);
                attempts.succeed(bob, RESULT);
            }
            // one worker is free again
            attempts.succeed(ada, RESULT);
            Job eve = store.queued(EVE);
            List<String> next = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Job job = limited.claim("worker").orElseThrow();
                next.add(job.id());
                attempts.succeed(job, RESULT);
            }
            assertThat(next).contains(eve.id());
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 4, 6})
        void makes_a_single_job_wait_for_running_jobs_only_whatever_another_owner_queued(
                int limit) {
            ClaimQueue limited = store.queue(limit);
            flood(1000);
            int workers = 6;
            List<Job> running = new ArrayList<>();
            while (running.size() < workers) {
                Optional<Job> claimed = limited.claim("worker");
                if (claimed.isEmpty()) break;
                running.add(claimed.get());
            }
            assertThat(running).hasSize(limit == 0 ? workers : limit);
            Job bob = store.queued(BOB);
            // a free worker claims it at once, otherwise the first that becomes free
            if (running.size() == workers) attempts.succeed(running.getLast(), RESULT);
            assertThat(limited.claim("worker")).get().extracting(Job::id).isEqualTo(bob.id());
        }

        /** As if ADA had queued so many jobs one by one. */
        private void flood(int number) {
            Job first = store.queued(ADA);
            List<Job> more = new ArrayList<>();
            for (int startTag = 1; startTag < number; startTag++) {
                more.add(
                        new Job(
                                new ObjectId().toHexString(),
                                ADA,
                                first.source(),
                                first.options(),
                                Status.QUEUED,
                                0,
                                startTag,
                                0,
                                0,
                                first.due(),
                                null,
                                null,
                                null,
                                null,
                                null,
                                first.createdAt(),
                                null,
                                null,
                                null));
            }
            store.mongo.insertAll(more);
            store.mongo.updateFirst(
                    query(where("_id").is("owner:" + ADA.id())),
                    new Update().set("startTag", (long) number),
                    "fairShare");
        }
    }
}
