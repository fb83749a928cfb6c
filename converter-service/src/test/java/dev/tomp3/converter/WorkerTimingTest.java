package dev.tomp3.converter;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkerTimingTest {
    @Test
    void production_has_these_intervals() {
        assertThat(WorkerTiming.PRODUCTION)
                .isEqualTo(
                        new WorkerTiming(
                                Duration.ofMillis(500),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(1)));
    }
}
