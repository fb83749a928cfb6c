package dev.tomp3.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.SocketConfigurator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.AmqpAuthenticationException;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.Declarable;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

class EmbeddedBrokerTest {
    private EmbeddedBroker broker;
    private CachingConnectionFactory connections;
    private RabbitTemplate template;

    @BeforeEach
    void start() {
        use(() -> EmbeddedBroker.start(null, 0, "tomp3", "secret"));
    }

    @AfterEach
    void stop() {
        connections.destroy();
        broker.close();
    }

    @Test
    void rejects_a_wrong_password_and_an_unknown_user() {
        for (String[] login :
                new String[][] {{"tomp3", "wrong"}, {"guest", "guest"}, {"tomp3", ""}}) {
            CachingConnectionFactory intruder =
                    new CachingConnectionFactory("127.0.0.1", broker.port());
            intruder.setUsername(login[0]);
            intruder.setPassword(login[1]);
            assertThatThrownBy(intruder::createConnection)
                    .isInstanceOf(AmqpAuthenticationException.class);
            intruder.destroy();
        }
    }

    @Test
    void listens_on_loopback_only() throws IOException {
        List<InetAddress> others =
                NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .filter(address -> !address.isLoopbackAddress())
                        .toList();
        for (InetAddress address : others) {
            try (Socket socket = new Socket()) {
                assertThatThrownBy(() ->
                                socket.connect(new InetSocketAddress(address, broker.port()), 500))
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void fails_to_start_on_a_port_in_use() {
        assertThatThrownBy(() -> EmbeddedBroker.start(null, broker.port(), "tomp3", "secret"))
                .hasMessageContaining(String.valueOf(broker.port()));
    }

    @Test
    void dead_letters_a_rejected_message_with_its_routing_key() throws Exception {
        declareTopology();
        template.convertAndSend("tomp3.work", "video", "by exchange");
        template.convertAndSend("", "video", "by queue name");
        try (Connection connection = client()) {
            Channel channel = connection.createChannel();
            for (int i = 0; i < 2; i++) {
                channel.basicReject(take(channel, "video").getEnvelope().getDeliveryTag(), false);
            }
            assertThat(text(take(channel, "video.dead"))).isEqualTo("by exchange");
            GetResponse second = take(channel, "video.dead");
            assertThat(text(second)).isEqualTo("by queue name");
            assertThat(second.getEnvelope().getRoutingKey()).isEqualTo("video");
            assertThat(channel.basicGet("video", false)).isNull();
        }
    }

    @Test
    void dead_letters_a_message_that_a_listener_rejects() {
        declareTopology();
        SimpleMessageListenerContainer listener = new SimpleMessageListenerContainer(connections);
        listener.setQueueNames("video");
        listener.setMessageListener(message -> {
            throw new AmqpRejectAndDontRequeueException("unreadable");
        });
        listener.start();
        template.convertAndSend("", "video", "unreadable");
        Message dead = template.receive("video.dead", 10_000);
        listener.stop();
        assertThat(dead).isNotNull();
        assertThat(new String(dead.getBody(), StandardCharsets.UTF_8)).isEqualTo("unreadable");
    }

    @Test
    void returns_an_expired_message_from_a_delay_queue_to_its_work_queue() {
        declareTopology();
        long start = System.nanoTime();
        template.convertAndSend("tomp3.retry.1s", "video", "later");
        assertThat(template.receive("video", 10_000)).isNotNull();
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(900), Duration.ofMillis(3000));
    }

    @Test
    void redelivers_a_message_that_its_consumer_requeues() throws Exception {
        declareTopology();
        template.convertAndSend("", "video", "again");
        try (Connection connection = client()) {
            Channel channel = connection.createChannel();
            for (int i = 0; i < 5; i++) {
                channel.basicNack(
                        take(channel, "video").getEnvelope().getDeliveryTag(), false, true);
            }
            assertThat(text(take(channel, "video"))).isEqualTo("again");
        }
    }

    @Test
    void redelivers_a_message_of_a_lost_consumer_which_can_still_be_rejected() throws Exception {
        declareTopology();
        template.convertAndSend("", "video", "held");
        for (int i = 0; i < 5; i++) {
            AtomicReference<Socket> socket = new AtomicReference<>();
            Connection connection = client(socket::set);
            assertThat(text(take(connection.createChannel(), "video"))).isEqualTo("held");
            socket.get().close();
        }
        try (Connection connection = client()) {
            Channel channel = connection.createChannel();
            GetResponse held = take(channel, "video");
            assertThat(held.getEnvelope().isRedeliver()).isTrue();
            channel.basicReject(held.getEnvelope().getDeliveryTag(), false);
            assertThat(text(take(channel, "video.dead"))).isEqualTo("held");
        }
    }

    @Test
    void reports_an_unroutable_message_to_its_publisher() throws Exception {
        declareTopology();
        CorrelationData lost = new CorrelationData("lost");
        template.convertAndSend("tomp3.work", "nowhere", "lost", lost);
        boolean confirmed = lost.getFuture().get(10, TimeUnit.SECONDS).ack();
        await().untilAsserted(() -> assertThat(!confirmed || lost.getReturned() != null).isTrue());

        CorrelationData kept = new CorrelationData("kept");
        template.convertAndSend("tomp3.work", "video", "kept", kept);
        assertThat(kept.getFuture().get(10, TimeUnit.SECONDS).ack()).isTrue();
        assertThat(kept.getReturned()).isNull();
    }

    @Test
    void a_passive_declaration_counts_ready_and_unacknowledged_messages() throws Exception {
        declareTopology();
        for (int i = 0; i < 3; i++) {
            template.convertAndSend("", "video", "x");
        }
        try (Connection connection = client()) {
            Channel channel = connection.createChannel();
            assertThat(channel.queueDeclarePassive("video").getMessageCount()).isEqualTo(3);
            take(channel, "video");
            assertThat(channel.queueDeclarePassive("video").getMessageCount()).isEqualTo(3);
        }
    }

    @Test
    void delivers_one_message_at_a_time_with_prefetch_one() throws Exception {
        declareTopology();
        template.convertAndSend("", "video", "1");
        template.convertAndSend("", "video", "2");
        try (Connection connection = client()) {
            Channel channel = connection.createChannel();
            channel.basicQos(1);
            BlockingQueue<Long> tags = new LinkedBlockingQueue<>();
            channel.basicConsume(
                    "video",
                    false,
                    (tag, delivery) -> tags.add(delivery.getEnvelope().getDeliveryTag()),
                    tag -> {});
            Long first = tags.poll(10, TimeUnit.SECONDS);
            assertThat(tags.poll(300, TimeUnit.MILLISECONDS)).isNull();
            channel.basicAck(first, false);
            assertThat(tags.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
    }

    @Test
    void a_repeated_declaration_changes_nothing() {
        declareTopology();
        template.convertAndSend("", "video", "kept");
        declareTopology();
        assertThat(template.receive("video", 10_000)).isNotNull();
    }

    @Test
    void messages_and_topology_survive_a_restart(@TempDir Path directory) {
        use(() -> EmbeddedBroker.start(directory, 0, "tomp3", "secret"));
        declareTopology();
        template.convertAndSend("tomp3.work", "video", "kept");
        use(() -> EmbeddedBroker.start(directory, 0, "tomp3", "another secret"), "another secret");
        declareTopology();
        template.convertAndSend("tomp3.work", "video", "new");
        assertThat(template.receiveAndConvert("video", 10_000)).isEqualTo("kept");
        assertThat(template.receiveAndConvert("video", 10_000)).isEqualTo("new");
    }

    @Test
    void a_confirmed_message_survives_a_sigkill(@TempDir Path directory) throws Exception {
        List<String> confirmed = KilledJvm.run(KilledBroker.class, directory, 30);
        use(() -> EmbeddedBroker.start(directory, 0, "tomp3", "secret"));
        for (String message : confirmed) {
            assertThat(template.receiveAndConvert("video", 10_000)).isEqualTo(message);
        }
    }

    @Test
    void serves_its_clients_during_the_shutdown_of_the_jvm_until_it_is_closed(
            @TempDir Path directory) throws Exception {
        assertThat(KilledJvm.run(ShutdownBroker.class, directory, 1)).containsExactly("confirmed");
    }

    /** Exits, and publishes in a shutdown hook. */
    static final class ShutdownBroker {
        public static void main(String[] args) {
            EmbeddedBrokerTest test = new EmbeddedBrokerTest();
            test.use(() -> EmbeddedBroker.start(Path.of(args[0]), 0, "tomp3", "secret"));
            test.declareTopology();
            Runtime.getRuntime().addShutdownHook(new Thread(test::publishLate));
            System.exit(0);
        }
    }

    private void publishLate() {
        try {
            // enough time for a broker with a shutdown hook of its own to stop
            boolean never = new CountDownLatch(1).await(2, TimeUnit.SECONDS);
            CorrelationData correlation = new CorrelationData();
            template.convertAndSend("", "video", "late", correlation);
            boolean ack = correlation.getFuture().get(10, TimeUnit.SECONDS).ack();
            System.out.println(ack && !never ? "confirmed" : "rejected");
        } catch (Exception e) {
            System.out.println(e);
        }
    }

    /** Publishes, and prints each message once it is confirmed. */
    static final class KilledBroker {
        public static void main(String[] args) throws Exception {
            EmbeddedBrokerTest test = new EmbeddedBrokerTest();
            test.use(() -> EmbeddedBroker.start(Path.of(args[0]), 0, "tomp3", "secret"));
            test.declareTopology();
            for (int i = 0; ; i++) {
                CorrelationData correlation = new CorrelationData();
                test.template.convertAndSend("", "video", "message " + i, correlation);
                if (correlation.getFuture().get(10, TimeUnit.SECONDS).ack()) {
                    System.out.println("message " + i);
                }
            }
        }
    }

    private void use(Supplier<EmbeddedBroker> started) {
        use(started, "secret");
    }

    private void use(Supplier<EmbeddedBroker> started, String password) {
        if (broker != null) {
            stop();
        }
        broker = started.get();
        connections = new CachingConnectionFactory("127.0.0.1", broker.port());
        connections.setUsername("tomp3");
        connections.setPassword(password);
        connections.setPublisherConfirmType(CachingConnectionFactory.ConfirmType.CORRELATED);
        connections.setPublisherReturns(true);
        template = new RabbitTemplate(connections);
        template.setMandatory(true);
    }

    private Connection client() throws Exception {
        return client(socket -> {});
    }

    private Connection client(SocketConfigurator socket) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setSocketConfigurator(socket);
        factory.setHost("127.0.0.1");
        factory.setPort(broker.port());
        factory.setUsername("tomp3");
        factory.setPassword("secret");
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection();
    }

    /** The topology of the services, with the same arguments. */
    private void declareTopology() {
        RabbitAdmin admin = new RabbitAdmin(connections);
        QpidDeclarables translation = new QpidDeclarables();
        DirectExchange work = new DirectExchange("tomp3.work");
        DirectExchange dead = new DirectExchange("tomp3.dead");
        DirectExchange retry = new DirectExchange("tomp3.retry.1s");
        List.of(work, dead, retry).forEach(admin::declareExchange);
        Queue deadQueue =
                new Queue("video.dead", true, false, false, Map.of("x-queue-type", "quorum"));
        Queue queue =
                new Queue(
                        "video",
                        true,
                        false,
                        false,
                        Map.of(
                                "x-queue-type", "quorum",
                                "x-dead-letter-exchange", "tomp3.dead",
                                "x-dead-letter-strategy", "at-least-once",
                                "x-overflow", "reject-publish",
                                "x-consumer-timeout", 86_400_000L,
                                "x-delivery-limit", -1));
        Queue delay =
                new Queue(
                        "video.retry.1s",
                        true,
                        false,
                        false,
                        Map.of(
                                "x-queue-type", "quorum",
                                "x-dead-letter-exchange", "tomp3.work",
                                "x-dead-letter-strategy", "at-least-once",
                                "x-overflow", "reject-publish",
                                "x-message-ttl", 1000L));
        for (Declarable declarable : List.of(deadQueue, queue, delay)) {
            admin.declareQueue((Queue) translation.apply(declarable));
        }
        List<Binding> bindings =
                List.of(
                        BindingBuilder.bind(queue).to(work).with("video"),
                        BindingBuilder.bind(deadQueue).to(dead).with("video"),
                        BindingBuilder.bind(delay).to(retry).with("video"));
        bindings.forEach(admin::declareBinding);
    }

    private static GetResponse take(Channel channel, String queue) {
        return await().until(() -> channel.basicGet(queue, false), response -> response != null);
    }

    private static String text(GetResponse response) {
        return new String(response.getBody(), StandardCharsets.UTF_8);
    }
}
