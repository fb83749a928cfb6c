package dev.tomp3.jobs.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.tomp3.jobs.queue.Event.VideoUploaded;
import dev.tomp3.platform.Dependency.UnusableException;
import dev.tomp3.servers.RabbitMq;
import dev.tomp3.servers.TestBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What only RabbitMQ itself can show. */
@Tag("back-end")
@Tag("rabbitmq")
class RabbitMqTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Queues QUEUES = new Queues("video", "mp3");
    private static final VideoUploaded UPLOADED = new VideoUploaded("652f1b2c3d4e5f6071829304");

    private final RabbitMq server = (RabbitMq) TestBroker.empty();
    private final Broker broker = new Broker(server);

    @AfterEach
    void stop() throws InterruptedException {
        broker.stop();
    }

    @Test
    void honours_every_declared_argument() {
        for (Queue queue : Topology.declarables(QUEUES).getDeclarablesByType(Queue.class)) {
            JsonNode standing = queue(queue.getName());
            assertThat(standing.path("type").asString()).isEqualTo("quorum");
            assertThat(standing.path("durable").asBoolean()).isTrue();
            Map<String, String> arguments = new HashMap<>();
            standing.path("arguments")
                    .forEachEntry((name, value) -> arguments.put(name, value.asString()));
            Map<String, String> declared = new HashMap<>();
            queue.getArguments().forEach((name, value) -> declared.put(name, value.toString()));
            assertThat(arguments).isEqualTo(declared);
        }
    }

    private JsonNode queue(String name) {
        return JSON.readTree(
                server.manage("GET", "queues/" + server.virtualHost() + "/" + name, ""));
    }

    @Test
    void a_classic_queue_stops_the_start_and_the_printed_commands_save_its_messages(
            @TempDir Path directory) throws Exception {
        broker.admin.deleteQueue("video");
        broker.admin.declareQueue(QueueBuilder.durable("video").classic().build());
        List<String> bodies =
                IntStream.range(0, 250).mapToObj(i -> "{\"video_fid\": \"ä" + i + "\"}").toList();
        for (String body : bodies)
            broker.rabbit.send("", "video", new Message(body.getBytes(StandardCharsets.UTF_8)));

        UnusableException refusal = catchThrowableOfType(UnusableException.class, this::make);

        assertThat(refusal).hasMessageContaining("A queue exists in RabbitMQ with other arguments");
        List<String> commands =
                refusal.getMessage().lines().filter(line -> line.startsWith("  curl ")).toList();
        assertThat(commands).hasSize(2);
        for (String command : commands) run(command, directory);
        JsonNode kept = JSON.readTree(Files.readAllBytes(directory.resolve("video.messages.json")));
        assertThat(kept.valueStream().map(message -> message.get("payload").asString()))
                .containsExactlyInAnyOrderElementsOf(bodies);
        make();
        assertThat(queue("video").path("type").asString()).isEqualTo("quorum");
    }

    /** As a service does when it starts. */
    private void make() throws UnusableException {
        CachingConnectionFactory connections = broker.connect(server.host(), server.port());
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            context.registerBean(Declarables.class, () -> Topology.declarables(QUEUES));
            context.refresh();
            RabbitAdmin admin = new RabbitAdmin(connections);
            admin.setApplicationContext(context);
            ((RabbitAdmin)
                            QueueConfiguration.connectionSettings()
                                    .postProcessBeforeInitialization(admin, "admin"))
                    .afterPropertiesSet();
            new Topology(admin, QUEUES, server.virtualHost(), server.user()).initialize();
        } finally {
            connections.destroy();
        }
    }

    /** Runs it as an operator would, with the address and the password filled in. */
    private void run(String command, Path directory) throws Exception {
        String typed =
                command.replace("http://RABBITMQ:15672", server.management().toString())
                        .replace(
                                "-u " + server.user(),
                                "-u " + server.user() + ":" + server.password());
        Process process =
                new ProcessBuilder("sh", "-c", typed)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("said").toFile())
                        .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(() -> contents(directory.resolve("said"))).isZero();
    }

    private static String contents(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Shorter than a day, so that a test can wait for it. */
    @Test
    void a_message_held_beyond_the_consumer_timeout_is_redelivered_and_its_listener_continues()
            throws Exception {
        broker.admin.deleteQueue("video");
        Queue queue =
                Topology.declarables(QUEUES).getDeclarablesByType(Queue.class).stream()
                        .filter(declared -> declared.getName().equals("video"))
                        .findFirst()
                        .orElseThrow();
        queue.getArguments().put("x-consumer-timeout", 2000);
        broker.declare(queue);
        Topology.declarables(QUEUES).getDeclarablesByType(Binding.class).forEach(broker::declare);
        List<String> received = new CopyOnWriteArrayList<>();
        CountDownLatch release = new CountDownLatch(1);
        SimpleMessageListenerContainer listener =
                new SimpleMessageListenerContainer(broker.connections);
        listener.setQueueNames("video");
        listener.setPrefetchCount(1);
        listener.setRecoveryInterval(2000);
        listener.setMessageListener(message -> {
            received.add(new String(message.getBody(), StandardCharsets.UTF_8));
            if (received.size() > 1) return;
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        listener.start();
        try {
            broker.publisher.publish(UPLOADED);
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(1));
            release.countDown();
            await().atMost(Duration.ofSeconds(20)).until(() -> received.size() == 2);
            for (int i = 0; i < 10; i++) broker.publisher.publish(UPLOADED);
            await().untilAsserted(() -> assertThat(received).hasSize(12));
            assertThat(broker.count("video")).isZero();
        } finally {
            listener.stop();
        }
    }
}
