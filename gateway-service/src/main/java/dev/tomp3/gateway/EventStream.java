package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobChanges;
import dev.tomp3.platform.OpenResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * One open event stream. It has a thread only while there is something to write, so that a client
 * that does not read blocks nobody else. Meanwhile the latest event of each job waits; if too many
 * jobs change, a snapshot replaces their events.
 *
 * <p>An outage of the store ends no stream: what it did not tell is read after it.
 *
 * <ol>
 *   <li>It begins with the changes since the client's last event, or with a snapshot.
 *   <li>Events that come before that is read wait, and those that it contains are left out.
 * </ol>
 */
final class EventStream implements JobWatcher.Listener, OpenResponse.Listener {
    private static final Logger log = LoggerFactory.getLogger(EventStream.class);
    private static final int MAX_PENDING = 1000;
    private static final byte[] COMMENT = {':', '\n', '\n'};

    /** After this many milliseconds a client comes again whose stream has ended. */
    private static final byte[] RETRY = "retry: 3000\n\n".getBytes(StandardCharsets.UTF_8);

    /** What a stream tells, and who forgets it. */
    interface Source {
        /** By the clock of the store. */
        Instant now();

        List<JobEvent> since(Instant from, String owner);

        List<Job> newest(String owner);

        /** As {@code GET /jobs} shows it. */
        String list(List<Job> page);

        byte[] frame(JobEvent event);

        void closed(EventStream stream);
    }

    private final String owner;
    private final @Nullable Instant position;
    private final Source source;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable OpenResponse response;

    // guarded by the lock
    private final Map<String, JobEvent> pending = new LinkedHashMap<>(2);
    private Map<String, JobEvent> sent = new HashMap<>(2);
    private boolean open;
    private boolean begun;
    private boolean hasBeginning;
    private boolean writing;
    private boolean commentDue;
    private boolean snapshotDue;

    /**
     * @param position of the last event that the client has; null if it has none, or one that is
     *     not known any more
     */
    EventStream(String owner, @Nullable Instant position, Source source) {
        this.owner = owner;
        this.position = position;
        this.source = source;
    }

    String owner() {
        return owner;
    }

    void attach(OpenResponse attached) {
        response = attached;
    }

    void close() {
        OpenResponse attached = response;
        if (attached != null) attached.close();
    }

    /** So that a proxy does not take the connection for dead. */
    void comment() {
        wake(() -> commentDue = true);
    }

    @Override
    public void changed(JobEvent event) {
        wake(() -> add(event));
    }

    @Override
    public void stopping() {
        close();
    }

    @Override
    public void opened() {
        wake(() -> open = true);
    }

    @Override
    public void closed() {
        source.closed(this);
    }

    private void add(JobEvent event) {
        if (isSent(event) || snapshotDue) return;
        if (pending.size() >= MAX_PENDING && !pending.containsKey(event.id())) {
            pending.clear();
            snapshotDue = true;
        } else pending.put(event.id(), event);
    }

    private boolean isSent(JobEvent event) {
        JobEvent known = sent.get(event.id());
        if (known == null) return false;
        if (event.at().isBefore(known.at()) || event.looksLike(known)) return true;
        sent.remove(event.id());
        return false;
    }

    /** Changes what is to be written, and makes sure that somebody writes it. */
    private void wake(Runnable change) {
        lock.lock();
        try {
            change.run();
            if (!open || writing) return;
            writing = true;
        } finally {
            lock.unlock();
        }
        Thread.ofVirtual().name("event-stream").start(this::write);
    }

    private void write() {
        OpenResponse to = response;
        if (to == null) return;
        try {
            List<byte[]> frames = next();
            while (!frames.isEmpty()) {
                for (byte[] frame : frames) to.write(frame);
                frames = next();
            }
        } catch (IOException e) {
            log.debug("An event stream of user {} ended: {}", owner, e.toString());
        } catch (DataAccessException e) {
            log.debug("An event stream of user {} waits: {}", owner, e.toString());
            readLater();
        } catch (RuntimeException e) {
            log.error("An event stream of user " + owner + " failed", e);
            to.close();
        }
    }

    /** After an outage of the store, with the next event or comment. */
    private void readLater() {
        lock.lock();
        try {
            if (hasBeginning) snapshotDue = true;
            else begun = false;
            writing = false;
        } finally {
            lock.unlock();
        }
    }

    /** What is to be written now; if nothing is, the caller's thread ends. */
    private List<byte[]> next() {
        boolean snapshot;
        boolean begins;
        List<byte[]> frames = new ArrayList<>();
        lock.lock();
        try {
            begins = !begun;
            begun = true;
            snapshot = snapshotDue || (begins && position == null);
            snapshotDue = false;
            if (!begins && !snapshot) {
                for (JobEvent event : inOrder(pending)) frames.add(source.frame(event));
                pending.clear();
                if (commentDue && frames.isEmpty()) frames.add(COMMENT);
                if (commentDue) forgetOld();
                commentDue = false;
                writing = !frames.isEmpty();
            }
        } finally {
            lock.unlock();
        }
        if (begins) frames.add(RETRY);
        if (snapshot) frames.addAll(snapshot());
        else if (begins && position != null) frames.addAll(since(position));
        return frames;
    }

    /** What the watcher does not read again. */
    private void forgetOld() {
        if (sent.isEmpty()) return;
        Instant old = source.now().minus(JobChanges.LATEST).minus(JobChanges.OVERLAP);
        sent.values().removeIf(event -> event.at().isBefore(old));
    }

    private List<byte[]> snapshot() {
        Instant now = source.now();
        // the list is read last, and may be newer than these; it is never older
        alreadySent(source.since(now.minus(JobChanges.LATEST), owner));
        List<Job> jobs = source.newest(owner);
        return List.of(JobEvent.frame(now, "snapshot", source.list(jobs)));
    }

    private List<byte[]> since(Instant last) {
        Instant from = last.minus(JobChanges.LATE);
        Instant earliest = source.now().minus(JobChanges.LATEST);
        List<JobEvent> recent = source.since(earliest.isBefore(from) ? earliest : from, owner);
        alreadySent(recent);
        List<byte[]> frames = new ArrayList<>();
        for (JobEvent event : recent)
            if (!event.at().isBefore(from)) frames.add(source.frame(event));
        return frames;
    }

    private void alreadySent(List<JobEvent> events) {
        lock.lock();
        try {
            hasBeginning = true;
            sent = new HashMap<>();
            for (JobEvent event : events) sent.put(event.id(), event);
            pending.values().removeIf(this::isSent);
        } finally {
            lock.unlock();
        }
    }

    private static List<JobEvent> inOrder(Map<String, JobEvent> events) {
        return events.values().stream().sorted(Comparator.comparing(JobEvent::at)).toList();
    }
}
