package dev.tomp3.converter;

import dev.tomp3.jobs.queue.Delay;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.ImmediateRequeueAmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListenerContainer;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/**
 * Listens for uploaded videos, with as many consumers as there are workers and one message for
 * each. A message is only a wake-up: its receiver claims the first waiting job, and holds the
 * message until that job is settled or released.
 *
 * <p>A message is acknowledged when its job is settled or no longer held, when no job waits, and
 * when the job store cannot be reached; in that case it comes again through a delay queue. It goes
 * back to the queue when this worker stops before the job is done. A message that cannot be read
 * goes to the dead-letter queue.
 *
 * <p>When the service stops, it takes no more messages. Jobs that should be done within two thirds
 * of the grace period are finished, and all others are released at once, whether or not the broker
 * answers.
 */
final class VideoListener implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(VideoListener.class);
    private static final String CONTAINER = "videos";

    private final RabbitListenerEndpointRegistry containers;
    private final Worker worker;
    private final Publisher publisher;
    private final Duration grace;

    VideoListener(
            RabbitListenerEndpointRegistry containers,
            Worker worker,
            Publisher publisher,
            Duration grace) {
        this.containers = containers;
        this.worker = worker;
        this.publisher = publisher;
        this.grace = grace;
    }

    /** Takes a message; {@link #start} starts the consumers. */
    @RabbitListener(id = CONTAINER, queues = "${tomp3.queues.video}", autoStartup = "false")
    void onMessage(Message message) {
        Event.VideoUploaded event = Event.read(message, Event.VideoUploaded.class);
        boolean settled;
        try {
            settled = worker.runNextJob();
        } catch (RuntimeException e) {
            // a requeued message would be redelivered at once
            if (e instanceof DataAccessException)
                log.warn("The job store cannot be reached: {}", e.toString());
            else log.error("A worker failed with an internal error", e);
            publisher.publish(event, Delay.FIVE_SECONDS);
            return;
        }
        if (!settled) throw new ImmediateRequeueAmqpException("This worker stops");
    }

    /** Logs an exception of {@link #onMessage}, without a stack trace if it is expected. */
    static void logFailure(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof AmqpRejectAndDontRequeueException) {
            log.warn(
                    "A message that cannot be read goes to the dead-letter queue: {}",
                    cause.toString());
        } else if (cause instanceof ImmediateRequeueAmqpException) {
            log.debug("A message goes back to the queue: {}", cause.toString());
        } else {
            log.error("A message could not be handled and goes back to the queue", failure);
        }
    }

    private MessageListenerContainer container() {
        return Objects.requireNonNull(containers.getListenerContainer(CONTAINER));
    }

    @Override
    public void start() {
        container().start();
    }

    @Override
    public boolean isRunning() {
        return container().isRunning();
    }

    @Override
    public void stop() {
        Duration patience = grace.multipliedBy(2).dividedBy(3);
        worker.finishWithin(patience);
        CountDownLatch stopped = new CountDownLatch(1);
        // cancelling the consumers waits for the broker
        Thread.ofVirtual().start(() -> container().stop(stopped::countDown));
        try {
            if (stopped.await(patience.toMillis(), TimeUnit.MILLISECONDS)) return;
            worker.finishWithin(Duration.ZERO);
            if (!stopped.await(grace.minus(patience).toMillis(), TimeUnit.MILLISECONDS))
                log.warn("Stopping while jobs run: their leases will expire");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
