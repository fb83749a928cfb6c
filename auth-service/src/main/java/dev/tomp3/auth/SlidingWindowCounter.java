package dev.tomp3.auth;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * What somebody did within the hour, as all replicas counted it: exact within an hour by the clock,
 * and of the hour before as much as still reaches into the last 60 minutes, as if it had been done
 * evenly. Each count is one atomic update.
 */
@Component
class SlidingWindowCounter {
    private static final Logger log = LoggerFactory.getLogger(SlidingWindowCounter.class);
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private final JdbcClient jdbc;
    private final Clock clock;

    SlidingWindowCounter(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    private record Count(long since, int times, long lastAt) {}

    /**
     * Of the last 60 minutes.
     *
     * @param sinceLast zero when another replica's clock is ahead
     */
    record Recent(int times, Duration sinceLast) {}

    void add(String who) {
        change(who, 1);
    }

    void takeBack(String who) {
        change(who, -1);
    }

    private void change(String who, int by) {
        long now = clock.millis();
        jdbc.sql(
                        "INSERT INTO hourly_counts (who, since, times, last_at) VALUES (?, ?, ?, ?)"
                                + " ON DUPLICATE KEY UPDATE times = times + ?, last_at = ?")
                .params(who, now - now % HOUR, by, now, by, now)
                .update();
    }

    Recent recent(String who) {
        long now = clock.millis();
        long hour = now - now % HOUR;
        long times = 0;
        long lastAt = 0;
        for (Count count : counts(who, hour)) {
            times +=
                    count.since() < hour
                            ? count.times() * (HOUR - now % HOUR) / HOUR
                            : count.times();
            lastAt = Math.max(lastAt, count.lastAt());
        }
        return new Recent(Math.toIntExact(times), Duration.ofMillis(Math.max(0, now - lastAt)));
    }

    /** How long until less than that is left, if nobody does more. */
    Duration untilBelow(String who, int most) {
        long now = clock.millis();
        long hour = now - now % HOUR;
        long current = 0;
        long before = 0;
        for (Count count : counts(who, hour)) {
            if (count.since() < hour) before = count.times();
            else current += count.times();
        }
        return current < most
                ? faded(before, most - current, hour, now)
                : faded(current, most, hour + HOUR, now);
    }

    private static Duration faded(long times, long most, long since, long now) {
        // the first moment m of the hour with times * (HOUR - m) / HOUR < most
        long moment = times < most ? 0 : HOUR - (most * HOUR - 1) / times;
        return Duration.ofMillis(Math.max(1, since + moment - now));
    }

    /** Of this hour and the one before; of a later one where another replica's clock is ahead. */
    private List<Count> counts(String who, long hour) {
        return jdbc.sql(
                        "SELECT since, times, last_at FROM hourly_counts WHERE who = ? AND since >="
                                + " ?")
                .params(who, hour - HOUR)
                .query((row, number) -> new Count(row.getLong(1), row.getInt(2), row.getLong(3)))
                .list();
    }

    @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT1M")
    void forget() {
        try {
            jdbc.sql("DELETE FROM hourly_counts WHERE since < ?")
                    .param(clock.millis() - 2 * HOUR)
                    .update();
        } catch (DataAccessException e) {
            log.warn("Old counts stay for now: {}", e.toString());
        }
    }
}
