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
 * When each part of the sweep runs. What cannot wait has a thread of its own, so that it does not
 * wait for the deletion of many large files.
 */
final class SweepSchedule implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(SweepSchedule.class);

    private interface Part {
        void run() throws Exception;
    }

    private static final Duration FIRST = Duration.ofMinutes(1);

    private final Sweep sweep;
    private final Duration orphans;
    private final List<ScheduledExecutorService> executors = new ArrayList<>();
    private final Set<ScheduledExecutorService> failing = ConcurrentHashMap.newKeySet();

    /**
     * Runs a sweep.
     *
     * @param orphans how long between two looks for files that no job needs
     */
    SweepSchedule(Sweep sweep, Duration orphans) {
        this.sweep = sweep;
        this.orphans = orphans;
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService urgent = thread("sweep");
        every(urgent, Duration.ofSeconds(1), Duration.ofSeconds(1), sweep::lost);
        every(urgent, Duration.ofSeconds(2), Duration.ofSeconds(3), sweep::signals);
        ScheduledExecutorService patient = thread("retire");
        every(patient, Duration.ofSeconds(20), Duration.ofMinutes(1), sweep::retire);
        every(patient, orphans.compareTo(FIRST) < 0 ? orphans : FIRST, orphans, sweep::orphans);
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

    /** The next pass does what this one could not. */
    private void guarded(ScheduledExecutorService executor, Part part) {
        try {
            part.run();
            failing.remove(executor);
        } catch (Exception e) {
            if (failing.add(executor))
                log.warn("The sweep cannot do its work now: {}", e.toString());
        }
    }
}
