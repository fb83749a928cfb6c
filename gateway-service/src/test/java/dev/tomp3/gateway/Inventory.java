package dev.tomp3.gateway;

import java.util.HashSet;
import java.util.Set;

/**
 * What is in the stores. Only additions are compared: the sweeper may delete meanwhile what other
 * tests have left.
 *
 * @param jobs the ids of the jobs
 * @param videos the ids of the videos
 * @param mp3s the ids of the MP3s
 * @param chunks the ids of the chunks of videos
 */
record Inventory(Set<String> jobs, Set<String> videos, Set<String> mp3s, Set<String> chunks) {
    static final Inventory NOTHING = new Inventory(Set.of(), Set.of(), Set.of(), Set.of());

    /** What has been added since. */
    Inventory since(Inventory before) {
        return new Inventory(
                difference(jobs, before.jobs),
                difference(videos, before.videos),
                difference(mp3s, before.mp3s),
                difference(chunks, before.chunks));
    }

    private static Set<String> difference(Set<String> now, Set<String> before) {
        Set<String> added = new HashSet<>(now);
        added.removeAll(before);
        return added;
    }
}
