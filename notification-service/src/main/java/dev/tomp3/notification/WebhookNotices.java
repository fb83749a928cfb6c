package dev.tomp3.notification;

import dev.tomp3.jobs.Webhook;
import dev.tomp3.jobs.WebhookDeliveries;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/**
 * Tells owners by mail that their webhooks were disabled, and removes old deliveries. A mail that
 * cannot be sent is tried again for two days.
 */
final class WebhookNotices implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(WebhookNotices.class);
    private static final Duration POLL = Duration.ofSeconds(2);
    private static final Duration REMOVAL = Duration.ofHours(1);
    private static final Duration RETRY = Duration.ofMinutes(10);
    private static final long MAX_TRIES = Duration.ofDays(2).dividedBy(RETRY);

    private final WebhookDeliveries deliveries;
    private final Mailer mailer;
    private @Nullable ScheduledExecutorService executor;

    WebhookNotices(WebhookDeliveries deliveries, Mailer mailer) {
        this.deliveries = deliveries;
        this.mailer = mailer;
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService started =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("webhook-notices").daemon().factory());
        every(started, POLL, this::tellOwners);
        every(started, REMOVAL, deliveries::removeOld);
        executor = started;
    }

    private static void every(ScheduledExecutorService executor, Duration interval, Runnable task) {
        Future<?> _ =
                executor.scheduleWithFixedDelay(
                        () -> guarded(task),
                        interval.toMillis(),
                        interval.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (DataAccessException e) {
            log.debug("MongoDB does not answer: {}", e.toString()); // others have logged it
        } catch (RuntimeException e) {
            log.error("Telling owners of webhooks failed with an internal error", e);
        }
    }

    private void tellOwners() {
        while (true) {
            Optional<Webhook> webhook = deliveries.claimNotice(RETRY);
            if (webhook.isEmpty()) return;
            tellOwner(webhook.get());
        }
    }

    private void tellOwner(Webhook webhook) {
        try {
            if (mailer.sendsTo(webhook.owner())) mailer.send(webhook);
            log.info(
                    "webhook disabled webhook={} user={} reason={}",
                    webhook.id(),
                    Text.oneLine(webhook.owner().email()),
                    webhook.disabled() == null ? "" : webhook.disabled().wire());
        } catch (Mailer.NotSentException e) {
            if (!e.permanent() && webhook.noticeTries() < MAX_TRIES) {
                log.warn(
                        "mail not sent webhook={}, trying again in {}: {}",
                        webhook.id(),
                        RETRY,
                        e.getMessage());
                return;
            }
            log.error("mail not sent webhook={}, giving up: {}", webhook.id(), e.getMessage());
        }
        deliveries.noticeSent(webhook);
    }

    @Override
    public synchronized void stop() {
        if (executor != null) executor.shutdownNow();
        executor = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return executor != null;
    }
}
