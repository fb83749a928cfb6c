package dev.tomp3.notification;

import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Notification;
import dev.tomp3.jobs.Job.Notification.Channel;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Notifications;
import dev.tomp3.jobs.WebhookDeliveries;
import dev.tomp3.jobs.queue.Delay;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.dao.DataAccessException;

/**
 * Notifies the owner of a job that is done or has failed: through webhooks, by a line in the log,
 * and by mail if one can be sent.
 *
 * <p>Each channel is told by itself. What webhooks are to be told is stored, and the {@link
 * WebhookDispatcher} sends it later. While the mail cannot be sent, the other channels are not told
 * again.
 *
 * <p>The notification is claimed, sent, and then recorded in the job, so that no job counts as
 * notified that was not. A job with that record is not notified again. A crash before the record
 * repeats the mail, under the same {@code Message-ID}.
 *
 * <p>A message is acknowledged only after the notification was recorded or the next attempt was
 * scheduled: by a delayed message and, if that is lost, by the sweeper.
 */
final class Notifier {
    private static final Logger log = LoggerFactory.getLogger(Notifier.class);

    /** At the longest delay, this number of attempts takes two days. */
    private static final long MAX_ATTEMPTS =
            Duration.ofDays(2).dividedBy(Delay.after(Integer.MAX_VALUE).duration());

    private static final Delay STORE_UNAVAILABLE = Delay.FIVE_SECONDS;
    private static final Delay INTERNAL_ERROR = Delay.TEN_MINUTES;

    private final String name = UUID.randomUUID().toString();
    private final Notifications notifications;
    private final WebhookDeliveries webhooks;
    private final WebhookDispatcher dispatcher;
    private final Publisher publisher;
    private final Mailer mailer;
    private final Counter notified;
    private final Counter givenUp;
    private final Counter retries;

    Notifier(
            Notifications notifications,
            WebhookDeliveries webhooks,
            WebhookDispatcher dispatcher,
            Publisher publisher,
            Mailer mailer,
            MeterRegistry registry) {
        this.notifications = notifications;
        this.webhooks = webhooks;
        this.dispatcher = dispatcher;
        this.publisher = publisher;
        this.mailer = mailer;
        this.notified = counter("success", registry);
        this.givenUp = counter("error", registry);
        this.retries =
                Counter.builder("notification.retries")
                        .description("Mails that could not be sent and will be retried")
                        .register(registry);
    }

    private static Counter counter(String result, MeterRegistry registry) {
        return Counter.builder("notification.jobs")
                .description("Jobs whose owner was notified (success), or could not be (error)")
                .tag("result", result)
                .register(registry);
    }

    @RabbitListener(queues = "${tomp3.queues.mp3}")
    void onMessage(Message message) {
        Event event = Event.read(message, Event.class);
        if (event instanceof Event.VideoUploaded) {
            throw new AmqpRejectAndDontRequeueException("Not a message of this queue");
        }
        MDC.put("job", event.job());
        try {
            handle(event);
        } catch (DataAccessException e) {
            log.warn(
                    "MongoDB does not answer, trying again in {}: {}",
                    STORE_UNAVAILABLE.duration(),
                    e.toString());
            publisher.publish(event, STORE_UNAVAILABLE);
        } finally {
            MDC.remove("job");
        }
    }

    /** Logs an exception of {@link #onMessage}, without a stack trace if it is expected. */
    static void logFailure(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof AmqpRejectAndDontRequeueException) {
            log.warn(
                    "A message that cannot be read goes to the dead-letter queue: {}",
                    cause.toString());
        } else {
            log.error("A message could not be handled and goes back to the queue", failure);
        }
    }

    private void handle(Event event) {
        try {
            notifications.claim(event.job(), name).ifPresent(job -> notifyOwner(job, event));
        } catch (DataAccessException e) {
            throw e;
        } catch (RuntimeException e) {
            // if the exception reached the container, the message would be redelivered at once
            log.error(
                    "The notification failed with an internal error, trying again in {}",
                    INTERNAL_ERROR.duration(),
                    e);
            notifications.retryLater(event.job(), INTERNAL_ERROR.duration());
            publisher.publish(event, INTERNAL_ERROR);
        }
    }

    private void notifyOwner(Job job, Event event) {
        Notification notification = Objects.requireNonNull(job.notification());
        if (job.status() != Status.DONE && job.status() != Status.FAILED) {
            notifications.sent(job.id()); // deleted or expired in the meantime
            return;
        }
        if (!notification.hasTold(Channel.WEBHOOKS) && webhooks.record(job) > 0) {
            notifications.told(job.id(), Channel.WEBHOOKS);
            dispatcher.wakeUp();
        }
        if (!notification.hasTold(Channel.LOG)) log(job);
        try {
            if (mailer.sendsTo(job.owner())) mailer.send(job);
        } catch (Mailer.NotSentException e) {
            if (e.permanent() || notification.tries() >= MAX_ATTEMPTS) giveUp(job, e);
            else retryLater(job, event, Delay.after(notification.tries() + 1), e);
            return;
        }
        notifications.sent(job.id());
        notified.increment();
    }

    private static void log(Job job) {
        String user = Text.oneLine(job.owner().email());
        Failure failure = job.failure();
        if (failure == null) {
            log.info("mp3 ready fid={} user={}{}", job.id(), user, warnings(job));
        } else {
            log.info(
                    "conversion failed fid={} user={} code={}",
                    job.id(),
                    user,
                    failure.code().wire());
        }
    }

    /** The codes of the warnings, to be appended to the line in the log. */
    private static String warnings(Job job) {
        Job.Result result = job.result();
        if (result == null || result.warnings().isEmpty()) return "";
        return result.warnings().stream()
                .map(warning -> warning.code().wire())
                .distinct()
                .collect(Collectors.joining(",", " warnings=", ""));
    }

    private void retryLater(Job job, Event event, Delay delay, Mailer.NotSentException reason) {
        log.warn(
                "mail not sent fid={} user={}, trying again in {}: {}",
                job.id(),
                Text.oneLine(job.owner().email()),
                delay.duration(),
                reason.getMessage());
        notifications.retryLater(job.id(), delay.duration(), Channel.WEBHOOKS, Channel.LOG);
        publisher.publish(event, delay);
        retries.increment();
    }

    private void giveUp(Job job, Mailer.NotSentException reason) {
        log.error(
                "mail not sent fid={} user={}, giving up: {}",
                job.id(),
                Text.oneLine(job.owner().email()),
                reason.getMessage());
        notifications.sent(job.id());
        givenUp.increment();
    }
}
