package dev.tomp3.jobs.queue;

import dev.tomp3.servers.TestBroker;
import dev.tomp3.servers.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Declarable;
import org.springframework.amqp.core.Exchange;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueInformation;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/** A broker with the queues, and a publisher. */
public final class Broker {
    private static final Queues QUEUES = new Queues("video", "mp3");

    public Publisher publisher;
    final CachingConnectionFactory connections;
    final RabbitTemplate rabbit;
    final RabbitAdmin admin;
    final TestBroker server;

    public Broker() {
        this(TestBroker.empty());
    }

    Broker(TestBroker server) {
        this(server, server.host(), server.port(), 2000);
    }

    private Broker(TestBroker server, String host, int port, int answerTimeout) {
        this.server = server;
        connections = connect(host, port);
        connections.getRabbitConnectionFactory().setChannelRpcTimeout(answerTimeout);
        rabbit = new RabbitTemplate(connections);
        rabbit.setMandatory(true);
        QueueConfiguration.publishOverOwnConnection().customize(rabbit);
        admin = new RabbitAdmin(connections);
        declare();
        publisher = new Publisher(rabbit, admin, QUEUES);
    }

    /** To the same broker, through a wire, and with no limit for its answers. */
    public Broker through(Wire wire) {
        return new Broker(server, "127.0.0.1", wire.port(), 0);
    }

    public Wire wire() throws IOException {
        return new Wire(server.host(), server.port());
    }

    /** Closes the connections to a broker that others use. */
    public void disconnect() throws InterruptedException {
        publisher.destroy();
        connections.destroy();
    }

    CachingConnectionFactory connect(String host, int port) {
        CachingConnectionFactory connections = new CachingConnectionFactory(host, port);
        Object _ =
                QueueConfiguration.connectionSettings()
                        .postProcessBeforeInitialization(connections, "connections");
        connections.setUsername(server.user());
        connections.setPassword(server.password());
        connections.setVirtualHost(server.virtualHost());
        connections.setPublisherConfirmType(ConfirmType.CORRELATED);
        connections.setPublisherReturns(true);
        return connections;
    }

    void declare() {
        Topology.declarables(QUEUES).getDeclarables().forEach(this::declare);
    }

    void declare(Declarable declarable) {
        switch (server.declarables().apply(declarable)) {
            case Exchange exchange -> admin.declareExchange(exchange);
            case Queue queue -> admin.declareQueue(queue);
            case Binding binding -> admin.declareBinding(binding);
            default -> throw new IllegalStateException(declarable.toString());
        }
    }

    /** Empties the queues after all published messages have arrived. */
    public void empty() throws InterruptedException {
        publisher.destroy();
        QUEUES.names().forEach(admin::purgeQueue);
        publisher = new Publisher(rabbit, admin, QUEUES);
    }

    /** The number of messages in the queue. */
    public long count(String queue) {
        QueueInformation information = admin.getQueueInfo(queue);
        return information == null ? -1 : information.getMessageCount();
    }

    /** The next event in the queue; null when it is empty. */
    public @Nullable Event take(String queue) {
        Message message = rabbit.receive(queue);
        return message == null ? null : Event.read(message, Event.class);
    }

    /** Runs the action while a consumer holds this many messages; then they are requeued. */
    public void holding(String queue, int messages, Runnable action) {
        rabbit.execute(channel -> {
            List<Long> held = new ArrayList<>();
            for (int i = 0; i < messages; i++)
                held.add(channel.basicGet(queue, false).getEnvelope().getDeliveryTag());
            action.run();
            for (long tag : held) channel.basicReject(tag, true);
            return null;
        });
    }

    public void stop() throws InterruptedException {
        disconnect();
        server.close();
    }
}
