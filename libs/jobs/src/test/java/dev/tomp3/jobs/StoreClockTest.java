package dev.tomp3.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StoreClockTest {
    private final MovableClock local = new MovableClock();
    private final AtomicLong nanos = new AtomicLong();
    private final StoreClock clock = new StoreClock(local, nanos::get);

    @Test
    void tells_the_local_time_before_the_store_has_answered_but_trusts_nobody() {
        assertThat(clock.clock().instant()).isEqualTo(local.instant());
        assertThat(clock.isTrusted()).isFalse();
    }

    @Test
    void goes_on_from_the_last_answer_whatever_happens_to_the_local_clock() {
        Instant store = local.instant().plusSeconds(60);
        clock.answered(store, nanos.get());
        local.advance(Duration.ofDays(8));
        nanos.addAndGet(Duration.ofSeconds(5).toNanos());
        assertThat(clock.clock().instant()).isEqualTo(store.plusSeconds(5));
    }

    @Test
    void takes_half_of_the_round_trip_and_no_answer_that_took_long() {
        Instant store = local.instant();
        long asked = nanos.get();
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        clock.answered(store, asked);
        assertThat(clock.clock().instant()).isEqualTo(store.plusSeconds(1));
        nanos.addAndGet(1);
        clock.answered(store.plusSeconds(100), asked);
        assertThat(clock.clock().instant()).isEqualTo(store.plusSeconds(1).plusNanos(1));
    }

    @Test
    void a_slow_answer_that_agrees_does_not_set_the_time_back() {
        Instant store = local.instant();
        clock.answered(store, nanos.get());
        long asked = nanos.get();
        nanos.addAndGet(Duration.ofMillis(1500).toNanos());
        // it read its clock at the beginning, then at the end of the round trip
        for (int read : new int[] {0, 1500}) {
            clock.answered(store.plusMillis(read), asked);
            assertThat(clock.clock().instant()).isEqualTo(store.plusMillis(1500));
        }
    }

    @Test
    void an_answer_that_disagrees_changes_the_time_by_as_much_as_it_must() {
        Instant store = local.instant();
        clock.answered(store, nanos.get());
        long asked = nanos.get();
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        clock.answered(store.plusSeconds(5), asked);
        assertThat(clock.clock().instant()).isEqualTo(store.plusSeconds(5));
        clock.answered(store.plusSeconds(2), asked);
        // milliseconds are cut off in an answer
        assertThat(clock.clock().instant()).isEqualTo(store.plusMillis(3001));
    }

    @Test
    void is_trusted_while_the_store_and_this_machine_differ_by_at_most_five_minutes() {
        for (long sign : new long[] {-1, 1}) {
            clock.answered(local.instant().plusSeconds(sign * 300), nanos.get());
            assertThat(clock.isTrusted()).isTrue();
            assertThat(clock.difference())
                    .isCloseTo(Duration.ofSeconds(sign * 300), Duration.ofMillis(1));
            clock.answered(local.instant().plusSeconds(sign * 301), nanos.get());
            assertThat(clock.isTrusted()).isFalse();
        }
        clock.answered(local.instant(), nanos.get());
        assertThat(clock.isTrusted()).isTrue();
    }
}
