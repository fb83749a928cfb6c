package dev.tomp3.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobChanges;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.platform.OpenResponse;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * The event streams that are open on this gateway. In every {@link #COMMENT_INTERVAL}, a comment is
 * written to each, and auth is asked whether its token is still valid: a stream ends within 20
 * seconds after a token was revoked or a user was disabled.
 */
@Component
class EventStreams implements EventStream.Source, DisposableBean {
    static final int MAX_PER_USER = 20;

    /** Jobs in a snapshot. */
    static final int SNAPSHOT = 100;

    private static final Logger log = LoggerFactory.getLogger(EventStreams.class);
    private static final Duration COMMENT_INTERVAL = Duration.ofSeconds(15);

    /** Together with the interval less than 20 s; several streams of one token share an answer. */
    private static final Duration MAX_AGE = Duration.ofSeconds(3);

    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(15);

    private record Open(String token, Runnable unwatch, AtomicLong checked) {}

    private final JobWatcher watcher;
    private final JobChanges changes;
    private final Jobs jobs;
    private final JobViews views;
    private final TokenVerifier tokens;
    private final JsonMapper json;
    private final Ticker ticker;
    private final CountPerUser perUser = new CountPerUser(MAX_PER_USER);
    private final Map<EventStream, Open> streams = new ConcurrentHashMap<>();
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("event-streams").daemon().factory());

    EventStreams(
            JobWatcher watcher,
            JobChanges changes,
            Jobs jobs,
            JobViews views,
            TokenVerifier tokens,
            JsonMapper json,
            Ticker ticker) {
        this.watcher = watcher;
        this.changes = changes;
        this.jobs = jobs;
        this.views = views;
        this.tokens = tokens;
        this.json = json;
        this.ticker = ticker;
        ScheduledFuture<?> _ =
                executor.scheduleAtFixedRate(
                        this::check,
                        CHECK_INTERVAL.toMillis(),
                        CHECK_INTERVAL.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /**
     * Opens a stream; the head of the response is set.
     *
     * @param token of the request
     * @param last the id of the last event that the client has
     * @throws ProblemException 429 when the user has too many
     */
    void open(
            String owner,
            String token,
            @Nullable String last,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, ServletException {
        if (!perUser.add(owner)) {
            throw new ProblemException(
                    Problem.TOO_MANY_STREAMS,
                    "A user may have " + MAX_PER_USER + " event streams on one gateway.",
                    RETRY_AFTER);
        }
        EventStream stream = new EventStream(owner, position(last), this);
        streams.put(
                stream,
                new Open(token, watcher.watch(owner, stream), new AtomicLong(ticker.read())));
        boolean opened = false;
        try {
            stream.attach(OpenResponse.open(request, response, stream));
            opened = true;
        } finally {
            if (!opened) closed(stream);
        }
    }

    @Override
    public void closed(EventStream stream) {
        Open open = streams.remove(stream);
        if (open == null) return;
        open.unwatch().run();
        perUser.remove(stream.owner());
    }

    /** Null if it is not the id of an event, or older than what is known. */
    private @Nullable Instant position(@Nullable String last) {
        if (last == null || !last.matches("[0-9]{1,15}")) return null;
        Instant at = Instant.ofEpochMilli(Long.parseLong(last));
        Instant now = changes.now();
        Instant oldest = now.minus(JobChanges.KEPT).plus(JobChanges.LATEST);
        return at.isBefore(oldest) || at.isAfter(now.plus(JobChanges.LATEST)) ? null : at;
    }

    private void check() {
        long now = ticker.read();
        streams.forEach((stream, open) -> {
            if (now - open.checked().get() < COMMENT_INTERVAL.toNanos()) return;
            open.checked().set(now);
            Thread.ofVirtual().name("event-stream-check").start(() -> check(stream, open));
        });
    }

    private void check(EventStream stream, Open open) {
        try {
            CurrentUser user = tokens.verify(open.token(), true, MAX_AGE);
            if (user.id().equals(stream.owner())) stream.comment();
            else stream.close();
        } catch (ProblemException e) {
            log.debug("An event stream of user {} ends: {}", stream.owner(), e.getMessage());
            stream.close();
        }
    }

    @Override
    public void destroy() {
        executor.shutdownNow();
    }

    // ---- what the streams read

    @Override
    public Instant now() {
        return changes.now();
    }

    @Override
    public List<JobEvent> since(Instant from, String owner) {
        return changes.since(from, List.of(owner)).stream()
                .map(change -> new JobEvent(change, views))
                .toList();
    }

    @Override
    public List<Job> newest(String owner) {
        return jobs.list(owner, null, SNAPSHOT + 1);
    }

    /** As {@code GET /jobs} shows it. */
    @Override
    public String list(List<Job> page) {
        return json.writeValueAsString(JobController.Page.of(page, SNAPSHOT, views::of));
    }

    @Override
    public byte[] frame(JobEvent event) {
        return event.frame(json);
    }
}
