package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static dev.tomp3.jobs.Store.result;
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
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

@Tag("back-end")
class JobsTest {
    private static final int ROUNDS = 25;
    private static final Failure CORRUPT = new Failure(Failure.Code.CORRUPT);

    private final Store store = new Store();
    private final Jobs jobs = store.jobs;

    @AfterEach
    void close() {
        store.close();
    }

    @Nested
    class Upload {
        @Test
        void is_seen_by_nobody_before_it_is_complete() {
            Job job = store.uploading(ADA);
            jobs.cancel(job.id());
            assertThat(jobs.find(job.id())).isEmpty();
            assertThat(jobs.list(null, null, 10)).isEmpty();
            assertThat(jobs.claim("worker")).isEmpty();
            assertThat(jobs.due(10)).isEmpty();
            assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
        }

        @Test
        void is_a_queued_job_once_it_is_accepted() {
            Job job = jobs.accept(store.uploading(ADA), 1234, null).orElseThrow();
            assertThat(jobs.find(job.id())).contains(job);
            assertThat(job.status()).isEqualTo(Status.QUEUED);
            assertThat(job.source().bytes()).isEqualTo(1234);
            assertThat(job.owner()).isEqualTo(ADA);
            assertThat(job.attempt()).isZero();
            assertThat(job.createdAt()).isEqualTo(store.clock.instant());
        }

        @Test
        void that_failed_leaves_nothing_and_is_accepted_no_more() {
            Job job = store.uploading(ADA);
            assertThat(jobs.touchUpload(job.id())).isTrue();
            jobs.discard(job.id());
            assertThat(jobs.touchUpload(job.id())).isFalse();
            assertThat(jobs.accept(job, 1000, null)).isEmpty();
            assertThat(jobs.findEvenIncomplete(job.id())).isEmpty();
        }

        @Test
        void that_is_complete_is_neither_taken_back_nor_given_up() {
            Job upload = store.uploading(ADA);
            Job job = jobs.accept(upload, 1000, null).orElseThrow();
            jobs.discard(job.id());
            assertThat(jobs.abandon(upload)).isFalse();
            assertThat(jobs.accept(upload, 5, null)).isEmpty();
            assertThat(jobs.find(job.id())).contains(job);
        }

        @Test
        void is_either_accepted_or_given_up() throws Exception {
            for (int i = 0; i < ROUNDS; i++) {
                Job upload = store.uploading(ADA);
                List<Boolean> won =
                        race(
                                () -> jobs.accept(upload, 1000, null).isPresent(),
                                () -> jobs.abandon(upload));
                assertThat(won).containsOnlyOnce(true);
                assertThat(jobs.find(upload.id()).isPresent()).isEqualTo(won.getFirst());
            }
        }
    }

    /** An upload that a worker may begin with while it arrives. */
    @Nested
    class Early {
        private Job offered(Owner owner) {
            return jobs.offer(
                            store.uploading(owner)
                                    .as("early.mkv", new Options(64, null, true, null)))
                    .orElseThrow();
        }

        @Test
        void is_taken_only_when_no_complete_one_waits() {
            Job early = offered(ADA);
            Job complete = store.queued(BOB);
            assertThat(store.claimed().id()).isEqualTo(complete.id());
            Job claimed = store.claimed();
            assertThat(claimed.id()).isEqualTo(early.id());
            assertThat(claimed.source().complete()).isFalse();
            assertThat(claimed.options().bitrate()).isEqualTo(64);
            assertThat(jobs.claim("worker")).isEmpty();
        }

        @Test
        void is_neither_seen_nor_settled_before_it_is_complete() {
            Job early = offered(ADA);
            assertThat(jobs.due(10)).isEmpty();
            Job claimed = store.claimed();
            assertThat(jobs.find(early.id())).isEmpty();
            assertThat(jobs.list(null, null, 10)).isEmpty();
            jobs.cancel(early.id());
            assertThat(jobs.succeed(claimed, result(claimed))).isFalse();
            assertThat(jobs.fail(claimed, CORRUPT)).isFalse();
            assertThat(jobs.arrived(early.id())).isEmpty();
            assertThat(jobs.beat(claimed, 40)).isTrue();
            assertThat(jobs.load()).isEqualTo(new Jobs.Load(1, 0, 1, null));

            Job accepted = jobs.accept(early, 1234, null).orElseThrow();

            assertThat(accepted.status()).isEqualTo(Status.CONVERTING);
            assertThat(accepted.progress()).isEqualTo(40);
            assertThat(accepted.source().name()).isEqualTo("early.mkv");
            assertThat(jobs.find(early.id())).contains(accepted);
            assertThat(jobs.arrived(early.id())).hasValue(1234);
            assertThat(jobs.succeed(claimed, result(claimed))).isTrue();
        }

