package dev.tomp3.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MinimumRateTest {
    private static final int BUFFER = 64 * 1024;

    @Test
    void a_single_write_that_takes_longer_than_the_window_counts_by_its_time() {
        MinimumRate rate = new MinimumRate(1024);
        assertThat(rate.record(BUFFER, Duration.ofSeconds(64))).isTrue();
        assertThat(rate.record(BUFFER, Duration.ofSeconds(65))).isFalse();
    }

    @Test
    void is_an_average_over_a_minute_in_which_it_waits() {
        MinimumRate rate = new MinimumRate(1024);
        assertThat(rate.record(60 * 1024, Duration.ZERO)).isTrue();
        assertThat(rate.record(0, Duration.ofSeconds(60))).isTrue();
        assertThat(rate.record(0, Duration.ofSeconds(59))).isTrue();
        assertThat(rate.record(59 * 1024, Duration.ofSeconds(1))).isFalse();
        assertThat(new MinimumRate(0).record(0, Duration.ofHours(1))).isTrue();
    }
}
