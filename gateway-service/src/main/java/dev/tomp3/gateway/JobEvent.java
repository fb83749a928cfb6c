package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobChanges.Change;
import dev.tomp3.jobs.JobView;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A job after a change that its owner can see. All streams share one instance, and its bytes are
 * made once.
 */
final class JobEvent {
    private final String id;
    private final Instant at;
    private final @Nullable Job job;
    private final @Nullable JobView view;
    private volatile byte @Nullable [] frame;

    JobEvent(Change change, JobViews views) {
        id = change.id();
        at = change.at();
        job = change.job();
        view = job == null ? null : views.of(job);
    }

    /** Of the job. */
    String id() {
        return id;
    }

    /** By the clock of the store. */
    Instant at() {
        return at;
    }

    /** Null when the job was removed. */
    @Nullable Job job() {
        return job;
    }

    /** Whether the owner sees no difference. */
    boolean looksLike(JobEvent other) {
        return Objects.equals(view, other.view);
    }

    /** As an event stream contains it. */
    byte[] frame(JsonMapper json) {
        byte[] made = frame;
        if (made == null) {
            made =
                    view == null
                            ? frame(at, "deleted", "{\"id\":\"" + id + "\"}")
                            : frame(at, "job", json.writeValueAsString(view));
            frame = made;
        }
        return made;
    }

    /** One event of a stream; its id is a time of the store, so that any gateway can go on. */
    static byte[] frame(Instant at, String name, String data) {
        return "id: %d\nevent: %s\ndata: %s\n\n"
                .formatted(at.toEpochMilli(), name, data)
                .getBytes(StandardCharsets.UTF_8);
    }
}
