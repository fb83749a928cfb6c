package dev.tomp3.chaos;

import dev.tomp3.chaos.Database.Progress;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Measures how long the system takes to recover from a fault. */
final class Recovery {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    private static final Duration CONVERSION_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Deployment tomp3;
    private final Database database;
    private final Ledger ledger;

    /** Has at most one job at a time, so that fair queueing does not delay it. */
    final Client probe;

    Recovery(Deployment tomp3, Database database, Ledger ledger, Client probe) {
        this.tomp3 = tomp3;
        this.database = database;
        this.ledger = ledger;
        this.probe = probe;
    }

    /**
     * The time until each job that was being converted is settled, claimed again, or progresses.
     */
    Duration jobsResumed(long from, List<Progress> converting) {
        Map<String, Progress> waiting = new HashMap<>();
        for (Progress job : converting) waiting.put(job.id(), job);
        while (!waiting.isEmpty() && !timedOut(from)) {
            waiting.values().removeIf(this::resumed);
            LockSupport.parkNanos(POLL_INTERVAL.toNanos());
        }
        return since(from);
    }

    private boolean resumed(Progress before) {
        Progress now = database.of(before.id());
        if (now == null) return false;
        if (now.settled()) return true;
        return now.heartbeat() != null
                && (now.attempt() != before.attempt()
                        || !now.heartbeat().equals(before.heartbeat()));
    }

    /** The time until all services are ready and a new job is done and its owner notified. */
    Duration systemRecovered(long from, Sample sample) throws InterruptedException {
        while (!timedOut(from)) {
            for (URI gateway : tomp3.gateways()) {
                Upload upload = Load.upload(probe, gateway, sample, null, ledger);
                if (upload != null
                        && Load.awaitEnd(probe, gateway, upload, ledger, CONVERSION_TIMEOUT)
                        && awaitMail(upload, from)
                        && tomp3.ready()) return since(from);
            }
            Thread.sleep(POLL_INTERVAL);
        }
        return since(from);
    }

    private boolean awaitMail(Upload upload, long from) throws InterruptedException {
        String id = "<" + upload.id + "@tomp3>";
        while (!timedOut(from)) {
            if (tomp3.notified(id)) return true;
            Thread.sleep(POLL_INTERVAL);
        }
        return false;
    }

    private static boolean timedOut(long from) {
        return since(from).compareTo(TIMEOUT) > 0;
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
