package dev.tomp3.jobs;

import dev.tomp3.platform.NanoClock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * The time of the store, for everything that is deleted by its age: a machine whose clock is wrong
 * neither dates nor deletes anything wrongly. Between two answers of the store, this process's
 * monotonic clock goes on from the last one.
 *
 * <p>If the store and this machine disagree by more than {@link #TOLERANCE}, one of them is wrong,
 * and nothing may be deleted by its age.
 */
public class StoreClock implements MeterBinder {
    static final Duration TOLERANCE = Duration.ofMinutes(5);

    /** An answer that took longer says too little. */
    private static final Duration ROUND_TRIP = Duration.ofSeconds(2);

    private record Answer(Instant time, long at, Duration difference) {}

    private final Clock local;
    private final NanoClock nanoClock;
    private volatile @Nullable Answer last;

    StoreClock(Clock local, NanoClock nanoClock) {
        this.local = local;
        this.nanoClock = nanoClock;
    }

    /** The time of a store that always agrees with this clock. */
    public static StoreClock agreeingWith(Clock clock) {
        return new StoreClock(clock, NanoClock.system()) {
            @Override
            void answered(Instant time, long asked) {}

            @Override
            boolean isTrusted() {
                return true;
            }
        };
    }

    /**
     * Takes over what the store has answered.
     *
     * @param asked the monotonic time at which it was asked
     */
    void answered(Instant time, long asked) {
        Duration roundTrip = nanoClock.since(asked);
        if (roundTrip.compareTo(ROUND_TRIP) > 0) return;
        Instant now = time.plus(roundTrip.dividedBy(2));
        last = new Answer(now, nanoClock.nanoTime(), Duration.between(local.instant(), now));
    }

    /** False while the store and this machine disagree, and before the store has answered. */
    boolean isTrusted() {
        Answer answer = last;
        return answer != null && answer.difference().abs().compareTo(TOLERANCE) <= 0;
    }

    /** By how much the store is ahead of this machine, as of its last answer. */
    Duration difference() {
        Answer answer = last;
        return answer == null ? Duration.ZERO : answer.difference();
    }

    /** Tells the store's time; the local one before its first answer. */
    Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                Answer answer = last;
                return answer == null
                        ? local.instant()
                        : answer.time().plus(nanoClock.since(answer.at()));
            }

            @Override
            public ZoneId getZone() {
                return local.getZone();
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException();
            }
        };
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("store.clock.difference", () -> difference().toMillis() / 1000.0)
                .description("By how much MongoDB's clock is ahead of this machine's")
                .baseUnit("seconds")
                .register(registry);
    }
}
