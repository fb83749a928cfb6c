package dev.tomp3.converter;

import dev.tomp3.jobs.queue.Delay;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.jobs.queue.Queues;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.ImmediateRequeueAmqpException;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/**
 * Listens for videos, with as many consumers as there are workers and one message for each. A
 * message only wakes: whoever gets it takes the job whose turn is the first, and keeps the message
 * until that job is settled or given back.
 *
 * <p>A message is acknowledged when its job is settled or not ours any more, when no job waits, and
 * when the job store cannot be reached: then it comes again through a delay queue. It is put back
 * into the queue when this worker stops before the job is done. What cannot be read goes to the
 * dead-letter queue.
 *
 * <p>Stopping: no new messages; jobs that should be done within two thirds of the grace period are
 * finished, and all others go back to the queue at once.
 */
final class VideoListener implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(VideoListener.class);
    private static final Duration BROKER_PAUSE = Duration.ofSeconds(2);

    private final Worker worker;
    private final Publisher publisher;
    private final Duration grace;
    private final SimpleMessageListenerContainer container;

    VideoListener(
            ConnectionFactory connections,
            ApplicationContext declarations,
            Queues queues,
            Worker worker,
            Publisher publisher,
            int workers,
            Duration grace) {
        this.worker = worker;
        this.publisher = publisher;
        this.grace = grace;
        container = new SimpleMessageListenerContainer(connections);
        // a queue that somebody deleted is declared anew
        container.setApplicationContext(declarations);
        container.setAmqpAdmin(declarations.getBean(AmqpAdmin.class));
        container.setQueueNames(queues.video());
        container.setConcurrentConsumers(workers);
        container.setPrefetchCount(1);
        container.setMissingQueuesFatal(false);
        // a connection that breaks while it logs in looks like a wrong password
        container.setPossibleAuthenticationFailureFatal(false);
        container.setFailedDeclarationRetryInterval(BROKER_PAUSE.toMillis());
        container.setRecoveryInterval(BROKER_PAUSE.toMillis());
        container.setShutdownTimeout(grace.toMillis());
        container.setErrorHandler(VideoListener::note);
        container.setMessageListener(this::receive);
        container.afterPropertiesSet();
    }

    private void receive(Message message) {
        Event.VideoUploaded event = Event.read(message, Event.VideoUploaded.class);
        boolean settled;
        try {
            settled = worker.takeOne();
        } catch (RuntimeException e) {
            // not put back: it would come again at once, and again
            if (e instanceof DataAccessException)
                log.warn("The job store cannot be reached: {}", e.toString());
            else log.error("A worker met a fault of ours", e);
            publisher.publish(event, Delay.FIVE_SECONDS);
            return;
        }
        if (!settled) throw new ImmediateRequeueAmqpException("This worker stops");
    }

    private static void note(Throwable failure) {
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

    @Override
    public void start() {
        container.start();
    }

    @Override
    public boolean isRunning() {
        return container.isRunning();
    }

    @Override
    public void stop() {
        CountDownLatch stopped = new CountDownLatch(1);
        container.stop(stopped::countDown);
        Duration patience = grace.multipliedBy(2).dividedBy(3);
        worker.finishWithin(patience);
        try {
            if (!stopped.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                worker.finishWithin(Duration.ZERO);
                if (!stopped.await(grace.minus(patience).toMillis(), TimeUnit.MILLISECONDS)) {
                    log.warn("Stopping with jobs under way: their leases run out");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
