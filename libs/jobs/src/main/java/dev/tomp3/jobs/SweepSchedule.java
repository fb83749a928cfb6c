package dev.tomp3.jobs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * When each part of the sweeper runs. Jobs of lost workers are reclaimed by a thread of its own,
 * which waits neither for a broker that does not answer nor for the deletion of many large files.
 */
final class SweepSchedule implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(SweepSchedule.class);

    private interface Part {
        void run() throws Exception;
    }

    private static final Duration FIRST = Duration.ofMinutes(1);

    private final Sweeper sweeper;
    private final Duration orphans;
    private final Duration strays;
    private final List<ScheduledExecutorService> executors = new ArrayList<>();
    private final Set<Part> failing = ConcurrentHashMap.newKeySet();

    /**
     * A schedule for a sweeper.
     *
     * @param orphans the interval at which orphans are deleted
     * @param strays that at which strays are; never, if it is zero
     */
    SweepSchedule(Sweeper sweeper, Duration orphans, Duration strays) {
        this.sweeper = sweeper;
        this.orphans = orphans;
        this.strays = strays;
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService urgent = thread("sweeper");
        every(urgent, Duration.ofSeconds(1), Duration.ofSeconds(1), sweeper::reclaimLeases);
        every(
                thread("republisher"),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                sweeper::republish);
        ScheduledExecutorService slow = thread("retention");
        every(slow, Duration.ofSeconds(2), Duration.ofSeconds(2), sweeper::deleteFiles);
        every(slow, Duration.ofSeconds(20), Duration.ofMinutes(1), sweeper::enforceRetention);
        every(slow, FIRST, Duration.ofHours(1), sweeper::forgetOldKeys);
        every(slow, atMost(FIRST, orphans), orphans, sweeper::deleteOrphans);
        if (strays.isPositive())
            every(slow, atMost(Duration.ofHours(1), strays), strays, sweeper::deleteStrays);
    }

    private static Duration atMost(Duration limit, Duration interval) {
        return interval.compareTo(limit) < 0 ? interval : limit;
    }

    private ScheduledExecutorService thread(String name) {
        ScheduledExecutorService executor =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name(name).daemon().factory());
        executors.add(executor);
        return executor;
    }

    @Override
    public synchronized void stop() {
        executors.forEach(ScheduledExecutorService::shutdownNow);
        executors.clear();
    }

    @Override
    public synchronized boolean isRunning() {
        return !executors.isEmpty();
    }

    private void every(
            ScheduledExecutorService executor, Duration first, Duration pause, Part part) {
        ScheduledFuture<?> _ =
                executor.scheduleWithFixedDelay(
                        () -> guarded(executor, part),
                        first.toMillis(),
                        pause.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /**
     * A failure is logged once; the next run does what this one could not. A run that {@link #stop}
     * interrupts has not failed: another service, or the next start, goes on.
     */
    private void guarded(ScheduledExecutorService executor, Part part) {
        try {
            part.run();
            failing.remove(part);
        } catch (Exception e) {
            if (!executor.isShutdown() && failing.add(part))
                log.warn("The sweeper failed and tries again: {}", e.toString());
        }
    }
}
