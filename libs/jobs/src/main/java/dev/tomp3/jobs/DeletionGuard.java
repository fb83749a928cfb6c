package dev.tomp3.jobs;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says when the sweeper may delete what no user asked it to delete: not while the store and this
 * machine disagree about the time, and not for a while after a restore.
 */
final class DeletionGuard {
    private static final Logger log = LoggerFactory.getLogger(DeletionGuard.class);

    private final StoreClock storeClock;
    private final Restores restores;
    private final Duration pause;

    /**
     * @param pause how long nothing is deleted after a restore
     */
    DeletionGuard(StoreClock storeClock, Restores restores, Duration pause) {
        this.storeClock = storeClock;
        this.restores = restores;
        this.pause = pause;
    }

    boolean allows() {
        if (!storeClock.isTrusted()) {
            log.warn(
                    "Nothing is deleted by age: MongoDB's clock is {} s ahead of this machine's",
                    storeClock.difference().toSeconds());
            return false;
        }
        if (restores.isWithin(pause)) {
            log.info("Nothing is deleted by age within {} after a restore", pause);
            return false;
        }
        return true;
    }
}
