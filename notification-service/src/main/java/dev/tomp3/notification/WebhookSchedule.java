package dev.tomp3.notification;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** When a delivery that failed is tried again: ten attempts over more than three days. */
final class WebhookSchedule {
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

    /** What a receiver may ask for with {@code Retry-After}. */
    private static final Duration MAX_RETRY_AFTER = Duration.ofHours(24);

    /** Up to a tenth more, so that receivers that were down are not told everything at once. */
    private static final double JITTER = 0.1;

    private final RandomGenerator random;

    WebhookSchedule(RandomGenerator random) {
        this.random = random;
    }

    /** False for an attempt more than there should be: the notifiers of the others were lost. */
    boolean allows(int tries) {
        return tries <= DELAYS.size() + 1;
    }

    /**
     * The delay after an attempt; empty after the last one.
     *
     * @param tries attempts so far
     * @param retryAfter what the receiver asked for
     */
    Optional<Duration> delayAfter(int tries, @Nullable Duration retryAfter) {
        if (tries > DELAYS.size()) return Optional.empty();
        Duration delay = DELAYS.get(tries - 1);
        if (retryAfter != null && retryAfter.compareTo(delay) > 0)
            delay = retryAfter.compareTo(MAX_RETRY_AFTER) < 0 ? retryAfter : MAX_RETRY_AFTER;
        long jitter = (long) (delay.toMillis() * JITTER * random.nextDouble());
        return Optional.of(delay.plusMillis(jitter));
    }
}
