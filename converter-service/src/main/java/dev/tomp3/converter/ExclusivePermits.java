package dev.tomp3.converter;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets any number of jobs run at the same time in this process, or one job exclusively. In order of
 * arrival, so that none starves.
 */
final class ExclusivePermits {
    private static final int ALL = Integer.MAX_VALUE;

    private final Semaphore permits = new Semaphore(ALL, true);

    /** Waits for a permit while a job runs exclusively, or waits for that. */
    Optional<Permit> acquire(Duration wait) throws InterruptedException {
        return permits.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)
                ? Optional.of(new Permit())
                : Optional.empty();
    }

    /** What a running job holds. Any thread may close it. */
    final class Permit implements AutoCloseable {
        private int held = 1;

        private Permit() {}

        /** Waits until no other job has a permit. */
        void makeExclusive() throws InterruptedException {
            close();
            permits.acquire(ALL);
            held = ALL;
        }

        @Override
        public void close() {
            permits.release(held);
            held = 0;
        }
    }
}
