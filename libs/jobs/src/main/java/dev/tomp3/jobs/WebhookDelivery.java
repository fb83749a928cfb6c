package dev.tomp3.jobs;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * One message to one webhook, and what became of it.
 *
 * @param id the same in all attempts; receivers recognise a repeated message by it
 * @param webhook the id of the webhook
 * @param body what is sent, the same in all attempts
 * @param tries attempts so far; counted before each attempt, so that a message that ends its
 *     notifier is not sent for ever
 * @param claim how often a notifier has taken it; it fences: a write under an older claim changes
 *     nothing
 * @param due the next attempt, or when a claim ends; null when it is settled
 * @param last the latest attempt whose result is known
 */
@Document("webhook_deliveries")
public record WebhookDelivery(
        @Id String id,
        String webhook,
        Webhook.Event event,
        String body,
        Status status,
        int tries,
        long claim,
        @Nullable Instant due,
        @Nullable Attempt last,
        Instant createdAt) {
    /** Where a delivery stands. */
    public enum Status {
        PENDING,
        DELIVERED,
        FAILED,
        /** Not sent any more, because its webhook was disabled. */
        CANCELLED;

        /** As the API shows it. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The result of an attempt.
     *
     * @param status of the HTTP response; null when there was none
     * @param error a code; null when a response came
     */
    public record Attempt(Instant at, @Nullable Integer status, @Nullable String error) {}
}
