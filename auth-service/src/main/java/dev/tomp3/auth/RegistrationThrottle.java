package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import org.springframework.stereotype.Component;

/**
 * How many accounts an address may ask for within an hour. Counted first and looked at then, so
 * that many who come at once, to any replica, are never more; what is refused does not count.
 */
@Component
class RegistrationThrottle {
    private final SlidingWindowCounter counts;
    private final int most;

    RegistrationThrottle(SlidingWindowCounter counts, AuthProperties settings) {
        this.counts = counts;
        this.most = settings.maxRegistrationsPerHour();
    }

    /**
     * @throws ProblemException 429 when it is one too many
     */
    void count(String address) {
        if (most == 0) return;
        String who = Digest.of("register:" + Digest.network(address));
        counts.add(who);
        if (counts.recent(who).times() <= most) return;
        counts.takeBack(who);
        throw new ProblemException(
                Problem.TOO_MANY_REQUESTS,
                "Too many accounts were made from this address.",
                counts.untilBelow(who, most));
    }
}
