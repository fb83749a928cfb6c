package dev.tomp3.jobs.queue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import dev.tomp3.platform.Dependency;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.Declarable;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;

/**
 * Declares the queues. Every service that uses them declares them identically, because RabbitMQ
 * refuses to declare an existing queue with other arguments.
 *
 * <pre>
 * tomp3.work        video -> video        mp3 -> mp3
 * tomp3.dead        video -> video.dead   mp3 -> mp3.dead     unreadable messages
 * tomp3.retry.5s    video -> video.retry.5s -- after 5 s --> tomp3.work      one for each {@link Delay}
 * </pre>
 *
 * The routing key is always the name of the target queue, so that a dead letter keeps its routing
 * key.
 */
final class Topology implements Dependency {
    static final String WORK = "tomp3.work";
    private static final String DEAD = "tomp3.dead";
    private static final String RETRY = "tomp3.retry.";

    /**
     * Longer than any conversion, so that RabbitMQ does not redeliver the message of a busy worker.
     */
    private static final Duration CONSUMER_TIMEOUT = Duration.ofHours(24);

    private final AmqpAdmin admin;
    private final Queues queues;
    private final String virtualHost;
    private final String user;

    Topology(AmqpAdmin admin, Queues queues, String virtualHost, String user) {
        this.admin = admin;
        this.queues = queues;
        this.virtualHost = virtualHost;
        this.user = user;
    }

    static Declarables declarables(Queues queues) {
        List<Declarable> all = new ArrayList<>();
        DirectExchange work = add(all, new DirectExchange(WORK));
        DirectExchange dead = add(all, new DirectExchange(DEAD));
        for (String name : queues.names()) {
            Queue queue =
                    quorum(name, DEAD)
                            .withArgument("x-consumer-timeout", CONSUMER_TIMEOUT.toMillis())
                            // the job counts its failures itself
                            .withArgument("x-delivery-limit", -1)
                            .build();
            all.add(queue);
            all.add(bind(queue, work, name));
            Queue letters = quorum(name + ".dead").build();
            all.add(letters);
            all.add(bind(letters, dead, name));
        }
        for (Delay delay : Delay.values()) {
            DirectExchange retry = add(all, new DirectExchange(exchange(delay)));
            for (String name : queues.names()) {
                Queue queue =
                        quorum(name + ".retry." + delay.label(), WORK)
                                .ttl(Math.toIntExact(delay.duration().toMillis()))
                                .build();
                all.add(queue);
                all.add(bind(queue, retry, name));
            }
        }
        return new Declarables(all);
    }

    static String exchange(Delay delay) {
        return RETRY + delay.label();
    }

    @Override
    public String name() {
        return "rabbitmq";
    }

    @Override
    public void initialize() throws UnusableException {
        try {
            admin.initialize();
        } catch (AmqpException e) {
            if (refused(e)) throw new UnusableException(remedy(e));
            throw e;
        }
    }

    @Override
    public void probe() {
        // also null when the connection breaks during the call
        if (admin.getQueueInfo(queues.video()) == null)
            throw new IllegalStateException("RabbitMQ does not know " + queues.video());
    }

    private String remedy(AmqpException e) {
        String reason = String.valueOf(e.getMessage());
        String queue =
                queues.names().stream()
                        .filter(name -> reason.contains("'" + name + "'"))
                        .findFirst()
                        .orElse(queues.video());
        String address =
                "http://RABBITMQ:15672/api/queues/" + encoded(virtualHost) + "/" + encoded(queue);
        return """
        A queue exists in RabbitMQ with other arguments than this system needs (%s). Stop its users, save its \
        messages and delete it, then start again (curl asks for the password; RABBITMQ is the host of the \
        management page):
          curl -f -u %s -o %s.messages.json -d '{"count":1000000,"ackmode":"ack_requeue_true","encoding":"auto"}' %s/get
          curl -f -u %s -X DELETE %s\
        """
                .formatted(reason, user, queue, address, user, address);
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static boolean refused(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ShutdownSignalException signal
                    && signal.getReason() instanceof AMQP.Channel.Close close) {
                return close.getReplyCode() == AMQP.PRECONDITION_FAILED;
            }
        }
        return false;
    }

    private static QueueBuilder quorum(String name) {
        return QueueBuilder.durable(name).quorum().withArgument("x-overflow", "reject-publish");
    }

    private static QueueBuilder quorum(String name, String deadLetterExchange) {
        return quorum(name)
                .deadLetterExchange(deadLetterExchange)
                .withArgument("x-dead-letter-strategy", "at-least-once");
    }

    private static Binding bind(Queue queue, DirectExchange exchange, String key) {
        return BindingBuilder.bind(queue).to(exchange).with(key);
    }

    private static <D extends Declarable> D add(List<Declarable> all, D declarable) {
        all.add(declarable);
        return declarable;
    }
}
