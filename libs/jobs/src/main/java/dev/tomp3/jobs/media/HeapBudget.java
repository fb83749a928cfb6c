package dev.tomp3.jobs.media;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The heap that all transfers of a process may take together for their buffers. A transfer that
 * needs more waits for others to end; when none does in time, it fails, so that transfers that wait
 * for each other come to an end.
 */
public final class HeapBudget {
    private static final int UNIT = 1024;
    private static final Duration MAX_WAIT = Duration.ofSeconds(10);

    private final Semaphore units;
    private final Duration maxWait;

    public HeapBudget(long bytes) {
        this(bytes, MAX_WAIT);
    }

    HeapBudget(long bytes, Duration maxWait) {
        this.units = new Semaphore(Math.toIntExact(bytes / UNIT), true);
        this.maxWait = maxWait;
    }

    /** For a process whose transfers are few. */
    static HeapBudget unlimited() {
        return new HeapBudget((long) Integer.MAX_VALUE / 2 * UNIT);
    }

    /**
     * Takes a part of the budget.
     *
     * @throws IOException when too little was released in time
     */
    public void acquire(long bytes) throws IOException {
        try {
            if (!units.tryAcquire(units(bytes), maxWait.toMillis(), TimeUnit.MILLISECONDS))
                throw new IOException("Too many uploads and downloads run at the same time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while waiting for memory");
        }
    }

    /** Takes a part of the budget if nobody has to wait for it. */
    boolean tryAcquire(long bytes) {
        return units.tryAcquire(units(bytes));
    }

    public void release(long bytes) {
        units.release(units(bytes));
    }

    /** Bytes that are not taken. */
    public long available() {
        return (long) units.availablePermits() * UNIT;
    }

    private static int units(long bytes) {
        return Math.toIntExact((bytes + UNIT - 1) / UNIT);
    }
}