        @Test
        void that_fails_takes_its_conversion_with_it() {
            Job early = offered(ADA);
            Job claimed = store.claimed();
            jobs.discard(early.id());
            assertThat(jobs.beat(claimed, 1)).isFalse();
            assertThat(jobs.accept(early, 1000, null)).isEmpty();
        }

        @Test
        void that_its_worker_let_go_waits_until_it_is_complete() {
            Job early = offered(ADA);
            Job claimed = store.claimed();
            assertThat(jobs.othersWait()).isFalse();
            assertThat(jobs.letGo(claimed)).isTrue();
            assertThat(jobs.claim("worker")).isEmpty();
            assertThat(store.now(early).strikes()).isZero();
            assertThat(jobs.accept(early, 1000, null)).isPresent();
            assertThat(jobs.othersWait()).isTrue();
            Job again = store.claimed();
            assertThat(again.id()).isEqualTo(early.id());
            assertThat(jobs.letGo(again)).isFalse();
        }

        @Test
        void does_not_fail_before_it_is_complete_however_many_workers_it_loses() {
            Job early = offered(ADA);
            for (int i = 1; i < Jobs.STRIKES; i++) {
                assertThat(jobs.strike(store.claimed())).isTrue();
                assertThat(store.now(early).strikes()).isEqualTo(i);
            }
            assertThat(jobs.strike(store.claimed())).isTrue();
            assertThat(store.now(early).status()).isEqualTo(Status.QUEUED);
            assertThat(jobs.claim("worker")).isEmpty();
            assertThat(jobs.accept(early, 1000, null)).isPresent();
            assertThat(jobs.strike(store.claimed())).isTrue();
            assertThat(store.now(early).status()).isEqualTo(Status.FAILED);
        }

        @Test
        void has_its_turn_from_when_it_was_offered() {
            Job early = offered(ADA);
            Job later = store.queued(ADA);
            Job accepted = jobs.accept(early, 1000, null).orElseThrow();
            assertThat(accepted.turn()).isEqualTo(early.turn()).isLessThan(later.turn());
        }
    }

