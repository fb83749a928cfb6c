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
 * monotonic clock goes on. An answer says only that the store's time is between the one in it and a
 * round trip later, so it changes the time here by no more than it must: a slow answer does not let
 * a job end before it began.
 *
 * <p>If the store and this machine disagree by more than {@link #TOLERANCE}, one of them is wrong,
 * and nothing may be deleted by its age.
 */
public class StoreClock implements MeterBinder {
    static final Duration TOLERANCE = Duration.ofMinutes(5);

    /** An answer that took longer says too little. */
    private static final Duration ROUND_TRIP = Duration.ofSeconds(2);

    /** MongoDB answers with whole milliseconds. */
    private static final Duration PRECISION = Duration.ofMillis(1);

    private record Answer(Instant time, long at, Duration difference) {
        Instant timeAt(long nanoTime) {
            return time.plusNanos(nanoTime - at);
        }
    }

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
        long at = nanoClock.nanoTime();
        Duration roundTrip = Duration.ofNanos(at - asked);
        if (roundTrip.compareTo(ROUND_TRIP) > 0) return;
        Answer before = last;
        Instant now =
                before == null
                        ? time.plus(roundTrip.dividedBy(2))
                        : nearest(before.timeAt(at), time, time.plus(roundTrip).plus(PRECISION));
        last = new Answer(now, at, Duration.between(local.instant(), now));
    }

    private static Instant nearest(Instant time, Instant earliest, Instant latest) {
        if (time.isBefore(earliest)) return earliest;
        return time.isAfter(latest) ? latest : time;
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
                return answer == null ? local.instant() : answer.timeAt(nanoClock.nanoTime());
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
