package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SharedPermitsTest {
    private static final Duration HOUR = Duration.ofHours(1);

    /** The gateway gives up earlier than both waits would take one after the other. */
    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES)
    void waits_for_the_share_of_the_address_and_for_one_of_all_no_longer_than_for_one_of_them() {
        AtomicLong now = new AtomicLong();
        // each look at the clock is an hour later than the one before
        SharedPermits permits = new SharedPermits(1, 1, HOUR, () -> now.getAndAdd(HOUR.toNanos()));

        try (SharedPermits.Permit _ = permits.acquire("192.0.2.1").orElseThrow()) {
            assertThat(permits.acquire("192.0.2.2")).isEmpty();
        }
    }
}
