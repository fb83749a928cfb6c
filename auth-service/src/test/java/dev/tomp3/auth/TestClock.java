package dev.tomp3.auth;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The system clock until a test advances or stops it. */
final class TestClock extends Clock {
    private volatile Duration offset = Duration.ZERO;
    private volatile Instant stopped;

    void stop() {
        stopped = instant();
    }

    void advance(Duration by) {
        if (stopped == null) offset = offset.plus(by);
        else stopped = stopped.plus(by);
    }

    void reset() {
        offset = Duration.ZERO;
        stopped = null;
    }

    @Override
    public Instant instant() {
        return stopped == null ? Instant.now().plus(offset) : stopped;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
