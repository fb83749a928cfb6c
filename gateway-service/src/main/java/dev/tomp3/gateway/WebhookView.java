package dev.tomp3.gateway;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.jobs.Webhook;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A webhook as its owner sees it. */
@Schema(name = "Webhook")
record WebhookView(
        @Schema(example = "665f1c2ab3d4e5f60718293c") String id,
        @Schema(example = "https://example.org/tomp3") String url,
        List<String> events,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String description,
        boolean disabled,
        @JsonProperty("disabled_reason")
                @JsonInclude(JsonInclude.Include.NON_NULL)
                @Schema(
                        description = "only while it is disabled",
                        allowableValues = {"owner", "gone", "failing"})
                @Nullable String disabledReason,
        @JsonProperty("created_at") Instant createdAt,
        @JsonInclude(JsonInclude.Include.NON_NULL)
                @Schema(description = "only when it is new", example = "whsec_...")
                @Nullable String secret) {
    static WebhookView of(Webhook webhook) {
        return of(webhook, null);
    }

    static WebhookView withSecret(Webhook webhook) {
        return of(webhook, webhook.secrets().getFirst().value());
    }

    private static WebhookView of(Webhook webhook, @Nullable String secret) {
        Webhook.Disabled disabled = webhook.disabled();
        return new WebhookView(
                webhook.id(),
                webhook.url(),
                webhook.events().stream().map(Webhook.Event::wire).toList(),
                webhook.description(),
                disabled != null,
                disabled == null ? null : disabled.wire(),
                webhook.createdAt(),
                secret);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "WebhookView[" + id + "]";
    }
}
