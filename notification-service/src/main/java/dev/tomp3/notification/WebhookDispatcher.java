package dev.tomp3.notification;

import dev.tomp3.jobs.Webhook;
import dev.tomp3.jobs.Webhook.Disabled;
import dev.tomp3.jobs.WebhookDeliveries;
import dev.tomp3.jobs.WebhookDeliveries.Claimed;
import dev.tomp3.jobs.WebhookDelivery;
import dev.tomp3.jobs.WebhookDelivery.Attempt;
import dev.tomp3.notification.WebhookSender.Outcome;
import dev.tomp3.platform.NanoClock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/**
 * Sends what is due to webhooks, several messages at the same time. What it has claimed when its
 * process ends is due again, for any notifier, when the claim ends.
 *
 * <p>The threads are no virtual ones: looking up the address of a host blocks the thread that
 * carries them, and a receiver's name server may take its time.
 */
final class WebhookDispatcher implements SmartLifecycle {
    private static final Outcome INTERNAL_ERROR = Outcome.failed("internal-error");
    private static final Logger log = LoggerFactory.getLogger(WebhookDispatcher.class);

    /** Messages that are sent at the same time. */
    static final int SLOTS = 128;

    /** What another process has recorded, and what is due again, waits so long at most. */
    private static final Duration POLL = Duration.ofSeconds(1);

    private static final Duration PROMPT = Duration.ofSeconds(2);

    /** How long requests that are being sent may delay the end of the service. */
    private static final Duration STOP = Duration.ofSeconds(5);

    private final WebhookDeliveries deliveries;
    private final WebhookSender sender;
    private final WebhookSchedule schedule;
    private final Clock clock;
    private final NanoClock nanoClock;
    private final Counter delivered;
    private final Counter givenUp;
    private final Counter retries;
    private final Counter disabled;
    private final DeliverySlots slots = new DeliverySlots(SLOTS);
    private final Semaphore wakeUps = new Semaphore(0);
    private final ThreadFactory threads =
            Thread.ofPlatform().name("webhook-", 0).daemon().factory();
    private @Nullable Thread loop;
    private volatile boolean running;
    private boolean failing;

    WebhookDispatcher(
            WebhookDeliveries deliveries,
            WebhookSender sender,
            WebhookSchedule schedule,
            Clock clock,
            NanoClock nanoClock,
            MeterRegistry registry) {
        this.deliveries = deliveries;
        this.sender = sender;
        this.schedule = schedule;
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.delivered = deliveries("success", registry);
        this.givenUp = deliveries("error", registry);
        this.retries =
                Counter.builder("webhook.retries")
                        .description("Messages to webhooks that failed and will be retried")
                        .register(registry);
        this.disabled =
                Counter.builder("webhook.disabled")
                        .description("Webhooks that were disabled because they failed")
                        .register(registry);
        Gauge.builder("webhook.requests", slots, DeliverySlots::used)
                .description("Messages that are being sent to webhooks")
                .register(registry);
        Gauge.builder("webhook.requests.max", () -> SLOTS)
                .description("Messages that can be sent to webhooks at the same time")
                .register(registry);
    }

    private static Counter deliveries(String result, MeterRegistry registry) {
        return Counter.builder("webhook.deliveries")
                .description("Messages that webhooks accepted (success), or that were given up")
                .tag("result", result)
                .register(registry);
    }

    /** Something may be due. */
    void wakeUp() {
        wakeUps.release();
    }

    @Override
    public synchronized void start() {
        running = true;
        loop = Thread.ofPlatform().name("webhooks").daemon().start(this::run);
    }

    @Override
    public synchronized void stop() {
        running = false;
        if (loop != null) loop.interrupt();
        loop = null;
        long start = nanoClock.nanoTime();
        try {
            while (slots.used() > 0 && nanoClock.since(start).compareTo(STOP) < 0) Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }

    private void run() {
        while (running) {
            try {
                dispatch();
                failing = false;
                if (wakeUps.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS))
                    wakeUps.drainPermits();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (!running) return;
                logOnce(e);
                pause();
            }
        }
    }

    private void logOnce(RuntimeException e) {
        if (!failing && e instanceof DataAccessException)
            log.warn("MongoDB does not answer, webhooks wait: {}", e.toString());
        else if (!failing) log.error("Webhooks wait because of an internal error", e);
        failing = true;
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void dispatch() {
        while (slots.areFree()) {
            Optional<Claimed> claimed = deliveries.claim(slots.busy());
            if (claimed.isEmpty()) return;
            slots.take(claimed.get().webhook().id());
            threads.newThread(() -> deliver(claimed.get())).start();
        }
    }

    private void deliver(Claimed claimed) {
        String webhook = claimed.webhook().id();
        long start = nanoClock.nanoTime();
        boolean prompt = false;
        try {
            Outcome outcome = send(claimed);
            Duration time = nanoClock.since(start);
            prompt = outcome.accepted() && time.compareTo(PROMPT) < 0;
            // a request that the end of this service interrupts is not the receiver's failure
            if (running || outcome.accepted()) record(claimed, outcome, time);
        } catch (RuntimeException e) {
            // the claim ends by itself, and the attempt is counted
            if (running) log.error("Delivery {} cannot be recorded", claimed.delivery().id(), e);
        } finally {
            slots.release(webhook, prompt);
            wakeUp();
        }
    }

    private Outcome send(Claimed claimed) {
        WebhookDelivery delivery = claimed.delivery();
        try {
            return schedule.allows(delivery.tries()) ? sender.send(claimed) : INTERNAL_ERROR;
        } catch (RuntimeException e) {
            log.error("Delivery {} failed with an internal error", delivery.id(), e);
            return INTERNAL_ERROR;
        }
    }

    private void record(Claimed claimed, Outcome outcome, Duration time) {
        WebhookDelivery delivery = claimed.delivery();
        Attempt attempt =
                new Attempt(
                        clock.instant().truncatedTo(ChronoUnit.MILLIS),
                        outcome.status(),
                        outcome.error());
        Object result = outcome.status() == null ? outcome.error() : outcome.status();
        if (outcome.accepted()) {
            deliveries.delivered(delivery, attempt);
            delivered.increment();
            log.info("webhook delivered delivery={} status={} in {}", delivery.id(), result, time);
            return;
        }
        boolean test = delivery.event() == Webhook.Event.TEST;
        Optional<Duration> delay =
                test || outcome.gone()
                        ? Optional.empty()
                        : schedule.delayAfter(delivery.tries(), outcome.retryAfter());
        if (delay.isPresent()) {
            deliveries.retry(delivery, attempt, delay.get());
            retries.increment();
            log.warn(
                    "webhook delivery failed delivery={} result={}, trying again in {}",
                    delivery.id(),
                    result,
                    delay.get());
            return;
        }
        if (test && !outcome.gone()) {
            deliveries.failed(delivery, attempt);
        } else if (deliveries.failedAndDisabled(
                claimed, attempt, outcome.gone() ? Disabled.GONE : Disabled.FAILING)) {
            disabled.increment();
        } else {
            return; // another notifier has it, or it goes to another address
        }
        givenUp.increment();
        log.warn("webhook delivery failed delivery={} result={}, giving up", delivery.id(), result);
    }
}
