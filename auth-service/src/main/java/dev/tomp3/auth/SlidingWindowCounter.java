package dev.tomp3.auth;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Counts events of the last 60 minutes by key, for all replicas together. A row holds the events of
 * one clock hour; the count is that of the current hour plus the share of the previous hour that is
 * still within the window, as if its events had been spread evenly. Each update is one atomic
 * statement.
 */
@Component
class SlidingWindowCounter {
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private final JdbcClient jdbc;
    private final ExpiredRows expired;
    private final Clock clock;

    SlidingWindowCounter(JdbcClient jdbc, ExpiredRows expired, Clock clock) {
        this.jdbc = jdbc;
        this.expired = expired;
        this.clock = clock;
    }

    /** Events of the clock hour that begins at {@code since}. */
    private record Hour(long since, int count, long lastAt) {}

    /**
     * The last 60 minutes.
     *
     * @param sinceLast time since the last event; zero if the clock of another replica is ahead
     */
    record Recent(int count, Duration sinceLast) {}

    void increment(String key) {
        add(key, 1);
    }

    void decrement(String key) {
        add(key, -1);
    }

    private void add(String key, int number) {
        long now = clock.millis();
        DeadlockRetry.update(
                jdbc.sql(
                                "INSERT INTO hourly_counts (who, since, times, last_at) VALUES (?,"
                                    + " ?, ?, ?) ON DUPLICATE KEY UPDATE times = times + ?, last_at"
                                    + " = ?")
                        .params(key, now - now % HOUR, number, now, number, now));
    }

    Recent recent(String key) {
        long now = clock.millis();
        long currentHour = now - now % HOUR;
        long count = 0;
        long lastAt = 0;
        for (Hour hour : hours(key, currentHour)) {
            count +=
                    hour.since() < currentHour
                            ? hour.count() * (HOUR - now % HOUR) / HOUR
                            : hour.count();
            lastAt = Math.max(lastAt, hour.lastAt());
        }
        return new Recent(Math.toIntExact(count), Duration.ofMillis(Math.max(0, now - lastAt)));
    }

    /** The time until the count is below the limit if no further event occurs. */
    Duration untilBelow(String key, int limit) {
        long now = clock.millis();
        long currentHour = now - now % HOUR;
        long current = 0;
        long previous = 0;
        for (Hour hour : hours(key, currentHour)) {
            if (hour.since() < currentHour) previous = hour.count();
            else current += hour.count();
        }
        return current < limit
                ? untilBelow(previous, limit - current, currentHour, now)
                : untilBelow(current, limit, currentHour + HOUR, now);
    }

    /** The same for the events of one hour, in the hour after it. */
    private static Duration untilBelow(long count, long limit, long since, long now) {
        // the first moment m of the hour with count * (HOUR - m) / HOUR < limit
        long moment = count < limit ? 0 : HOUR - (limit * HOUR - 1) / count;
        return Duration.ofMillis(Math.max(1, since + moment - now));
    }

    /** The previous hour, the current one, and a later one if another replica's clock is ahead. */
    private List<Hour> hours(String key, long currentHour) {
        return jdbc.sql(
                        "SELECT since, times, last_at FROM hourly_counts WHERE who = ? AND since >="
                                + " ?")
                .params(key, currentHour - HOUR)
                .query((row, number) -> new Hour(row.getLong(1), row.getInt(2), row.getLong(3)))
                .list();
    }

    @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT1M")
    void deleteExpired() {
        expired.delete("hourly_counts", "since", clock.millis() - 2 * HOUR);
    }
}
