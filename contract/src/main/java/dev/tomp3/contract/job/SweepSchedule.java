package dev.tomp3.contract.job;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** When each part of the sweep runs. One thread: the parts share what they have seen. */
final class SweepSchedule implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(SweepSchedule.class);

    private interface Part {
        void run() throws Exception;
    }

    private final Sweep sweep;
    private @Nullable ScheduledExecutorService executor;
    private boolean failing;

    SweepSchedule(Sweep sweep) {
        this.sweep = sweep;
    }

    @Override
    public synchronized void start() {
        executor =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("sweep").daemon().factory());
        every(executor, Duration.ofSeconds(1), Duration.ofSeconds(1), sweep::lost);
        every(executor, Duration.ofSeconds(2), Duration.ofSeconds(3), sweep::signals);
        every(executor, Duration.ofSeconds(20), Duration.ofMinutes(1), sweep::retire);
        every(executor, Duration.ofSeconds(60), Duration.ofHours(1), sweep::orphans);
    }

    @Override
    public synchronized void stop() {
        if (executor != null) executor.shutdownNow();
        executor = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return executor != null;
    }

    private void every(
            ScheduledExecutorService executor, Duration first, Duration pause, Part part) {
        ScheduledFuture<?> _ =
                executor.scheduleWithFixedDelay(
                        () -> guarded(part),
                        first.toMillis(),
                        pause.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** The next pass does what this one could not. */
    private void guarded(Part part) {
        try {
            part.run();
            failing = false;
        } catch (Exception e) {
            if (!failing) log.warn("The sweep cannot do its work now: {}", e.toString());
            failing = true;
        }
    }
}
