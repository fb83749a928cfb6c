package dev.tomp3.gateway;

import dev.tomp3.platform.RateLimiter;
import java.time.Duration;

/**
 * Delays the refusals of a client that goes on after the first one. A client in a loop would
 * otherwise take the processor time that the requests of others need. A waiting request holds a
 * virtual thread and a connection, and an address has a limited number of connections.
 */
record RefusalDelay(Duration delay) {
    static final RefusalDelay PRODUCTION = new RefusalDelay(Duration.ofSeconds(1));

    void await(RateLimiter.Consumption refused) {
        if (refused.first()) return;
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            // the gateway stops: the client gets its answer at once
            Thread.currentThread().interrupt();
        }
    }
}
