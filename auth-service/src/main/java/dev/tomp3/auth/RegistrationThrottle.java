package dev.tomp3.auth;

import dev.tomp3.platform.ClientNetwork;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Limits the registrations of an address within an hour. A registration is counted before the limit
 * is checked, so that simultaneous ones, on any replica, cannot exceed it; a rejected one is
 * subtracted again.
 */
@Component
class RegistrationThrottle {
    private final SlidingWindowCounter counter;
    private final int limit;

    RegistrationThrottle(SlidingWindowCounter counter, AuthProperties properties) {
        this.counter = counter;
        this.limit = properties.maxRegistrationsPerHour();
    }

    /**
     * @throws ProblemException 429 when the limit is exceeded
     */
    void count(String address) {
        if (limit == 0) return;
        String key = Digest.of("register:" + ClientNetwork.of(address));
        counter.increment(key);
        if (counter.recent(key).count() <= limit) return;
        counter.decrement(key);
        throw new ProblemException(
                Problem.TOO_MANY_REQUESTS,
                "Too many registrations from this address.",
                counter.untilBelow(key, limit));
    }
}
