package dev.tomp3.notification;

import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Announcement;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.queue.Delay;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;
import org.springframework.dao.DataAccessException;

/**
 * Tells each owner how the job ended: by mail where one can be sent, and by a line in the log.
 *
 * <p>The effect comes first and the mark in the job after it, so that nothing counts as told that
 * was not; whoever finds the mark tells nothing. A crash between the two repeats the mail, under
 * the same {@code Message-ID}. A message is acknowledged only after the mark, or after the next try
 * was arranged: by a message that comes back later, and, should that be lost, by the sweep.
 */
final class Notifier implements MessageListener {
    private static final Logger log = LoggerFactory.getLogger(Notifier.class);

    /** So many tries, at the longest delay, are two days. */
    private static final long TRIES =
            Duration.ofDays(2).dividedBy(Delay.after(Integer.MAX_VALUE).duration());

    private static final Delay STORE_AWAY = Delay.FIVE_SECONDS;
    private static final Delay UNFORESEEN = Delay.TEN_MINUTES;

    private final Jobs jobs;
    private final Publisher publisher;
    private final Mail mail;
    private final Counter told;
    private final Counter untold;
    private final Counter retries;

    Notifier(Jobs jobs, Publisher publisher, Mail mail, MeterRegistry registry) {
        this.jobs = jobs;
        this.publisher = publisher;
        this.mail = mail;
        this.told = counter("success", registry);
        this.untold = counter("error", registry);
        this.retries =
                Counter.builder("notification.retries")
                        .description("Mails that could not be sent and will be tried again")
                        .register(registry);
    }

    private static Counter counter(String result, MeterRegistry registry) {
        return Counter.builder("notification.jobs")
                .description("Owners told, or given up on")
                .tag("result", result)
                .register(registry);
    }

    @Override
    public void onMessage(Message message) {
        Event event = Event.read(message, Event.class);
        if (event instanceof Event.VideoUploaded) {
            throw new AmqpRejectAndDontRequeueException("Not a message of this queue");
        }
        MDC.put("job", event.job());
        try {
            look(event);
        } catch (DataAccessException e) {
            log.warn(
                    "MongoDB does not answer, trying again in {}: {}",
                    STORE_AWAY.duration(),
                    e.toString());
            publisher.publish(event, STORE_AWAY);
        } finally {
            MDC.remove("job");
        }
    }

    /** What {@link #onMessage} threw, without a stack trace for what was to be expected. */
    static void note(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof AmqpRejectAndDontRequeueException) {
            log.warn(
                    "A message that cannot be read goes to the dead-letter queue: {}",
                    cause.toString());
        } else {
            log.error("A message could not be handled and goes back to the queue", failure);
        }
    }

    private void look(Event event) {
        try {
            Optional<Job> job = jobs.find(event.job());
            if (job.isPresent()) tell(job.get(), event);
        } catch (DataAccessException e) {
            throw e;
        } catch (RuntimeException e) {
            // thrown at the broker, the message would be back at once
            log.error("Nobody was told, trying again in {}", UNFORESEEN.duration(), e);
            jobs.announceLater(event.job(), UNFORESEEN.duration());
            publisher.publish(event, UNFORESEEN);
        }
    }

    private void tell(Job job, Event event) {
        Announcement announcement = job.announcement();
        if (announcement == null || announcement.made()) return;
        if (job.status() != Status.DONE && job.status() != Status.FAILED) {
            jobs.announced(job.id()); // deleted or expired meanwhile: nobody waits for it
            return;
        }
        try {
            if (mail.reaches(job.owner())) mail.send(job);
        } catch (Mail.NotSent e) {
            if (e.forGood() || announcement.tries() >= TRIES) giveUp(job, e);
            else later(job, event, Delay.after(announcement.tries() + 1), e);
            return;
        }
        String user = Text.oneLine(job.owner().email());
        Failure failure = job.failure();
        if (failure == null) {
            log.info("mp3 ready fid={} user={}", job.id(), user);
        } else {
            log.info(
                    "conversion failed fid={} user={} code={}",
                    job.id(),
                    user,
                    failure.code().wire());
        }
        jobs.announced(job.id());
        told.increment();
    }

    private void later(Job job, Event event, Delay delay, Mail.NotSent reason) {
        log.warn(
                "No mail fid={} user={}, trying again in {}: {}",
                job.id(),
                Text.oneLine(job.owner().email()),
                delay.duration(),
                reason.getMessage());
        jobs.announceLater(job.id(), delay.duration());
        publisher.publish(event, delay);
        retries.increment();
    }

    private void giveUp(Job job, Mail.NotSent reason) {
        log.error(
                "No mail fid={} user={}, given up: {}",
                job.id(),
                Text.oneLine(job.owner().email()),
                reason.getMessage());
        jobs.announced(job.id());
        untold.increment();
    }
}
