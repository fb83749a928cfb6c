package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.JobView;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Answers when a job is settled, or as many seconds later as the client wants to wait: {@code
 * Prefer: wait=N} (RFC 7240). No thread waits. When the gateway stops, all clients get the answer
 * that they would get then without waiting.
 */
@Component
class JobWaiting {
    private static final Logger log = LoggerFactory.getLogger(JobWaiting.class);

    static final int MAX_SECONDS = 300;

    /** Requests of one user that wait; a further one is answered at once, which RFC 7240 allows. */
    private static final int MAX_PER_USER = 256;

    private static final String PREFER = "Prefer";

    /** The first preference of that name counts. */
    private static final Pattern WAIT =
            Pattern.compile(
                    "(?:^|,)\\s*wait\\s*=\\s*\"?([0-9]{1,9})\"?\\s*(?=$|[,;])",
                    Pattern.CASE_INSENSITIVE);

    private static final Set<Status> UNSETTLED =
            Set.of(Status.UPLOADING, Status.QUEUED, Status.CONVERTING);

    private final JobWatcher watcher;
    private final Jobs jobs;
    private final CountPerUser waiting = new CountPerUser(MAX_PER_USER);

    JobWaiting(JobWatcher watcher, Jobs jobs) {
        this.watcher = watcher;
        this.jobs = jobs;
    }

    /** How many seconds a client wants to wait at most; empty if it does not say. */
    static OptionalInt preferred(List<String> headers) {
        for (String header : headers) {
            Matcher wait = WAIT.matcher(header);
            if (wait.find())
                return OptionalInt.of(Math.min(MAX_SECONDS, Integer.parseInt(wait.group(1))));
        }
        return OptionalInt.empty();
    }

    /**
     * Answers a request about a job.
     *
     * @param user the id of the user who waits
     * @param now the answer if the client does not want to wait
     * @param later the answer after waiting
     * @return what a handler returns
     */
    Object answer(
            Job job,
            String user,
            HttpServletRequest request,
            HttpServletResponse response,
            Function<Job, ResponseEntity<JobView>> now,
            Function<Job, ResponseEntity<JobView>> later) {
        response.addHeader(HttpHeaders.VARY, PREFER);
        OptionalInt preferred = preferred(Collections.list(request.getHeaders(PREFER)));
        if (preferred.isEmpty()) return now.apply(job);
        int seconds = preferred.getAsInt();
        boolean waits = UNSETTLED.contains(job.status()) && seconds > 0;
        if (waits && !waiting.add(user)) return now.apply(job);
        response.setHeader("Preference-Applied", "wait=" + seconds);
        return waits
                ? new Waiter(job, user, Duration.ofSeconds(seconds), later).begin()
                : later.apply(job);
    }

    private final class Waiter implements JobWatcher.Listener {
        private final String user;
        private final Function<Job, ResponseEntity<JobView>> answer;
        private final DeferredResult<ResponseEntity<JobView>> result;
        private volatile Job latest;

        Waiter(Job job, String user, Duration time, Function<Job, ResponseEntity<JobView>> answer) {
            this.user = user;
            this.answer = answer;
            this.result = new DeferredResult<>(time.toMillis());
            this.latest = job;
        }

        DeferredResult<ResponseEntity<JobView>> begin() {
            Runnable end = watcher.watch(latest.owner().id(), this);
            result.onCompletion(() -> {
                end.run();
                waiting.remove(user);
            });
            result.onTimeout(this::finish);
            // it may have been settled before it was watched
            read();
            if (!UNSETTLED.contains(latest.status())) answer();
            return result;
        }

        @Override
        public void changed(JobEvent event) {
            if (!event.id().equals(latest.id())) return;
            Job job = event.job();
            if (job == null) {
                result.setErrorResult(
                        new ProblemException(Problem.NOT_FOUND, "The job was removed."));
                return;
            }
            latest = job;
            if (!UNSETTLED.contains(job.status())) answer();
        }

        @Override
        public void stopping() {
            answer();
        }

        private void finish() {
            read();
            answer();
        }

        private void read() {
            try {
                jobs.find(latest.id()).ifPresent(job -> latest = job);
            } catch (DataAccessException e) {
                // during an outage, the answer is what was known before
                log.debug("Job {} could not be read: {}", latest.id(), e.toString());
            }
        }

        private void answer() {
            result.setResult(answer.apply(latest));
        }
    }
}
