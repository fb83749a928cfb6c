package dev.tomp3.notification;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WebhookScheduleTest {
    private static final List<Duration> DELAYS =
            List.of(
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(30),
                    Duration.ofHours(2),
                    Duration.ofHours(5),
                    Duration.ofHours(10),
                    Duration.ofHours(14),
                    Duration.ofHours(20),
                    Duration.ofHours(24));

    private final WebhookSchedule punctual = schedule(0);
    private final WebhookSchedule late = schedule(0.5);

    private static WebhookSchedule schedule(double random) {
        return new WebhookSchedule(
                new RandomGenerator() {
                    @Override
                    public long nextLong() {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public double nextDouble() {
                        return random;
                    }
                });
    }

    @Test
    void there_are_ten_attempts() {
        assertThat(
                        IntStream.rangeClosed(1, 9)
                                .mapToObj(tries -> punctual.delayAfter(tries, null).orElseThrow()))
                .isEqualTo(DELAYS);
        assertThat(punctual.delayAfter(10, null)).isEmpty();
        assertThat(punctual.delayAfter(11, Duration.ofHours(1))).isEmpty();
    }

    @Test
    void a_delay_is_up_to_a_tenth_longer() {
        assertThat(late.delayAfter(1, null)).contains(Duration.ofMillis(5250));
        assertThat(schedule(Math.nextDown(1.0)).delayAfter(9, null).orElseThrow())
                .isBetween(Duration.ofHours(24), Duration.ofMinutes(24 * 66));
    }

    @Test
    void a_receiver_may_ask_for_a_longer_delay_up_to_a_day_and_for_no_shorter_one() {
        assertThat(punctual.delayAfter(1, Duration.ofSeconds(60))).contains(Duration.ofSeconds(60));
        assertThat(late.delayAfter(1, Duration.ofSeconds(60))).contains(Duration.ofSeconds(63));
        assertThat(punctual.delayAfter(2, Duration.ofSeconds(60))).contains(Duration.ofMinutes(5));
        assertThat(punctual.delayAfter(1, Duration.ofDays(400))).contains(Duration.ofHours(24));
        assertThat(punctual.delayAfter(1, Duration.ofSeconds(-1))).contains(Duration.ofSeconds(5));
    }
}