    @Nested
    class Usage {
        @Test
        void is_what_waits_and_what_lies_in_the_store() {
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(0, 0));
            Job upload = jobs.begin(ADA, "", Options.NONE, 70);
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 70));
            jobs.weigh(upload.id(), 80);
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 80));
            Job job =
                    jobs.accept(upload.as("b.mp4", new Options(128, null, true, null)), 75, null)
                            .orElseThrow();
            assertThat(job.source().name()).isEqualTo("b.mp4");
            assertThat(job.options().bitrate()).isEqualTo(128);
            jobs.weigh(upload.id(), 99);
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 75));
            Job converting = store.claimed();
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(0, 75));
            jobs.succeed(converting, result(converting));
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(0, 175));
            store.failed(ADA);
            store.queued(ADA);
            store.queued(BOB);
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 2175));
            jobs.videoDeleted(converting.id());
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 2100));
            for (Job each : jobs.list(ADA.id(), null, 10)) jobs.cancel(each.id());
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(0, 0));
        }
    }

    @Nested
    class IdempotencyKey {
        @Test
        void names_the_same_job_again() {
            Job first = jobs.accept(store.uploading(ADA), 1000, "key").orElseThrow();
            Job second = store.uploading(ADA);
            assertThat(jobs.accept(second, 1000, "key")).contains(first);
            assertThat(jobs.findByKey(ADA.id(), "key")).contains(first);
            assertThat(jobs.find(second.id())).isEmpty();
        }

        @Test
        void is_its_owners_own() {
            Job ada = jobs.accept(store.uploading(ADA), 1000, "key").orElseThrow();
            Job bob = jobs.accept(store.uploading(BOB), 1000, "key").orElseThrow();
            assertThat(bob.id()).isNotEqualTo(ada.id());
            assertThat(jobs.findByKey("eve", "key")).isEmpty();
        }

        @Test
        void makes_one_job_of_uploads_that_end_at_the_same_time() throws Exception {
            for (int i = 0; i < 5; i++) {
                String key = "key " + i;
                List<Job> accepted =
                        race(
                                Collections.nCopies(
                                        4,
                                        () ->
                                                jobs.accept(store.uploading(ADA), 1000, key)
                                                        .orElseThrow()));
                assertThat(accepted).extracting(Job::id).containsOnly(accepted.getFirst().id());
            }
            assertThat(jobs.list(ADA.id(), null, 100)).hasSize(5);
        }

        @Test
        void is_forgotten_after_a_day() {
            Job first = jobs.accept(store.uploading(ADA), 1000, "key").orElseThrow();
            store.clock.advance(Jobs.KEY_KEPT);
            jobs.forgetOldKeys();
            assertThat(jobs.findByKey(ADA.id(), "key")).contains(store.now(first));
            store.clock.advance(Duration.ofSeconds(1));
            jobs.forgetOldKeys();
            assertThat(jobs.findByKey(ADA.id(), "key")).isEmpty();
            assertThat(jobs.accept(store.uploading(ADA), 1000, "key"))
                    .isNotEmpty()
                    .get()
                    .extracting(Job::id)
                    .isNotEqualTo(first.id());
        }
    }

    /** By its id a job is read by the driver, in a list by Spring Data. */
    @Nested
    class Reading {
        @Test
        void by_id_gives_what_a_list_gives() {
            List<Job> all =
                    List.of(
                            store.uploading(ADA),
                            store.done(ADA),
                            store.failed(BOB),
                            jobs.accept(
                                            jobs.begin(
                                                    BOB,
                                                    "b \u00fc \ud83c\udfb5.mkv",
                                                    new Options(128, null, true, 44_100)),
                                            1L << 40,
                                            "a key")
                                    .orElseThrow(),
                            jobs.accept(
                                            jobs.begin(BOB, "c", new Options(null, 4, false, null)),
                                            5,
                                            null)
                                    .orElseThrow(),
                            store.claimed());
            for (Job job : all) {
                Job listed = store.mongo.findOne(query(where("_id").is(job.id())), Job.class);
                assertThat(store.now(job)).isEqualTo(listed);
            }
            assertThat(all).extracting(job -> store.now(job).status()).contains(Status.CONVERTING);
        }
    }

    @Nested
    class Claim {
        @Test
        void counts_the_attempt_and_names_the_worker_before_the_work() {
            Job queued = store.queued(ADA);
            store.clock.advance(Duration.ofSeconds(3));
            Job job = jobs.claim("worker 7").orElseThrow();
            assertThat(job.id()).isEqualTo(queued.id());
            assertThat(job.status()).isEqualTo(Status.CONVERTING);
            assertThat(job.attempt()).isEqualTo(1);
            assertThat(Objects.requireNonNull(job.lease()).worker()).isEqualTo("worker 7");
            assertThat(job.startedAt()).isEqualTo(store.clock.instant());
            assertThat(jobs.find(job.id())).contains(job);
            assertThat(jobs.claim("worker 8")).isEmpty();
        }

        @Test
        void does_not_wait_for_a_clock_that_is_behind_the_gateways() {
            store.clock.advance(Duration.ofMinutes(1));
            Job job = store.queued(ADA);
            store.clock.advance(Duration.ofMinutes(-1));
            assertThat(jobs.due(10)).containsExactly(job.id());
            Job claimed = jobs.claim("worker").orElseThrow();
            store.clock.advance(Duration.ofMinutes(1));
            jobs.handBack(claimed, Duration.ZERO);
            store.clock.advance(Duration.ofMinutes(-1));
            assertThat(jobs.claim("another")).isPresent();
        }

        @Test
        void hands_no_job_to_two_of_many_workers() throws Exception {
            for (int i = 0; i < 200; i++) store.queued(new Owner("o" + i % 7, "o@x", true));
            Callable<List<String>> worker =
                    () ->
                            Stream.generate(() -> jobs.claim(Thread.currentThread().getName()))
                                    .takeWhile(Optional::isPresent)
                                    .map(job -> job.orElseThrow().id())
                                    .toList();
            List<String> claimed =
                    race(Collections.nCopies(8, worker)).stream().flatMap(List::stream).toList();
            assertThat(claimed).hasSize(200).doesNotHaveDuplicates();
        }

        @Test
        void does_not_let_one_owners_many_jobs_stand_before_anothers_one() {
            for (int i = 0; i < 300; i++) store.queued(ADA);
            assertThat(store.claimed().owner()).isEqualTo(ADA);
            assertThat(store.claimed().owner()).isEqualTo(ADA);
            Job bob = store.queued(BOB);
            List<String> next = Stream.generate(store::claimed).limit(2).map(Job::id).toList();
            assertThat(next).contains(bob.id());
        }

        @Test
        void serves_owners_in_alternation_and_gives_no_credit_for_idling() {
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
        void leaves_a_job_alone_before_it_is_due() {
            Job job = store.converting(ADA);
            assertThat(jobs.handBack(job, Duration.ofSeconds(30))).isTrue();
            store.clock.advance(Duration.ofSeconds(29));
            assertThat(jobs.claim("worker")).isEmpty();
            assertThat(jobs.due(10)).isEmpty();
            store.clock.advance(Duration.ofSeconds(1));
            assertThat(jobs.due(10)).containsExactly(job.id());
            assertThat(store.claimed().attempt()).isEqualTo(2);
        }
    }

    @Nested
    class Limit {
        private static final Owner EVE = new Owner("eve", "eve@example.org", true);

        @Test
        void of_one_owner_lets_anothers_job_be_taken_meanwhile() {
            Jobs limited = store.jobs(2);
            for (int i = 0; i < 4; i++) store.queued(ADA);
            Job first = limited.claim("worker").orElseThrow();
            Job second = limited.claim("worker").orElseThrow();
            Job bob = store.queued(BOB);
            assertThat(limited.claim("worker")).get().extracting(Job::id).isEqualTo(bob.id());
            assertThat(limited.claim("worker")).isEmpty();
            limited.succeed(first, result(first));
            assertThat(limited.claim("worker")).get().extracting(Job::owner).isEqualTo(ADA);
            assertThat(limited.claim("worker")).isEmpty();
            limited.cancel(second.id());
            assertThat(limited.claim("worker")).get().extracting(Job::owner).isEqualTo(ADA);
        }

        @Test
        void is_not_exceeded_by_workers_that_claim_at_once_and_costs_no_attempt() throws Exception {
            Jobs limited = store.jobs(3);
            for (int i = 0; i < 12; i++) store.queued(ADA);
            for (int round = 1; round <= 4; round++) {
                Callable<Optional<Job>> worker = () -> limited.claim("worker");
                List<Job> claimed =
                        race(Collections.nCopies(8, worker)).stream()
                                .flatMap(Optional::stream)
                                .toList();
                assertThat(claimed).hasSize(3);
                assertThat(claimed).extracting(Job::attempt).containsOnly(1);
                assertThat(jobs.converting()).containsExactlyInAnyOrderElementsOf(claimed);
                List<Job> waiting =
                        jobs.list(ADA.id(), null, 100).stream()
                                .filter(job -> job.status() == Status.QUEUED)
                                .toList();
                assertThat(waiting).hasSize(12 - 3 * round);
                assertThat(waiting)
                        .allSatisfy(job -> {
                            assertThat(job.attempt()).isZero();
                            assertThat(job.startedAt()).isNull();
                            assertThat(job.lease()).isNull();
                            assertThat(job.strikes()).isZero();
                        });
                for (Job job : claimed) assertThat(jobs.succeed(job, result(job))).isTrue();
            }
        }

        @Test
        void wakes_nobody_for_what_it_holds_back() {
            Jobs limited = store.jobs(2);
            for (int i = 0; i < 5; i++) store.queued(ADA);
            assertThat(limited.due(100)).hasSize(2);
            Job first = limited.claim("worker").orElseThrow();
            assertThat(limited.due(100)).hasSize(1);
            limited.claim("worker");
            assertThat(limited.due(100)).isEmpty();
            Job bob = store.queued(BOB);
            assertThat(limited.due(100)).containsExactly(bob.id());
            limited.succeed(first, result(first));
            assertThat(limited.due(100)).hasSize(2);
        }

        @Test
        void remembers_those_that_nobody_was_woken_for() {
            Jobs limited = store.jobs(1);
            for (int i = 0; i < 3; i++) store.queued(ADA);
            Job job = limited.claim("worker").orElseThrow();
            assertThat(limited.holdsBack(ADA.id())).isFalse(); // nobody came in vain
            assertThat(limited.claim("worker")).isEmpty();
            for (int left = 2; left > 0; left--) {
                limited.succeed(job, result(job));
                assertThat(limited.holdsBack(ADA.id())).isTrue();
                assertThat(limited.holdsBack(BOB.id())).isFalse();
                job = limited.claim("worker").orElseThrow();
            }
            limited.succeed(job, result(job));
            assertThat(limited.holdsBack(ADA.id())).isFalse();
        }

        @Test
        void gives_no_right_to_be_served_alone_afterwards() {
            Jobs limited = store.jobs(1);
            for (int i = 0; i < 40; i++) store.queued(ADA);
            Job ada = limited.claim("worker").orElseThrow();
            for (int i = 0; i < 30; i++) {
                store.queued(BOB);
                Job bob = limited.claim("worker").orElseThrow();
                assertThat(bob.owner()).isEqualTo(BOB);
                limited.succeed(bob, result(bob));
            }
            // one worker is left
            limited.succeed(ada, result(ada));
            Job eve = store.queued(EVE);
            List<String> next = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Job job = limited.claim("worker").orElseThrow();
                next.add(job.id());
                limited.succeed(job, result(job));
            }
            assertThat(next).contains(eve.id());
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 4, 6})
        void a_flood_delays_anothers_job_by_no_more_than_those_under_way(int limit) {
            Jobs limited = store.jobs(limit);
            flood(1000);
            int workers = 6;
            List<Job> underWay = new ArrayList<>();
            while (underWay.size() < workers) {
                Optional<Job> claimed = limited.claim("worker");
                if (claimed.isEmpty()) break;
                underWay.add(claimed.get());
            }
            assertThat(underWay).hasSize(limit == 0 ? workers : limit);
            Job bob = store.queued(BOB);
            // a free worker takes it at once, and otherwise the first that becomes free
            if (underWay.size() == workers)
                jobs.succeed(underWay.getLast(), result(underWay.getLast()));
            assertThat(limited.claim("worker")).get().extracting(Job::id).isEqualTo(bob.id());
        }

        private void flood(int number) {
            Job one = store.queued(ADA);
            List<Job> more = new ArrayList<>();
            for (int turn = 1; turn < number; turn++) {
                more.add(
                        new Job(
                                new ObjectId().toHexString(),
                                ADA,
                                one.source(),
                                one.options(),
                                Status.QUEUED,
                                0,
                                turn,
                                0,
                                0,
                                one.due(),
                                null,
                                null,
                                null,
                                null,
                                one.createdAt(),
                                null,
                                null,
                                null));
            }
            store.mongo.insertAll(more);
            store.mongo.updateFirst(
                    Query.query(Criteria.where("_id").is("owner:" + ADA.id())),
                    new Update().set("turn", (long) number),
                    "turns");
        }
    }

    @Nested
    class Settlement {
        @Test
        void with_an_mp3() {
            Job job = store.converting(ADA);
            assertThat(jobs.beat(job, 50)).isTrue();
            assertThat(store.now(job).progress()).isEqualTo(50);
            store.clock.advance(Duration.ofSeconds(5));
            assertThat(jobs.succeed(job, result(job))).isTrue();
            Job done = store.now(job);
            assertThat(done.status()).isEqualTo(Status.DONE);
            assertThat(done.progress()).isEqualTo(100);
            assertThat(done.result()).isEqualTo(result(job));
            assertThat(done.finishedAt()).isEqualTo(store.clock.instant());
            assertThat(done.lease()).isNull();
            assertThat(Objects.requireNonNull(done.announcement()).made()).isFalse();
        }

        @Test
        void with_a_failure() {
            Job failed = store.failed(ADA);
            assertThat(failed.status()).isEqualTo(Status.FAILED);
            assertThat(failed.failure()).isEqualTo(CORRUPT);
            assertThat(failed.result()).isNull();
            assertThat(failed.lease()).isNull();
            assertThat(Objects.requireNonNull(failed.announcement()).made()).isFalse();
        }

        @Test
        void is_made_by_one_of_two() throws Exception {
            for (int i = 0; i < ROUNDS; i++) {
                Job job = store.converting(ADA);
                List<Boolean> won =
                        race(() -> jobs.succeed(job, result(job)), () -> jobs.fail(job, CORRUPT));
                assertThat(won).containsOnlyOnce(true);
                assertThat(store.now(job).status())
                        .isEqualTo(won.getFirst() ? Status.DONE : Status.FAILED);
            }
        }

        @Test
        void and_the_sweep_that_takes_its_worker_for_lost_do_not_both_win() throws Exception {
            for (int i = 0; i < ROUNDS; i++) {
                Job job = store.converting(ADA);
                List<Boolean> won =
                        race(
                                () -> jobs.succeed(job, result(job)),
                                () ->
                                        jobs.takeBackUnmoved(
                                                job, Objects.requireNonNull(job.lease())));
                assertThat(won).containsOnlyOnce(true);
                assertThat(store.now(job).status())
                        .isEqualTo(won.getFirst() ? Status.DONE : Status.QUEUED);
                jobs.cancel(job.id());
            }
        }

        @Test
        void of_an_attempt_that_was_taken_over_changes_nothing() {
            Job zombie = store.converting(ADA);
            assertThat(jobs.handBack(zombie, Duration.ZERO)).isTrue();
            assertThat(refusedAll(zombie)).isTrue();
            Job job = store.claimed();
            assertThat(job.attempt()).isEqualTo(2);
            assertThat(refusedAll(zombie)).isTrue();
            assertThat(store.now(job)).isEqualTo(job);
            assertThat(jobs.succeed(job, result(job))).isTrue();
            assertThat(refusedAll(zombie)).isTrue();
            assertThat(refusedAll(job)).isTrue();
            assertThat(store.now(job).result()).isEqualTo(result(job));
        }
    }

    @Nested
    class Cancel {
        @Test
        void stops_what_waits_or_is_converted() {
            Job queued = store.queued(ADA);
            jobs.cancel(queued.id());
            assertThat(store.now(queued).status()).isEqualTo(Status.CANCELLED);
            assertThat(jobs.claim("worker")).isEmpty();
            Job converting = store.converting(ADA);
            jobs.cancel(converting.id());
            jobs.cancel(converting.id());
            Job cancelled = store.now(converting);
            assertThat(cancelled.status()).isEqualTo(Status.CANCELLED);
            assertThat(cancelled.lease()).isNull();
            assertThat(cancelled.finishedAt()).isNotNull();
            assertThat(refusedAll(converting)).isTrue();
        }

        @Test
        void lets_what_is_settled_expire() {
            for (Job job : List.of(store.done(ADA), store.failed(ADA))) {
                jobs.cancel(job.id());
                jobs.cancel(job.id());
                assertThat(store.now(job).status()).isEqualTo(Status.EXPIRED);
            }
        }

        @Test
        void and_a_success_at_the_same_time_end_in_one_story() throws Exception {
            for (int i = 0; i < ROUNDS; i++) {
                Job job = store.converting(ADA);
                boolean succeeded =
                        race(
                                        () -> jobs.succeed(job, result(job)),
                                        () -> {
                                            jobs.cancel(job.id());
                                            return false;
                                        })
                                .getFirst();
                Job after = store.now(job);
                assertThat(after.status()).isEqualTo(succeeded ? Status.EXPIRED : Status.CANCELLED);
                assertThat(after.result() != null).isEqualTo(succeeded);
            }
        }

        @Test
        void and_a_claim_at_the_same_time_leave_no_worker_at_it() throws Exception {
            for (int i = 0; i < ROUNDS; i++) {
                Job job = store.queued(ADA);
                List<Optional<Job>> claimed =
                        race(
                                () -> jobs.claim("worker"),
                                () -> {
                                    jobs.cancel(job.id());
                                    return Optional.empty();
                                });
                assertThat(store.now(job).status()).isEqualTo(Status.CANCELLED);
                claimed.getFirst().ifPresent(mine -> assertThat(jobs.beat(mine, 1)).isFalse());
            }
        }

        @Test
        void and_a_hand_back_at_the_same_time_do_not_revive_the_job() throws Exception {
            for (int i = 0; i < ROUNDS; i++) {
                Job job = store.converting(ADA);
                race(
                        () -> jobs.handBack(job, Duration.ZERO),
                        () -> {
                            jobs.cancel(job.id());
                            return true;
                        });
                assertThat(store.now(job).status()).isEqualTo(Status.CANCELLED);
            }
        }
    }

    @Nested
    class Strikes {
        @Test
        void send_the_job_back_four_times_and_fail_it_the_fifth_time() {
            store.queued(ADA);
            for (int strike = 1; strike < Jobs.STRIKES; strike++) {
                Job job = alone();
                assertThat(jobs.takeBackUnmoved(job, Objects.requireNonNull(job.lease()))).isTrue();
                Job struck = store.now(job);
                assertThat(struck.status()).isEqualTo(Status.QUEUED);
                assertThat(struck.strikes()).isEqualTo(strike);
                assertThat(struck.lease()).isNull();
            }
            Job last = alone();
            assertThat(jobs.strike(last)).isTrue();
            Job failed = store.now(last);
            assertThat(failed.status()).isEqualTo(Status.FAILED);
            assertThat(failed.failure()).isEqualTo(new Failure(Failure.Code.INTERNAL));
            assertThat(failed.strikes()).isEqualTo(5);
            assertThat(Objects.requireNonNull(failed.announcement()).made()).isFalse();
            assertThat(jobs.claim("worker")).isEmpty();
        }

        private Job alone() {
            Job job = store.claimed();
            assertThat(jobs.beginAlone(job)).isTrue();
            return store.now(job);
        }

        @Test
        void are_not_given_for_handing_back() {
            store.queued(ADA);
            for (int i = 0; i < 10; i++) jobs.handBack(store.claimed(), Duration.ZERO);
            Job struck = store.claimed();
            jobs.strike(struck);
            Job job = store.claimed();
            jobs.handBack(job, Duration.ZERO);
            assertThat(store.now(job).strikes()).isEqualTo(1);
            assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
        }

        @Test
        void are_not_given_to_a_worker_who_moved() {
            Job job = store.converting(ADA);
            jobs.beat(job, 1);
            assertThat(jobs.takeBackUnmoved(job, Objects.requireNonNull(job.lease()))).isFalse();
            assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
        }

        @Test
        void are_given_once_by_two_observers() throws Exception {
            for (int i = 0; i < ROUNDS; i++) {
                Job job = store.converting(ADA);
                Callable<Boolean> observer =
                        () -> jobs.takeBackUnmoved(job, Objects.requireNonNull(job.lease()));
                assertThat(race(observer, observer)).containsOnlyOnce(true);
                assertThat(store.now(job).strikes()).isEqualTo(1);
                jobs.cancel(job.id());
            }
        }

        @Test
        void and_a_beat_at_the_same_time_do_not_both_count() throws Exception {
            for (int i = 0; i < ROUNDS; i++) {
                Job job = store.converting(ADA);
                List<Boolean> won =
                        race(
                                () -> jobs.beat(job, 1),
                                () ->
                                        jobs.takeBackUnmoved(
                                                job, Objects.requireNonNull(job.lease())));
                assertThat(won).containsOnlyOnce(true);
                jobs.cancel(job.id());
            }
        }
    }

    @Nested
    class Announcement {
        @ParameterizedTest
        @EnumSource(
                value = Status.class,
                names = {"DONE", "FAILED"})
        void is_late_after_half_a_minute_and_asked_for_in_steps(Status status) {
            Job job = status == Status.DONE ? store.done(ADA) : store.failed(ADA);
            store.clock.advance(Duration.ofSeconds(29));
            assertThat(jobs.unannounced(10)).isEmpty();
            store.clock.advance(Duration.ofSeconds(1));
            assertThat(jobs.unannounced(10)).extracting(Job::id).containsExactly(job.id());
            assertThat(jobs.unannounced(10)).isEmpty();
            store.clock.advance(Duration.ofSeconds(30));
            assertThat(jobs.unannounced(10)).hasSize(1);
            store.clock.advance(Duration.ofHours(1));
            jobs.announced(job.id());
            assertThat(jobs.unannounced(10)).isEmpty();
        }

        @Test
        void of_a_job_that_its_owner_deleted_is_none() {
            jobs.cancel(store.done(ADA).id());
            jobs.cancel(store.failed(ADA).id());
            store.clock.advance(Duration.ofHours(1));
            assertThat(jobs.unannounced(10)).isEmpty();
        }

        @Test
        void put_off_waits_and_counts() {
            Job job = store.done(ADA);
            jobs.announceLater(job.id(), Duration.ofMinutes(10));
            assertThat(Objects.requireNonNull(store.now(job).announcement()).tries()).isEqualTo(1);
            store.clock.advance(Duration.ofMinutes(10));
            assertThat(jobs.unannounced(10)).isEmpty();
            store.clock.advance(Duration.ofSeconds(30));
            assertThat(jobs.unannounced(10)).hasSize(1);
        }

        @Test
        void made_is_not_put_off_any_more() {
            Job job = store.done(ADA);
            jobs.announced(job.id());
            jobs.announceLater(job.id(), Duration.ofMinutes(10));
            assertThat(Objects.requireNonNull(store.now(job).announcement()))
                    .isEqualTo(
                            new Job.Announcement(
                                    true, 0, Objects.requireNonNull(job.announcement()).due()));
        }

        @Test
        void of_what_is_not_settled_does_not_exist() {
            Job job = store.queued(ADA);
            jobs.announced(job.id());
            jobs.announceLater(job.id(), Duration.ofMinutes(10));
            assertThat(store.now(job)).isEqualTo(job);
        }
    }

    @Test
    void a_list_has_the_owners_jobs_newest_first_page_by_page() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            ids.addFirst(store.queued(ADA).id());
            store.queued(BOB);
            store.uploading(ADA);
        }
        List<String> seen = new ArrayList<>();
        String before = null;
        for (int size : new int[] {3, 3, 1, 0}) {
            List<Job> page = jobs.list(ADA.id(), before, 3);
            assertThat(page).hasSize(size);
            page.forEach(job -> seen.add(job.id()));
            if (!page.isEmpty()) before = page.getLast().id();
        }
        assertThat(seen).isEqualTo(ids);
        assertThat(jobs.list(null, null, 100)).hasSize(14);
    }

    @Test
    void an_id_that_is_none_is_an_unknown_job() {
        store.queued(ADA);
        for (String id : List.of("", "x", "../..", "ffffffffffffffffffffffff"))
            assertThat(jobs.find(id)).isEmpty();
    }

    @Test
    void knows_which_files_somebody_needs() {
        Job uploading = store.uploading(ADA);
        assertThat(jobs.needs(uploading.id())).isTrue();
        jobs.discard(uploading.id());
        assertThat(jobs.needs(uploading.id())).isFalse();

        Job job = store.converting(ADA);
        assertThat(jobs.needs(job.id())).isTrue();
        assertThat(jobs.needs(job.attemptFile())).isTrue();
        assertThat(jobs.needs(job.id() + "-2")).isFalse();
        jobs.handBack(job, Duration.ZERO);
        assertThat(jobs.needs(job.id())).isTrue();
        assertThat(jobs.needs(job.attemptFile())).isFalse();

        Job second = store.claimed();
        assertThat(jobs.needs(job.attemptFile())).isFalse();
        jobs.succeed(second, result(second));
        assertThat(jobs.needs(second.attemptFile())).isTrue();
        assertThat(jobs.needs(job.attemptFile())).isFalse();
        assertThat(jobs.needs(job.id())).isTrue();
        jobs.videoDeleted(job.id());
        assertThat(jobs.needs(job.id())).isFalse();
        jobs.cancel(job.id());
        assertThat(jobs.needs(second.attemptFile())).isFalse();

        Job failed = store.failed(ADA);
        assertThat(jobs.needs(failed.id())).isTrue();
        assertThat(jobs.needs(failed.attemptFile())).isFalse();

        Job cancelled = store.converting(ADA);
        jobs.cancel(cancelled.id());
        assertThat(jobs.needs(cancelled.id())).isFalse();
        assertThat(jobs.needs(cancelled.attemptFile())).isFalse();

        for (String stranger : List.of("", "x", "readme", "ffffffffffffffffffffffff-1"))
            assertThat(jobs.needs(stranger)).isFalse();
    }

    @Test
    void tells_how_much_there_is_to_do_and_since_when_the_oldest_waits() {
        assertThat(jobs.load()).isEqualTo(new Jobs.Load(0, 0, 0, null));
        store.uploading(ADA);
        store.clock.advance(Duration.ofMinutes(1));
        store.done(ADA);
        store.failed(ADA);
        assertThat(jobs.load()).isEqualTo(new Jobs.Load(1, 0, 0, null));
        Job oldest = store.queued(ADA);
        store.clock.advance(Duration.ofMinutes(1));
        store.queued(ADA);
        store.queued(BOB); // before ADA's second, and not older
        assertThat(jobs.load()).isEqualTo(new Jobs.Load(1, 3, 0, oldest.createdAt()));
        Job claimed = store.claimed();
        assertThat(jobs.load().converting()).isEqualTo(1);
        // what goes on later still waits
        jobs.handBack(claimed, Duration.ofHours(1));
        assertThat(jobs.load()).isEqualTo(new Jobs.Load(1, 3, 0, oldest.createdAt()));
    }

    /** True when nothing that a worker can say of this attempt changes anything. */
    private boolean refusedAll(Job job) {
        Job before = store.now(job);
        boolean accepted =
                jobs.beat(job, 99)
                        || jobs.succeed(job, result(job))
                        || jobs.fail(job, CORRUPT)
                        || jobs.handBack(job, Duration.ZERO)
                        || jobs.strike(job);
        return !accepted && store.now(job).equals(before);
    }

    private static <T> List<T> race(Callable<T> one, Callable<T> other) throws Exception {
        return race(List.of(one, other));
    }

    /** Lets all of them go at the same moment; what each came back with, in the order given. */
    private static <T> List<T> race(List<Callable<T>> runners) throws Exception {
        CyclicBarrier start = new CyclicBarrier(runners.size());
        List<Callable<T>> ready = new ArrayList<>();
        for (Callable<T> runner : runners) {
            ready.add(() -> {
                start.await();
                return runner.call();
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(runners.size())) {
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(ready)) results.add(result.get());
            return results;
        }
    }
}
