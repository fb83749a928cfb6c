package dev.tomp3.gateway;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How many of something each user has at the same time on this gateway. */
final class CountPerUser {
    private final int max;
    private final ConcurrentMap<String, Integer> counts = new ConcurrentHashMap<>();

    CountPerUser(int max) {
        this.max = max;
    }

    /** Counts one more; false, and nothing is counted, if the user has the maximum. */
    boolean add(String user) {
        if (counts.merge(user, 1, Integer::sum) <= max) return true;
        remove(user);
        return false;
    }

    void remove(String user) {
        counts.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
    }
}
