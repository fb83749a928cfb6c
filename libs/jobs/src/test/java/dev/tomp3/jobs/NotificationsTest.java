package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.Job.Notification.Channel;
import dev.tomp3.jobs.Job.Status;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("back-end")
class NotificationsTest {
    private final Store store = new Store();
    private final Notifications notifications = store.notifications;

    @AfterEach
    void close() {
        store.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.class,
            names = {"DONE", "FAILED"})
    void an_unsent_notification_is_overdue_after_half_a_minute_and_again_each_half_minute(
            Status status) {
        Job job = status == Status.DONE ? store.done(ADA) : store.failed(ADA);
        store.clock.advance(Duration.ofSeconds(29));
        assertThat(notifications.overdue(10)).isEmpty();
        store.clock.advance(Duration.ofSeconds(1));
        assertThat(notifications.overdue(10)).extracting(Job::id).containsExactly(job.id());
        assertThat(notifications.overdue(10)).isEmpty();
        store.clock.advance(Duration.ofSeconds(30));
        assertThat(notifications.overdue(10)).hasSize(1);
        store.clock.advance(Duration.ofHours(1));
        notifications.sent(job.id());
        assertThat(notifications.overdue(10)).isEmpty();
    }

    @Test
    void a_deleted_job_has_no_notification_to_send() {
        store.jobs.cancel(store.done(ADA).id());
        store.jobs.cancel(store.failed(ADA).id());
        store.clock.advance(Duration.ofHours(1));
        assertThat(notifications.overdue(10)).isEmpty();
    }

    @Test
    void a_retry_waits_and_is_counted() {
        Job job = store.done(ADA);
        notifications.retryLater(job.id(), Duration.ofMinutes(10));
        assertThat(Objects.requireNonNull(store.now(job).notification()).tries()).isEqualTo(1);
        store.clock.advance(Duration.ofMinutes(10));
        assertThat(notifications.overdue(10)).isEmpty();
        store.clock.advance(Duration.ofSeconds(30));
        assertThat(notifications.overdue(10)).hasSize(1);
    }

    @Test
    void one_notifier_has_a_claim_at_a_time_until_it_is_sent_or_retried() {
        Job job = store.done(ADA);
        assertThat(notifications.claim(job.id(), "one")).isPresent();
        assertThat(notifications.claim(job.id(), "one")).as("the answer was lost").isPresent();
        store.clock.advance(Notifications.CLAIM.minusMillis(1));
        assertThat(notifications.claim(job.id(), "other")).isEmpty();
        store.clock.advance(Duration.ofMillis(1));
        assertThat(notifications.claim(job.id(), "other")).as("it was lost").isPresent();
        notifications.retryLater(job.id(), Duration.ofMinutes(10));
        for (String notifier : List.of("one", "other"))
            assertThat(notifications.claim(job.id(), notifier)).isEmpty();
        store.clock.advance(Duration.ofMinutes(10));
        assertThat(notifications.claim(job.id(), "one")).isPresent();
        notifications.sent(job.id());
        store.clock.advance(Duration.ofDays(1));
        assertThat(notifications.claim(job.id(), "one")).isEmpty();
        assertThat(notifications.claim(store.queued(ADA).id(), "one")).isEmpty();
        assertThat(notifications.claim("no id", "one")).isEmpty();
    }

    @Test
    void what_was_told_is_not_told_again_while_the_rest_is_retried() {
        Job job = store.done(ADA);
        notifications.told(job.id(), Channel.WEBHOOKS);
        assertThat(told(job)).containsExactly(Channel.WEBHOOKS);
        for (int i = 0; i < 2; i++)
            notifications.retryLater(
                    job.id(), Duration.ofMinutes(10), Channel.WEBHOOKS, Channel.LOG);
        assertThat(told(job)).containsExactly(Channel.WEBHOOKS, Channel.LOG);
    }

    private List<Channel> told(Job job) {
        return Objects.requireNonNull(Objects.requireNonNull(store.now(job).notification()).told());
    }

    @Test
    void a_sent_notification_is_not_retried() {
        Job job = store.done(ADA);
        notifications.sent(job.id());
        notifications.retryLater(job.id(), Duration.ofMinutes(10));
        assertThat(Objects.requireNonNull(store.now(job).notification()))
                .isEqualTo(
                        new Job.Notification(
                                true, 0, Objects.requireNonNull(job.notification()).due(), null));
    }

    @Test
    void a_job_that_is_not_settled_has_no_notification() {
        Job job = store.queued(ADA);
        notifications.sent(job.id());
        notifications.retryLater(job.id(), Duration.ofMinutes(10));
        assertThat(store.now(job)).isEqualTo(job);
    }
}
