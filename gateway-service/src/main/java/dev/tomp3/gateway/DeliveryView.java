package dev.tomp3.gateway;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.jobs.WebhookDelivery;
import dev.tomp3.jobs.WebhookDelivery.Attempt;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A delivery to a webhook as its owner sees it. */
@Schema(name = "Delivery")
@JsonInclude(JsonInclude.Include.NON_NULL)
record DeliveryView(
        @Schema(
                        description = "also the header webhook-id",
                        example = "msg_665f1c2ab3d4e5f60718293a-665f1c2ab3d4e5f60718293c")
                String id,
        @Schema(allowableValues = {"job.done", "job.failed", "webhook.test"}) String type,
        @Schema(allowableValues = {"pending", "delivered", "failed", "cancelled"}) String status,
        @Schema(description = "attempts so far") int tries,
        @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("tried_at") @Schema(description = "the latest attempt")
                @Nullable Instant triedAt,
        @JsonProperty("response_status") @Schema(description = "of the latest attempt")
                @Nullable Integer responseStatus,
        @Schema(
                        description = "of the latest attempt, if there was no response",
                        allowableValues = {
                            "timed-out",
                            "unknown-host",
                            "address-not-public",
                            "connection-failed",
                            "tls-failed"
                        })
                @Nullable String error,
        @JsonProperty("next_try_at") @Schema(description = "while it is pending")
                @Nullable Instant nextTryAt) {
    static DeliveryView of(WebhookDelivery delivery) {
        Attempt last = delivery.last();
        return new DeliveryView(
                delivery.id(),
                delivery.event().wire(),
                delivery.status().wire(),
                delivery.tries(),
                delivery.createdAt(),
                last == null ? null : last.at(),
                last == null ? null : last.status(),
                last == null ? null : last.error(),
                delivery.due());
    }
}
