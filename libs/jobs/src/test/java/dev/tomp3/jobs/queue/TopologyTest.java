package dev.tomp3.jobs.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tomp3.jobs.queue.Event.ConversionFailed;
import dev.tomp3.jobs.queue.Event.Mp3Ready;
import dev.tomp3.jobs.queue.Event.VideoUploaded;
import dev.tomp3.servers.Wire;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@Tag("back-end")
@ExtendWith(OutputCaptureExtension.class)
class TopologyTest {
    private static final VideoUploaded UPLOADED = new VideoUploaded("652f1b2c3d4e5f6071829304");
    private static final Mp3Ready READY = new Mp3Ready("652f1b2c3d4e5f6071829304", "ada");

    private final Broker broker = new Broker();

    @AfterEach
    void stop() throws InterruptedException {
        broker.stop();
    }

    @Test
    void an_event_goes_to_its_queue(CapturedOutput output) {
        ConversionFailed failed = new ConversionFailed(UPLOADED.job(), "ada");
        broker.publisher.publish(UPLOADED);
        broker.publisher.publish(READY);
        broker.publisher.publish(failed);
        await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(2));
        assertThat(broker.publisher.waitingVideos()).isEqualTo(1);
        assertThat(broker.take("video")).isEqualTo(UPLOADED);
        // in either order: each may have used a channel of its own
        assertThat(List.of(broker.take("mp3"), broker.take("mp3")))
                .containsExactlyInAnyOrder(READY, failed);
        assertThat(output).doesNotContain("Not confirmed", "Not sent");
    }

    @Test
    void a_delayed_event_returns_to_its_queue_after_its_delay() {
        broker.publisher.publish(READY, Delay.HALF_A_MINUTE);
        broker.publisher.publish(READY, Delay.FIVE_SECONDS);
        await().untilAsserted(() -> assertThat(broker.count("mp3.retry.5s")).isEqualTo(1));
        long sent = System.nanoTime();
        assertThat(broker.count("mp3")).isZero();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(1));
        assertThat(Duration.ofNanos(System.nanoTime() - sent)).isGreaterThan(Duration.ofSeconds(4));
        assertThat(broker.take("mp3")).isEqualTo(READY);
        // the longer delay neither blocked it nor ended with it
        assertThat(broker.count("mp3.retry.30s")).isEqualTo(1);
        assertThat(broker.count("video")).isZero();
    }

    @Test
    void a_broker_without_the_queue_fails_the_probe() {
        Topology topology = new Topology(broker.admin, new Queues("video", "mp3"), "/", "tomp3");
        topology.probe();
        broker.admin.deleteQueue("video");
        assertThatThrownBy(topology::probe).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_rejected_message_is_a_dead_letter_of_its_queue() {
        SimpleMessageListenerContainer listener =
                new SimpleMessageListenerContainer(broker.connections);
        listener.setQueueNames("video", "mp3");
        listener.setMessageListener(message -> {
            throw new AmqpRejectAndDontRequeueException("rubbish");
        });
        listener.start();
        try {
            broker.publisher.publish(UPLOADED);
            broker.publisher.publish(READY);
            await().untilAsserted(() -> {
                assertThat(broker.count("video.dead")).isEqualTo(1);
                assertThat(broker.count("mp3.dead")).isEqualTo(1);
            });
        } finally {
            listener.stop();
        }
        assertThat(broker.take("video.dead")).isEqualTo(UPLOADED);
        assertThat(broker.take("mp3.dead")).isEqualTo(READY);
    }

    @Test
    void unreadable_messages_become_dead_letters_once_and_block_no_other() {
        List<Event> read = new CopyOnWriteArrayList<>();
        AtomicInteger deliveries = new AtomicInteger();
        SimpleMessageListenerContainer listener =
                listener(
                        broker.connections,
                        message -> {
                            deliveries.incrementAndGet();
                            read.add(Event.read(message, VideoUploaded.class));
                        });
        try {
            for (int i = 0; i < 5; i++) {
                broker.publisher.publish(UPLOADED);
                broker.rabbit.send("", "video", new Message("{\"type\":".getBytes(UTF_8)));
                broker.rabbit.send(Topology.WORK, "video", READY.toMessage());
            }
            await().untilAsserted(() -> assertThat(broker.count("video.dead")).isEqualTo(10));
            await().untilAsserted(() -> assertThat(read).hasSize(5).containsOnly(UPLOADED));
            assertThat(broker.count("video")).isZero();
        } finally {
            listener.stop();
        }
        assertThat(deliveries).hasValue(15);
    }

    @Test
    void a_message_held_over_a_broken_connection_is_redelivered() throws Exception {
        Wire wire = new Wire(broker.server.host(), broker.server.port());
        CachingConnectionFactory connections = broker.connect("127.0.0.1", wire.port());
        List<Boolean> redelivered = new CopyOnWriteArrayList<>();
        CountDownLatch broken = new CountDownLatch(1);
        SimpleMessageListenerContainer listener =
                listener(
                        connections,
                        message -> {
                            redelivered.add(message.getMessageProperties().isRedelivered());
                            if (redelivered.size() == 1) awaitQuietly(broken);
                        });
        try {
            broker.publisher.publish(UPLOADED);
            await().until(() -> redelivered.size() == 1);
            wire.cut();
            wire.mend();
            long mended = System.nanoTime();
            broken.countDown();
            await().atMost(Duration.ofSeconds(20)).until(() -> redelivered.size() == 2);
            assertThat(Duration.ofNanos(System.nanoTime() - mended))
                    .isLessThan(Duration.ofSeconds(10));
            assertThat(redelivered).containsExactly(false, true);
        } finally {
            listener.stop();
            connections.destroy();
            wire.close();
        }
    }

    /** As the services have them. */
    private static SimpleMessageListenerContainer listener(
            ConnectionFactory connections, MessageListener action) {
        SimpleMessageListenerContainer listener = new SimpleMessageListenerContainer(connections);
        listener.setQueueNames("video");
        listener.setPrefetchCount(1);
        listener.setMissingQueuesFatal(false);
        listener.setRecoveryInterval(2000);
        listener.setMessageListener(action);
        listener.start();
        return listener;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void an_event_that_reaches_no_queue_is_logged(CapturedOutput output) {
        broker.admin.deleteQueue("video");
        broker.publisher.publish(UPLOADED);
        await().untilAsserted(() ->
                assertThat(output)
                        .containsOnlyOnce("Not confirmed, left to the sweeper: " + UPLOADED));
    }

    @Test
    void can_be_declared_twice() {
        broker.publisher.publish(UPLOADED);
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(1));
        broker.declare();
        assertThat(broker.take("video")).isEqualTo(UPLOADED);
    }

    /** A change of any argument needs new queues in every installation. */
    @Test
    void declares_queues_that_lose_nothing() {
        List<Queue> queues =
                Topology.declarables(new Queues("video", "mp3"))
                        .getDeclarablesByType(Queue.class)
                        .stream()
                        .toList();
        assertThat(queues)
                .allSatisfy(queue -> {
                    assertThat(queue.isDurable()).isTrue();
                    assertThat(queue.getArguments())
                            .containsEntry("x-queue-type", "quorum")
                            .containsEntry("x-overflow", "reject-publish");
                    if (queue.getArguments().containsKey("x-dead-letter-exchange")) {
                        assertThat(queue.getArguments())
                                .containsEntry("x-dead-letter-strategy", "at-least-once");
                    }
                });
        assertThat(queues)
                .filteredOn(queue -> Set.of("video", "mp3").contains(queue.getName()))
                .hasSize(2)
                .allSatisfy(queue ->
                        assertThat(queue.getArguments())
                                .containsEntry("x-dead-letter-exchange", "tomp3.dead")
                                .containsEntry("x-consumer-timeout", 86_400_000L));
        assertThat(queues.stream().map(Queue::getName).collect(Collectors.toSet()))
                .contains("video.dead", "mp3.dead")
                .hasSize(2 * (2 + Delay.values().length));
    }

    @Test
    void delays_grow_up_to_the_longest() {
        assertThat(Arrays.stream(new int[] {1, 2, 3, 4, 5, 100}).mapToObj(Delay::after))
                .containsExactly(
                        Delay.FIVE_SECONDS,
                        Delay.HALF_A_MINUTE,
                        Delay.TWO_MINUTES,
                        Delay.TEN_MINUTES,
                        Delay.TEN_MINUTES,
                        Delay.TEN_MINUTES);
    }
}
