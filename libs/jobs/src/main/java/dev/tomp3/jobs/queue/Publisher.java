package dev.tomp3.jobs.queue;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.QueueInformation;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.DisposableBean;

/**
 * Publishes events without making the caller wait for the broker. An event that is not sent or not
 * confirmed is logged, and the sweeper publishes it again for as long as the job needs it.
 */
public final class Publisher implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);
    private static final int BACKLOG = 1000;
    private static final Duration SHUTDOWN = Duration.ofSeconds(2);

    private final RabbitTemplate rabbit;
    private final AmqpAdmin admin;
    private final Queues queues;
    // one thread, so that a broker that does not answer blocks one connection attempt and not a
    // thousand requests
    private final ExecutorService sender =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(BACKLOG),
                    Thread.ofPlatform().name("publisher").daemon().factory());

    Publisher(RabbitTemplate rabbit, AmqpAdmin admin, Queues queues) {
        this.rabbit = rabbit;
        this.admin = admin;
        this.queues = queues;
    }

    public void publish(Event event) {
        submit(Topology.WORK, event);
    }

    public void publish(Event event, Delay delay) {
        submit(Topology.exchange(delay), event);
    }

    /**
     * The number of wake-ups that wait for a worker.
     *
     * @throws AmqpException when the broker cannot be asked
     */
    public int waitingVideos() {
        return waiting(queues.video());
    }

    /**
     * The number of outcomes that wait for the notifier.
     *
     * @throws AmqpException when the broker cannot be asked
     */
    public int waitingMp3s() {
        return waiting(queues.mp3());
    }

    @Override
    public void destroy() throws InterruptedException {
        sender.shutdown();
        if (!sender.awaitTermination(SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS))
            sender.shutdownNow();
    }

    private int waiting(String queue) {
        QueueInformation information = admin.getQueueInfo(queue);
        // also null when the connection breaks during the call
        if (information == null) throw new AmqpException("No answer about the queue " + queue);
        return Math.toIntExact(information.getMessageCount());
    }

    private void submit(String exchange, Event event) {
        try {
            sender.execute(() -> send(exchange, event));
        } catch (RejectedExecutionException e) {
            log.debug("Not sent, left to the sweeper: {}", event);
        }
    }

    private void send(String exchange, Event event) {
        try {
            CorrelationData correlation = new CorrelationData(event.job());
            rabbit.send(exchange, queues.of(event), event.toMessage(), correlation);
            var _ =
                    correlation
                            .getFuture()
                            .whenComplete((confirm, failure) -> {
                                if (failure != null
                                        || !confirm.ack()
                                        || correlation.getReturned() != null) {
                                    log.warn("Not confirmed, left to the sweeper: {}", event);
                                }
                            });
        } catch (AmqpException e) {
            log.warn("Not sent, left to the sweeper: {} ({})", event, e.toString());
        }
    }
}
