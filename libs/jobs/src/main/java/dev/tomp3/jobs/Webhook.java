package dev.tomp3.jobs;

import dev.tomp3.jobs.Job.Owner;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * An address that its owner wants to be told at.
 *
 * @param id 24 hexadecimal digits
 * @param secrets the current one first, then those that it has replaced
 * @param disabled why nothing is sent there; null while it is enabled
 * @param notice the id of the latest message to the owner that it was disabled; null before the
 *     first
 * @param noticeDue when the owner is to be told that it was disabled; null when there is nothing to
 *     tell
 * @param noticeTries how often that was tried
 */
@Document("webhooks")
public record Webhook(
        @Id String id,
        Owner owner,
        String url,
        List<Event> events,
        @Nullable String description,
        List<Secret> secrets,
        @Nullable Disabled disabled,
        @Nullable String notice,
        @Nullable Instant noticeDue,
        int noticeTries,
        Instant createdAt) {
    /** What can be told. */
    public enum Event {
        JOB_DONE("job.done"),
        JOB_FAILED("job.failed"),
        /** Sent only when the owner asks for it. */
        TEST("webhook.test");

        private final String wire;

        Event(String wire) {
            this.wire = wire;
        }

        /** As the API shows it. */
        public String wire() {
            return wire;
        }

        /** An event that a webhook can be told of. */
        public static Optional<Event> of(String wire) {
            return Arrays.stream(values())
                    .filter(event -> event != TEST && event.wire.equals(wire))
                    .findFirst();
        }
    }

    /** Why a webhook is disabled. */
    public enum Disabled {
        /** Its owner has disabled it. */
        OWNER,
        /** It answered 410. */
        GONE,
        /** The last attempt to deliver something has failed. */
        FAILING;

        /** As the API shows it. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A key that signs what is sent.
     *
     * @param value {@code whsec_} and the key in Base64
     * @param until when it ends; null for the current one
     */
    public record Secret(String value, @Nullable Instant until) {
        boolean isValidAt(Instant time) {
            return until == null || time.isBefore(until);
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Secret[" + until + "]";
        }
    }

    /** The secrets that sign at this time. */
    public List<String> secretsAt(Instant time) {
        return secrets.stream()
                .filter(secret -> secret.isValidAt(time))
                .map(Secret::value)
                .toList();
    }
}
