package dev.tomp3.gateway;

import dev.tomp3.jobs.JobChanges;
import dev.tomp3.jobs.JobChanges.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Tells the clients that are connected to this gateway what becomes of their jobs. One query in a
 * second asks for all of them; without clients, none.
 *
 * <p>No change is missed ({@link JobChanges}): each query overlaps the one before, one in {@link
 * #LONG_INTERVAL} goes back further, and one that fails is made up for by the next. What has been
 * told already is recognised by what the owner sees of the job.
 *
 * <p>The stop of the gateway ends all waiting before the server waits for its requests.
 */
@Component
class JobWatcher implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(JobWatcher.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration LONG_INTERVAL = Duration.ofSeconds(30);

    /** A client. Its methods must not block: all others wait. */
    interface Listener {
        /** A job of the owner has changed. */
        void changed(JobEvent event);

        /** The gateway stops. */
        void stopping();
    }

    private final JobChanges changes;
    private final JobViews views;
    private final ConcurrentMap<String, Set<Listener>> listeners = new ConcurrentHashMap<>();
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("job-watcher").daemon().factory());

    private volatile boolean running;
    private volatile boolean stopped;

    // of the watcher's thread
    private final Map<String, JobEvent> told = new HashMap<>();
    private @Nullable Instant last;
    private Instant lastLong = Instant.EPOCH;

    JobWatcher(JobChanges changes, JobViews views) {
        this.changes = changes;
        this.views = views;
    }

    /**
     * Begins to watch the jobs of an owner.
     *
     * @return ends it
     */
    Runnable watch(String owner, Listener listener) {
        listeners.compute(
                owner,
                (_, others) -> {
                    Set<Listener> all = others == null ? ConcurrentHashMap.newKeySet() : others;
                    all.add(listener);
                    return all;
                });
        if (stopped) listener.stopping();
        return () ->
                listeners.computeIfPresent(
                        owner,
                        (_, all) -> {
                            all.remove(listener);
                            return all.isEmpty() ? null : all;
                        });
    }

    @Override
    public void start() {
        running = true;
        ScheduledFuture<?> _ =
                executor.scheduleWithFixedDelay(
                        this::look,
                        INTERVAL.toMillis(),
                        INTERVAL.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        stopped = true;
        running = false;
        executor.shutdownNow();
        listeners.values().forEach(all -> all.forEach(Listener::stopping));
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void look() {
        try {
            Set<String> owners = Set.copyOf(listeners.keySet());
            Instant now = changes.now();
            if (owners.isEmpty()) told.clear();
            else look(owners, now);
            last = now;
        } catch (RuntimeException e) { // an escaped exception would end all later runs
            log.debug("The changes of jobs could not be read: {}", e.toString());
        }
    }

    private void look(Set<String> owners, Instant now) {
        boolean isLong = !now.isBefore(lastLong.plus(LONG_INTERVAL)) || now.isBefore(lastLong);
        // also if it fails: a slow store gets the short query next
        if (isLong) lastLong = now;
        for (Change change : changes.since(from(now, isLong), owners)) {
            JobEvent event = new JobEvent(change, views);
            JobEvent before = told.put(change.id(), event);
            if (before != null && before.looksLike(event)) continue;
            for (Listener listener : listeners.getOrDefault(change.owner(), Set.of()))
                listener.changed(event);
        }
        if (!isLong) return;
        Instant old = now.minus(JobChanges.LATEST).minus(JobChanges.OVERLAP);
        told.values().removeIf(event -> event.at().isBefore(old));
    }

    private Instant from(Instant now, boolean isLong) {
        Instant since = last == null || now.isBefore(last) ? now : last;
        Instant usual = since.minus(JobChanges.OVERLAP);
        Instant late = now.minus(JobChanges.LATEST);
        return isLong && late.isBefore(usual) ? late : usual;
    }
}
