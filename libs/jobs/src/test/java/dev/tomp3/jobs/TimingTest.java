package dev.tomp3.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The values that run in production; the other tests may use shorter ones. */
class TimingTest {
    @Test
    void a_worker_is_lost_after_eight_seconds() {
        assertThat(Timing.PRODUCTION.lease()).isEqualTo(Duration.ofSeconds(8));
    }

    @Test
    void a_gateway_is_lost_after_half_a_minute() {
        assertThat(Timing.PRODUCTION.upload()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void a_leader_is_lost_after_three_seconds_and_in_doubt_after_one() {
        assertThat(Timing.PRODUCTION.leader()).isEqualTo(Duration.ofSeconds(3));
        assertThat(Timing.PRODUCTION.leaderDoubt()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void the_notifier_has_half_a_minute() {
        assertThat(Timing.PRODUCTION.notification()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void an_idempotency_key_is_kept_for_a_day() {
        assertThat(Timing.PRODUCTION.idempotencyKey()).isEqualTo(Duration.ofHours(24));
    }

    @Test
    void a_job_fails_with_its_fifth_failure() {
        assertThat(Attempts.MAX_FAILURES).isEqualTo(5);
    }
}
