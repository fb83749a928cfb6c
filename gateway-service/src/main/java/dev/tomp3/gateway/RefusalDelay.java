package dev.tomp3.gateway;

import dev.tomp3.platform.RateLimiter;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * Delays the refusals of a client that goes on after the first one. A client in a loop would
 * otherwise take the processor time that the requests of others need. A waiting request holds a
 * virtual thread and a connection, so that only some wait at the same time: behind a proxy, the
 * connections of one address are not limited.
 */
record RefusalDelay(Duration delay, Semaphore places) {
    private static final int MAX_WAITING = 256;

    static final RefusalDelay PRODUCTION = new RefusalDelay(Duration.ofSeconds(1));

    RefusalDelay(Duration delay) {
        this(delay, new Semaphore(MAX_WAITING));
    }

    void await(RateLimiter.Consumption refused) {
        if (refused.first() || !places.tryAcquire()) return;
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            // the gateway stops: the client gets its answer at once
            Thread.currentThread().interrupt();
        } finally {
            places.release();
        }
    }
}
