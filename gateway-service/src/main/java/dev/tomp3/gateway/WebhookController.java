package dev.tomp3.gateway;

import dev.tomp3.jobs.Webhook;
import dev.tomp3.jobs.Webhooks;
import dev.tomp3.jobs.Webhooks.Change;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code /webhooks}: addresses that a user wants to be told at. An administrator has no others. */
@RestController
@Tag(name = "webhooks")
@SecurityRequirement(name = ApiDescription.BEARER)
class WebhookController {
    private static final Duration RETRY_TEST = Duration.ofSeconds(30);

    @Schema(name = "Webhooks")
    record WebhookList(List<WebhookView> items) {}

    @Schema(name = "Deliveries")
    record DeliveryList(List<DeliveryView> items) {}

    record NewWebhook(
            @Schema(
                            requiredMode = Schema.RequiredMode.REQUIRED,
                            description = "http or https, on port 80, 443 or one from 1024 on",
                            example = "https://example.org/tomp3")
                    @Nullable String url,
            @Schema(
                            description = "job.done, job.failed; default: both",
                            example = "[\"job.done\",\"job.failed\"]")
                    @Nullable List<@Nullable String> events,
            @Schema(description = "at most 200 characters") @Nullable String description) {}

    @Schema(description = "What is absent stays as it is.")
    record ChangedWebhook(
            @Nullable String url,
            @Nullable List<@Nullable String> events,
            @Schema(description = "at most 200 characters; empty removes it")
                    @Nullable String description,
            @Nullable Boolean disabled) {}

    private final Webhooks webhooks;

    WebhookController(Webhooks webhooks) {
        this.webhooks = webhooks;
    }

