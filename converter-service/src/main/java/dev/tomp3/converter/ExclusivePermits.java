package dev.tomp3.converter;

import java.util.concurrent.Semaphore;

/**
 * Lets any number of jobs run at the same time in this process, or one job exclusively. In order of
 * arrival, so that none starves.
 */
final class ExclusivePermits {
    private static final int ALL = Integer.MAX_VALUE;

    private final Semaphore permits = new Semaphore(ALL, true);

    /** Waits. Any thread may release the permit. */
    Permit acquire(boolean exclusive) throws InterruptedException {
        int count = exclusive ? ALL : 1;
        permits.acquire(count);
        return () -> permits.release(count);
    }

    /** What a running job holds. */
    interface Permit {
        void release();
    }
}