    @PostMapping(path = "/webhooks", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @RequiredScope(Scope.WEBHOOKS)
    @Operation(
            operationId = "createWebhook",
            summary = "Add a webhook",
            description = "The secret is shown only here.")
    @ApiResponse(responseCode = "201", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "400", description = "invalid-webhook")
    @ApiResponse(responseCode = "409", description = "too-many-webhooks")
    WebhookView create(
            @RequestBody NewWebhook wanted, @AuthenticationPrincipal CurrentUser caller) {
        String url = WebhookFields.url(wanted.url() == null ? "" : wanted.url());
        List<Webhook.Event> events =
                wanted.events() == null
                        ? List.of(Webhook.Event.JOB_DONE, Webhook.Event.JOB_FAILED)
                        : WebhookFields.events(wanted.events());
        String description = WebhookFields.description(wanted.description());
        return webhooks.create(
                        caller.asOwner(),
                        url,
                        events,
                        description == null || description.isEmpty() ? null : description)
                .map(WebhookView::withSecret)
                .orElseThrow(() ->
                        new ProblemException(
                                Problem.TOO_MANY_WEBHOOKS,
                                "A user has at most " + Webhooks.MAX_PER_OWNER + " webhooks."));
    }

    @GetMapping(path = "/webhooks", produces = MediaType.APPLICATION_JSON_VALUE)
    @RequiredScope(Scope.WEBHOOKS)
    @Operation(operationId = "listWebhooks", summary = "List the webhooks")
    WebhookList list(@AuthenticationPrincipal CurrentUser caller) {
        return new WebhookList(webhooks.list(caller.id()).stream().map(WebhookView::of).toList());
    }

    @GetMapping(path = "/webhooks/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    @RequiredScope(Scope.WEBHOOKS)
    @Operation(operationId = "showWebhook", summary = "Show a webhook")
    WebhookView show(@PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        return WebhookView.of(find(id, caller));
    }

    @PatchMapping(path = "/webhooks/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    @RequiredScope(Scope.WEBHOOKS)
    @Operation(
            operationId = "changeWebhook",
            summary = "Change, disable or enable a webhook",
            description =
                    "Disabling cancels what waits to be sent to it. Changing the address does not.")
    @ApiResponse(responseCode = "200", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "400", description = "invalid-webhook")
    WebhookView change(
            @PathVariable String id,
            @RequestBody ChangedWebhook wanted,
            @AuthenticationPrincipal CurrentUser caller) {
        if (!JobAccess.isId(id)) throw unknown();
        Change change =
                new Change(
                        wanted.url() == null ? null : WebhookFields.url(wanted.url()),
                        wanted.events() == null ? null : WebhookFields.events(wanted.events()),
                        WebhookFields.description(wanted.description()),
                        wanted.disabled());
        return webhooks.change(id, caller.asOwner(), change)
                .map(WebhookView::of)
                .orElseThrow(WebhookController::unknown);
    }

    @DeleteMapping("/webhooks/{id}")
    @RequiredScope(Scope.WEBHOOKS)
    @Operation(operationId = "deleteWebhook", summary = "Delete a webhook and its deliveries")
    @ApiResponse(responseCode = "204", description = "The webhook is deleted")
    ResponseEntity<Void> delete(
            @PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        if (!JobAccess.isId(id) || !webhooks.delete(id, caller.id())) throw unknown();
        return ResponseEntity.noContent().build();
    }

    @PostMapping(path = "/webhooks/{id}/rotate", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @RequiredScope(Scope.WEBHOOKS)
    @Operation(
            operationId = "rotateWebhookSecret",
            summary = "Replace the secret of a webhook",
            description = "Both secrets sign for 24 hours. The new one is shown only here.")
    @ApiResponse(responseCode = "201", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "429", description = "too-many-requests: four times in 24 hours")
    WebhookView rotate(@PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        return webhooks.rotate(find(id, caller))
                .map(WebhookView::withSecret)
                .orElseThrow(() ->
                        new ProblemException(
                                Problem.TOO_MANY_REQUESTS,
                                "The secret of a webhook is replaced at most four times in 24"
                                        + " hours.",
                                Webhooks.OVERLAP));
    }

    @PostMapping(path = "/webhooks/{id}/test", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.ACCEPTED)
    @RequiredScope(Scope.WEBHOOKS)
    @Operation(
            operationId = "testWebhook",
            summary = "Send an example to a webhook, once",
            description = "GET /webhooks/{id}/deliveries tells what came of it.")
    @ApiResponse(responseCode = "202", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "409", description = "webhook-disabled")
    @ApiResponse(responseCode = "429", description = "too-many-requests: five tests are waiting")
    DeliveryView test(@PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        return webhooks.test(enabled(id, caller))
                .map(DeliveryView::of)
                .orElseThrow(() ->
                        new ProblemException(
                                Problem.TOO_MANY_REQUESTS,
                                "Five tests of this webhook are waiting.",
                                RETRY_TEST));
    }

    @GetMapping(path = "/webhooks/{id}/deliveries", produces = MediaType.APPLICATION_JSON_VALUE)
    @RequiredScope(Scope.WEBHOOKS)
    @Operation(
            operationId = "listDeliveries",
            summary = "List the last 50 deliveries of a webhook, newest first")
    DeliveryList deliveries(@PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        return new DeliveryList(
                webhooks.deliveries(find(id, caller)).stream().map(DeliveryView::of).toList());
    }

    @PostMapping(
            path = "/webhooks/{id}/deliveries/{delivery}/replay",
            produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.ACCEPTED)
    @RequiredScope(Scope.WEBHOOKS)
    @Operation(
            operationId = "replayDelivery",
            summary = "Send a delivery again",
            description = "It has the same id and body, and all attempts of the schedule.")
    @ApiResponse(responseCode = "202", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "409", description = "webhook-disabled")
    DeliveryView replay(
            @PathVariable String id,
            @PathVariable String delivery,
            @AuthenticationPrincipal CurrentUser caller) {
        return webhooks.replay(enabled(id, caller), delivery)
                .map(DeliveryView::of)
                .orElseThrow(() ->
                        new ProblemException(
                                Problem.NOT_FOUND, "The webhook has no delivery of that id."));
    }

    private Webhook find(String id, CurrentUser caller) {
        if (!JobAccess.isId(id)) throw unknown();
        return webhooks.find(id, caller.id()).orElseThrow(WebhookController::unknown);
    }

    private Webhook enabled(String id, CurrentUser caller) {
        Webhook webhook = find(id, caller);
        if (webhook.disabled() != null) throw new ProblemException(Problem.WEBHOOK_DISABLED);
        return webhook;
    }

    private static ProblemException unknown() {
        return new ProblemException(Problem.NOT_FOUND, "You have no webhook of that id.");
    }
}
